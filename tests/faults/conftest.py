from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop
from tests.support_chat.talking import worker as worker

from .killing import Victims


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


@pytest.fixture(scope="session")
def _victims(django_db_setup: None, django_db_blocker: Any) -> Iterator[Victims]:
    with django_db_blocker.unblock():
        victims = Victims()
    yield victims
    victims.close()


@pytest.fixture
def victims(_victims: Victims, shop: Shop, sandbox: PaystackSandbox) -> Victims:
    assert shop.post("trial/").status_code == 201
    return _victims
