"""The ways out: e-mail, and a Slack-compatible webhook. Network: call them outside any transaction."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from config.core.errors import DomainError
from config.core.http import JsonClient
from config.core.public_http import PublicAdapter, check
from subscriptions.selectors.outgoing import Mail, Post

_READ_SECONDS = 10


class NotTaken(DomainError):
    code = "not_taken"
    detail = "The server did not take it."


def send(letter: Mail | Post) -> None:
    """Raises SMTPException, OSError or DomainError, none with the URL in it, when it may not have arrived."""
    if isinstance(letter, Mail):
        _mail(letter)
    else:
        _post(letter)


def _mail(letter: Mail) -> None:
    EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=letter.to,
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    ).send()


def _post(letter: Post) -> None:
    guard = None
    if not letter.is_ours:
        check(letter.url, allow_loopback=settings.ALERT_WEBHOOKS_ON_LOOPBACK)
        guard = PublicAdapter(allow_loopback=settings.ALERT_WEBHOOKS_ON_LOOPBACK)
    parts = urlsplit(letter.url)
    client = JsonClient(
        base_url=f"{parts.scheme}://{parts.netloc}",
        headers={"Idempotency-Key": letter.key, "User-Agent": settings.SITE_NAME},
        read_seconds=_READ_SECONDS,
        guard=guard,
    )
    try:
        reply = client.post(parts.path + (f"?{parts.query}" if parts.query else ""), {"text": letter.text})
    finally:
        client.close()
    if not 200 <= reply.status < 300:
        raise NotTaken(f"The server answered {reply.status}.")
