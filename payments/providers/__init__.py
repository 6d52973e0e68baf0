"""Which payment company serves which method, from the settings. A company without a key is not offered."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from payments.errors import PaymentMethodUnavailable
from payments.types import PaymentMethod

from .base import DirectGateway, Gateway
from .paystack import Paystack

_STRIPE = "stripe"
_GATEWAY_OF_METHOD = {
    PaymentMethod.MOMO: Paystack.name,
    PaymentMethod.PAYSTACK: Paystack.name,
    PaymentMethod.STRIPE: _STRIPE,
}


def name_for(method: str) -> str:
    """The gateway that serves `method`. Raises PaymentMethodUnavailable, which names the others."""
    if method not in offered():
        raise PaymentMethodUnavailable(method=method, offered=offered())
    return _GATEWAY_OF_METHOD[PaymentMethod(method)]


def offered() -> list[str]:
    """The methods of `PAYMENT_METHODS` whose gateway has its keys here."""
    served = {str(method) for method, name in _GATEWAY_OF_METHOD.items() if name in configured()}
    return [method for method in settings.PAYMENT_METHODS if method in served]


def configured() -> list[str]:
    """The gateways that have their keys here."""
    has_key = {
        Paystack.name: settings.PAYSTACK_SECRET_KEY,
        _STRIPE: settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET,
    }
    return [name for name, key in has_key.items() if key]


def configured_direct() -> list[str]:
    """Those of them that `direct` gives."""
    return [name for name in configured() if name == Paystack.name]


def answers_disputes(name: str) -> bool:
    """Whether answers to a gateway's disputes are given here, not in its own dashboard. Keys or not."""
    return name == Paystack.name


def gateway(name: str) -> Gateway:
    """Raises PaymentMethodUnavailable when it is not configured."""
    if name not in configured():
        raise PaymentMethodUnavailable
    if name == _STRIPE:
        return _stripe(
            settings.STRIPE_BASE_URL,
            settings.STRIPE_SECRET_KEY,
            settings.STRIPE_WEBHOOK_SECRET,
            settings.STRIPE_PREVIOUS_WEBHOOK_SECRET,
            settings.STRIPE_WEBHOOK_ROTATED_AT,
            settings.STRIPE_READ_SECONDS,
        )
    return _paystack(
        settings.PAYSTACK_BASE_URL,
        settings.PAYSTACK_SECRET_KEY,
        settings.PAYSTACK_PREVIOUS_SECRET_KEY,
        settings.PAYSTACK_KEY_ROTATED_AT,
        settings.PAYSTACK_READ_SECONDS,
    )


def direct(name: str) -> DirectGateway:
    """As `gateway`, for what only some companies do: prompts on phones, saved cards, answers to disputes."""
    found = gateway(name)
    if not isinstance(found, Paystack):
        raise PaymentMethodUnavailable
    return found


@lru_cache(maxsize=8)  # one client, so connections are kept open between calls
def _paystack(
    base_url: str, key: str, previous_key: str, key_rotated_at: datetime | None, read_seconds: float
) -> Paystack:
    return Paystack(
        base_url=base_url,
        secret_key=key,
        previous_key=previous_key,
        key_rotated_at=key_rotated_at,
        read_seconds=read_seconds,
    )


@lru_cache(maxsize=8)
def _stripe(
    base_url: str,
    key: str,
    webhook_secret: str,
    previous_secret: str,
    secret_rotated_at: datetime | None,
    read_seconds: float,
) -> Gateway:
    from .stripe import Stripe  # its SDK is loaded only where it is used

    return Stripe(
        base_url=base_url,
        secret_key=key,
        webhook_secret=webhook_secret,
        previous_secret=previous_secret,
        secret_rotated_at=secret_rotated_at,
        read_seconds=read_seconds,
    )
