import pytest

from .shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()
