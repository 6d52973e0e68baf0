"""Which payment company serves which method, from the settings. A company without a key is not offered."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from payments.errors import PaymentMethodUnavailable
from payments.types import PaymentMethod

from .base import DirectGateway, Gateway
from .paystack import Paystack

_GATEWAY_OF_METHOD = {PaymentMethod.MOMO: Paystack.name, PaymentMethod.PAYSTACK: Paystack.name}


def name_for(method: str) -> str:
    """The gateway that serves `method`. Raises PaymentMethodUnavailable."""
    name = _GATEWAY_OF_METHOD.get(PaymentMethod(method)) if method in PaymentMethod.values else None
    if name is None or method not in settings.PAYMENT_METHODS:
        raise PaymentMethodUnavailable(method=method, offered=settings.PAYMENT_METHODS)
    gateway(name)
    return name


def gateway(name: str) -> Gateway:
    """Raises PaymentMethodUnavailable when it is not configured."""
    if name != Paystack.name or not settings.PAYSTACK_SECRET_KEY:
        raise PaymentMethodUnavailable
    return _paystack(
        settings.PAYSTACK_BASE_URL,
        settings.PAYSTACK_SECRET_KEY,
        settings.PAYSTACK_PREVIOUS_SECRET_KEY,
        settings.PAYSTACK_KEY_ROTATED_AT,
        settings.PAYSTACK_READ_SECONDS,
    )


def direct(name: str) -> DirectGateway:
    """As `gateway`, for what only some companies do: prompts on phones, saved cards, disputes."""
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
