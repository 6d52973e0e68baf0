import pytest

from accounts.models import Role
from config.core.models import forget_dated

ROLES = {
    "owner": ["manage", "buy", "subscribe", "refund", "statements"],
    "manager": ["manage", "buy", "subscribe", "refund", "statements"],
    "accountant": ["statements"],
    "cashier": [],
}


@pytest.fixture(autouse=True)
def roles(db):
    """The roles these tests speak of."""
    forget_dated(Role)
    if not Role.objects.exists():
        for slug, capabilities in ROLES.items():
            Role.objects.create(
                slug=slug,
                name=slug.title(),
                daily_ai_cost_usd="1",
                capabilities=capabilities,
                is_owner=slug == "owner",
            )
    yield
    forget_dated(Role)
