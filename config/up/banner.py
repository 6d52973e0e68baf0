"""What `manage.py up` says once everything answers."""

from pathlib import Path

from config.demo import BUSINESS, PEOPLE

from .children import Addresses


def ready(addresses: Addresses, data: Path, seconds: float) -> str:
    width = max(len(person.email) for person in PEOPLE)
    sign_ins = [f"    {p.what:<8} {p.email:<{width}}   {p.password}" for p in PEOPLE]
    return "\n".join(
        [
            "",
            f"  Sika is ready ({seconds:.0f} s).",
            "",
            f"    API, with its documents  {addresses.web}/api/docs/",
            f"    Admin                    {addresses.web}/admin/",
            f"    Sandbox (Paystack, AI)   {addresses.sandbox}/",
            "",
            f"  Sign in to the demo shop, {BUSINESS}:",
            *sign_ins,
            "",
            f"    Data  {data}",
            f"    Logs  {data / 'up.log'}, postgres.log and valkey.log beside it",
            "",
            "  Ctrl-C stops everything; the data stays.",
        ]
    )
