"""What a person has to see soon: an error in the log at once, and told to the operators."""

import hashlib
import json
from datetime import datetime
from urllib.parse import quote

import structlog
from django.conf import settings

from payments import signals

_log = structlog.get_logger("sika.payments")


def raise_alert(event: str, *, subject: str, now: datetime, again: object = None, **facts: object) -> None:
    """Logs `event` and announces `subject` with the facts, in the caller's transaction if there is one.

    The same subject and facts are told once; `again` tells another occurrence of them apart.
    """
    _log.error(event, **facts)
    told = {name: str(value).replace("\0", "") for name, value in facts.items()}  # no column takes it
    what = json.dumps([subject, told, str(again)], sort_keys=True)
    reference = told.get("reference")
    page = f"payments/payment/?q={quote(reference)}" if reference else ""
    signals.person_needed.send(
        sender=None,
        event=event,
        subject=subject,
        text="\n".join(f"{name}: {value}" for name, value in told.items()),
        link=f"{settings.PUBLIC_URL}/admin/{page}",
        cause=f"{event}:{hashlib.sha256(what.encode()).hexdigest()[:32]}",
        now=now,
    )
