"""People who are brought in by others: accounts without a password, who sign in by asking for a new one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

from accounts.errors import AlreadyExists
from accounts.models import Membership, Role, User
from config.core.phone import to_e164

from . import businesses

_LENGTHS = {"email": 254, "name": 120, "business": 120}


@dataclass(frozen=True, kw_only=True)
class Added:
    """`role` is what the member has now: one who was there before keeps theirs."""

    user_id: int
    business_id: UUID
    role: str
    is_new_user: bool
    is_new_member: bool


def owner_role(*, now: datetime) -> str | None:
    """The role of whoever creates a business."""
    return next((role.slug for role in Role.in_force(now) if role.is_owner), None)


def problems(*, email: str, name: str, phone: str, business: str, role: str, now: datetime) -> dict[str, str]:
    """What keeps such a person from being added, by field, and what to do; empty when all is well."""
    found = {}
    given = {"email": email, "name": name, "phone": phone, "business": business, "role": role}
    for field, text in given.items():
        if not text and field in ("email", "business", "role"):
            found[field] = "is missing"
        elif len(text) > _LENGTHS.get(field, 40):
            found[field] = f"is longer than {_LENGTHS.get(field, 40)} characters"
        elif not text.isprintable():
            found[field] = "contains a line break or another invisible character"
    if "email" not in found and not _is_email(email):
        found["email"] = f"{email!r} is not an e-mail address"
    if "phone" not in found and phone and not _is_phone(phone):
        found["phone"] = f"{phone!r} is not a phone number; write it as text, such as 055 123 4987"
    roles = [one.slug for one in Role.in_force(now)]
    if "role" not in found and role not in roles:
        found["role"] = f"{role!r} is unknown; choose one of {', '.join(roles)}"
    return found


@transaction.atomic
def add_owner(*, email: str, name: str, phone: str, business: str, now: datetime) -> Added:
    """The user, and the business of that name that they own; both are made when they are not there.

    Names of businesses are not unique: only one this very person owns is taken for the same. Raises
    AlreadyExists when they own several of that name, and what `businesses.create` raises.
    """
    user, is_new = _user(email=email, name=name, phone=phone, now=now)
    mine = Membership.objects.filter(user=user, role=owner_role(now=now), business__name=business)
    found = list(mine.order_by("pk")[:2])
    if len(found) > 1:
        raise AlreadyExists(f"{email} owns several businesses named {business!r}. Rename one in the admin.")
    membership = found[0] if found else None
    if membership is None:
        membership = businesses.create(owner=user, name=business, storefront=business, now=now)
    return _added(membership, is_new, is_new_member=not found)


@transaction.atomic
def add_member(*, business_id: UUID, email: str, name: str, phone: str, role: str, now: datetime) -> Added:
    """The user as a member of the business. One who is a member already keeps their role, whatever it is."""
    user, is_new = _user(email=email, name=name, phone=phone, now=now)
    membership, is_new_member = Membership.objects.get_or_create(
        business_id=business_id, user=user, defaults={"role": role, "created_at": now}
    )
    return _added(membership, is_new, is_new_member=is_new_member)


def _user(*, email: str, name: str, phone: str, now: datetime) -> tuple[User, bool]:
    """By e-mail in any case. An account that is there stays as its owner has it."""
    # LOWER, as the index has it: `iexact` would look at every user.
    found = User.objects.alias(lower=Lower("email")).filter(lower=email.lower()).first()
    if found is not None:
        return found, False
    phone = to_e164(phone) if phone else ""
    return User.objects.create_user(email.lower(), name=name, phone=phone, date_joined=now), True


def _added(membership: Membership, is_new_user: bool, *, is_new_member: bool) -> Added:
    return Added(
        user_id=membership.user_id,
        business_id=membership.business_id,
        role=membership.role,
        is_new_user=is_new_user,
        is_new_member=is_new_member,
    )


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _is_phone(text: str) -> bool:
    try:
        to_e164(text)
    except ValueError:
        return False
    return True
