import pytest


@pytest.mark.django_db
def test_smoke():
    from accounts.models import User
    User.objects.create_user("a@b.co")
