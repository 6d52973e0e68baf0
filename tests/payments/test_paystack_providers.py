"""Which company is asked, from the settings."""

import pytest
from pytest_django import Settings

from payments import providers
from payments.errors import PaymentMethodUnavailable
from payments.providers.paystack import Paystack


def test_one_client_serves_both_ways(settings: Settings) -> None:
    settings.PAYSTACK_SECRET_KEY = "sk_test_of_nobody"
    found = providers.direct("paystack")
    assert isinstance(found, Paystack)
    assert providers.gateway("paystack") is found


@pytest.mark.parametrize("name", ["", "paystack ", "PAYSTACK", "nobody"])
def test_company_we_do_not_know(settings: Settings, name: str) -> None:
    settings.PAYSTACK_SECRET_KEY = "sk_test_of_nobody"
    for find in (providers.gateway, providers.direct):
        with pytest.raises(PaymentMethodUnavailable):
            find(name)


def test_company_without_a_key_is_not_there(settings: Settings) -> None:
    settings.PAYSTACK_SECRET_KEY = ""
    for find in (providers.gateway, providers.direct):
        with pytest.raises(PaymentMethodUnavailable):
            find("paystack")


@pytest.mark.parametrize(("key", "domain"), [("sk_live_x", "live"), ("sk_test_x", "test"), ("", "test")])
def test_the_key_picks_the_mode(key: str, domain: str) -> None:
    gateway = Paystack(base_url="http://127.0.0.1:1", secret_key=key)
    assert gateway.domain == domain
    gateway.close()
