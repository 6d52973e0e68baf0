"""Fills an empty product with a shop to look at."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Business, Membership, User
from accounts.services import businesses
from config.demo import ADMIN, BUSINESS, CASHIER, MANAGER, OWNER, PEOPLE, STOREFRONT, Person


class Command(BaseCommand):
    help = "Make the demo shop with an owner, a manager, a cashier, and an admin. Twice is as good as once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if settings.SIKA_ENV == "production":
            raise CommandError("The demo's passwords are public; it does not go into production.")
        with transaction.atomic():
            made = _seed(timezone.now())
            if dry_run:
                transaction.set_rollback(True)
        if options["verbosity"] > 0:
            for line in made or ["everything was there already"]:
                self.stdout.write(f"{'would make: ' if dry_run and made else ''}{line}")
            for person in PEOPLE:
                self.stdout.write(f"  {person.what:<8} {person.email}   {person.password}")


def _seed(now: datetime) -> list[str]:
    made: list[str] = []
    _person(ADMIN, made, is_staff=True, is_superuser=True)
    business = _business(_person(OWNER, made), made, now)
    for person in (MANAGER, CASHIER):
        user = _person(person, made)
        Membership.objects.get_or_create(
            business=business, user=user, defaults={"role": person.what, "created_at": now}
        )
    return made


def _business(owner: User, made: list[str], now: datetime) -> Business:
    membership = Membership.objects.select_related("business").filter(user=owner).first()
    if membership is None:
        membership = businesses.create(owner=owner, name=BUSINESS, storefront=STOREFRONT, now=now)
        made.append(f"business {BUSINESS}")
    return membership.business


def _person(person: Person, made: list[str], **rights: bool) -> User:
    """The user with a verified address. One who exists keeps the password that may have been chosen since."""
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(person.email, person.password, name=person.name, **rights)
        made.append(f"{person.what} {person.email}")
    EmailAddress.objects.get_or_create(
        user=user, email=person.email, defaults={"verified": True, "primary": True}
    )
    return user
