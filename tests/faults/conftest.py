import pytest
from pytest_django import Settings

from tests.subscriptions.shop import Shop


@pytest.fixture
def shop(db: None, settings: Settings) -> Shop:
    """Its gateway is given a quarter of a second to answer."""
    settings.PAYSTACK_READ_SECONDS = 0.25
    return Shop()
