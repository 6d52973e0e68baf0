"""What a person has to see soon: an error in the log at once, an e-mail once it is committed."""

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

_log = structlog.get_logger("sika.payments")


def raise_alert(event: str, *, subject: str, **facts: object) -> None:
    """Logs `event` and mails `subject` with the facts to OPS_EMAILS, unless the transaction is undone.

    Mail is sent at most once: should the process die right after the commit, the log line is what remains.
    """
    _log.error(event, **facts)
    text = "\n".join(f"{name}: {value}" for name, value in facts.items())
    # Robust: a mail server that is down must not undo or repeat what was done.
    transaction.on_commit(lambda: _mail(subject, text), robust=True)


def _mail(subject: str, text: str) -> None:
    if settings.OPS_EMAILS:
        send_mail(f"[{settings.SITE_NAME}] {subject}", text, None, settings.OPS_EMAILS)
