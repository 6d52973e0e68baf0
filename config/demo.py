"""The demo shop and who can sign in to it. Never in production: the passwords are public."""

from dataclasses import dataclass

BUSINESS = "Ama's Provisions"
STOREFRONT = "Makola Market"


@dataclass(frozen=True)
class Person:
    what: str
    name: str
    email: str
    password: str


ADMIN = Person("admin", "Efua Admin", "admin@demo.sika.example", "demo-admin-password")
OWNER = Person("owner", "Ama Mensah", "ama@demo.sika.example", "demo-owner-password")
MANAGER = Person("manager", "Kofi Boateng", "kofi@demo.sika.example", "demo-manager-password")
CASHIER = Person("cashier", "Esi Quaye", "esi@demo.sika.example", "demo-cashier-password")
PEOPLE = (ADMIN, OWNER, MANAGER, CASHIER)
