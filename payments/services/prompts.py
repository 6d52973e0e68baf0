"""One prompt at a time on a phone. The database refuses a second one; here is what to tell its caller."""

from datetime import datetime, timedelta
from uuid import UUID

from config.core.errors import Busy, DomainError
from payments.errors import PromptOpen
from payments.models import Payment

LIFE = timedelta(seconds=180)  # as long as the networks wait for an answer
CONSTRAINT = "payment_one_prompt_per_phone"


def close_stale(*, phone: str, now: datetime) -> None:
    """Makes room where a prompt's time is over. Locks those rows; one that is being settled is left to it."""
    stale = Payment.objects.filter(phone=phone, prompt_open=True, prompt_expires_at__lte=now)
    locked = stale.select_for_update(no_key=True, skip_locked=True, of=("self",))
    Payment.objects.filter(pk__in=list(locked.values_list("pk", flat=True))).update(prompt_open=False)


def refusal(*, phone: str, business_id: UUID, now: datetime) -> DomainError:
    """Why no prompt can be opened. It names the payment only to the business whose payment it is."""
    holder = Payment.objects.filter(phone=phone, prompt_open=True, prompt_expires_at__gt=now).first()
    if holder is None or holder.prompt_expires_at is None:
        return Busy()  # it ended between our two questions
    own = {"reference": holder.reference} if holder.business_id == business_id else {}
    return PromptOpen(expires_at=holder.prompt_expires_at.isoformat(), **own)
