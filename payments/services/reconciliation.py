"""Our payments against the gateway's list, both ways. Money it has and we lack is settled by the credit rule.

Only `settlement.verify` credits, and only a payment that we opened. Refunds and disputes of ours that nobody
told us of are followed as if their webhook had come. Whatever else differs is for a person: it is reported,
with what to do, and alerted in the log. Nothing is compared across gateways.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import OperationalError

from config.core.db import release_connection
from config.core.errors import DomainError
from payments import providers
from payments.errors import UnclaimedPayment
from payments.models import Payment
from payments.providers.base import Gateway, GatewayState, Report
from payments.types import PaymentStatus

from . import reversals, settlement
from .findings import Findings, Kind

SLICE = timedelta(days=1)  # what is held in memory at once: the ids of one day
PAGE = 100
MAX_ASKED = 50  # differences that are looked at a second time, one call each, a reversal up to four

_SETTLED = (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED)
_MONEY_CAME = (GatewayState.PAID, GatewayState.REVERSED)
_log = structlog.get_logger("sika.payments.reconciliation")


def run(
    *,
    gateway: str,
    since: datetime,
    until: datetime,
    dry_run: bool,
    now: datetime,
    tell: Callable[[Findings], None] = lambda findings: None,
) -> Findings:
    """Compares what was opened at the gateway in [since, until) with our payments; `tell`: after each page.

    Payments of ours that are open and were paid are settled, refunds and disputes that we missed are
    followed, unless `dry_run`, which writes nothing. Network: call it outside any transaction. Safe to
    repeat. Raises PaymentMethodUnavailable; a gateway that fails midway ends the comparison, with
    `stopped_by` and `reached` set, and what was settled stays settled.
    """
    door = providers.gateway(gateway)
    findings = Findings(gateway=gateway, since=since, until=until, dry_run=dry_run, reached=since)
    while findings.reached < until:
        end = min(findings.reached + SLICE, until)
        try:
            _compare_listed(door, findings, findings.reached, end, now, tell)
            reversals.reconcile_disputes(
                door=door, findings=findings, since=findings.reached, until=end, now=now
            )
        except DomainError as error:
            findings.stopped_by = error.detail
            _log.error("reconciliation_stopped", gateway=gateway, reached=findings.reached.isoformat())
            break
        findings.reached = end
    _log.info("reconciled", gateway=gateway, listed=findings.listed, differences=findings.difference_count)
    return findings


def _compare_listed(
    door: Gateway,
    findings: Findings,
    since: datetime,
    until: datetime,
    now: datetime,
    tell: Callable[[Findings], None],
) -> None:
    seen: set[int] = set()
    release_connection()
    for page in _pages(door.transactions(since=since, until=until)):
        rows = Payment.objects.filter(gateway=door.name, reference__in=[report.reference for report in page])
        ours = {payment.reference: payment for payment in rows}
        for report in page:
            payment = ours.get(report.reference)
            if payment is not None and payment.pk not in seen and payment.status in _SETTLED:
                findings.ours.add(payment.paid_ghs)
            _compare(door, findings, report, payment, now)
            if payment is not None:
                seen.add(payment.pk)
        findings.listed += len(page)
        tell(findings)
        release_connection()
    _compare_unlisted(door, findings, since, until, seen, now)


def _pages(reports: Iterator[Report]) -> Iterator[list[Report]]:
    while page := list(islice(reports, PAGE)):
        yield page


def _compare(
    door: Gateway, findings: Findings, report: Report, payment: Payment | None, now: datetime
) -> None:
    if report.state in _MONEY_CAME:
        findings.theirs.add(report.paid_ghs if report.currency == "GHS" else None)
    is_paid = report.state is GatewayState.PAID
    if payment is None:
        if is_paid:
            name = report.reference or f"transaction {report.transaction_id}"
            findings.note(Kind.UNKNOWN, name, ours="nothing", theirs=_say(report))
    elif payment.status in _SETTLED:
        if _differences(payment, report, door.domain):
            _note_unless_gone(door, findings, payment, report, now)
    elif is_paid and payment.status == PaymentStatus.REVIEW:
        findings.note(
            Kind.IN_REVIEW, payment.reference, ours=f"REVIEW: {payment.review_reason}", theirs=_say(report)
        )
    elif is_paid:
        _settle(findings, payment, report, now)


def _settle(findings: Findings, payment: Payment, report: Report, now: datetime) -> None:
    if findings.dry_run:
        findings.note(Kind.TO_SETTLE, payment.reference, ours=payment.status, theirs=_say(report))
        return
    try:
        payment = settlement.verify(reference=payment.reference, now=now)
    except (UnclaimedPayment, OperationalError) as error:  # one row must not keep the others waiting
        _log.exception("reconciliation_could_not_settle", reference=payment.reference)
        ours = f"{payment.status}, {type(error).__name__}"
        findings.note(Kind.NOT_SETTLED, payment.reference, ours=ours, theirs=_say(report))
        return
    if payment.status in _SETTLED:
        findings.settled.add(payment.paid_ghs)
        findings.ours.add(payment.paid_ghs)
        return
    kind = Kind.IN_REVIEW if payment.status == PaymentStatus.REVIEW else Kind.NOT_SETTLED
    ours = f"{payment.status}: {payment.review_reason}".removesuffix(": ")
    findings.note(kind, payment.reference, ours=ours, theirs=_say(report))


def _compare_unlisted(
    door: Gateway, findings: Findings, since: datetime, until: datetime, seen: set[int], now: datetime
) -> None:
    """Settled payments of ours that the list lacks. One opened at the edge may be in the next range."""
    last = 0
    while True:
        settled = Payment.objects.filter(
            gateway=door.name, status__in=_SETTLED, created_at__gte=since, created_at__lt=until, pk__gt=last
        )
        ids = list(settled.order_by("pk").values_list("pk", flat=True)[: PAGE * 10])
        if not ids:
            return
        last = ids[-1]
        for payment in Payment.objects.filter(pk__in=[pk for pk in ids if pk not in seen]):
            if _note_unless_gone(door, findings, payment, Report(state=GatewayState.NOT_FOUND), now):
                findings.ours.add(payment.paid_ghs)


def _note_unless_gone(
    door: Gateway, findings: Findings, payment: Payment, report: Report, now: datetime
) -> bool:
    """Asks once more before it raises an alarm: things change while a list is read. True when noted.

    A reversal that nothing here explains is looked into first.
    """
    may_ask = findings.asked < MAX_ASKED
    if may_ask:
        findings.asked += 1
        release_connection()
        asked = door.verify(reference=payment.reference, access_code=payment.access_code)
        # A second transaction for the same payment shows in the list alone.
        is_second = report.transaction_id not in ("", payment.gateway_transaction_id)
        if not (is_second and report.state in _MONEY_CAME):
            report = asked
        payment = Payment.objects.get(pk=payment.pk)
    found = _differences(payment, report, door.domain)
    is_riddle = may_ask and Kind.REFUNDED_THERE in [kind for kind, _, _ in found]
    if is_riddle and reversals.reconcile_reversal(door=door, findings=findings, payment=payment, now=now):
        found = [one for one in found if one[0] is not Kind.REFUNDED_THERE]
    for kind, ours, theirs in found:
        findings.note(kind, payment.reference, ours=ours, theirs=theirs)
    return bool(found)


def _differences(payment: Payment, report: Report, domain: str) -> list[tuple[Kind, str, str]]:
    """Of a settled payment and what the gateway says about it. Fees only where both sides know them."""
    status, state = str(payment.status), _say(report)
    if report.state not in _MONEY_CAME:
        return [(Kind.NOT_CONFIRMED, status, state)]
    if report.reference != payment.reference:
        return [(Kind.NOT_CONFIRMED, status, f"{state}, as {report.reference or 'nobody'}")]
    if report.transaction_id != payment.gateway_transaction_id:
        return [(Kind.TRANSACTION, payment.gateway_transaction_id, report.transaction_id)]
    found = []
    is_reversed = report.state is GatewayState.REVERSED
    if is_reversed and not reversals.is_explained(payment=payment):
        found.append((Kind.REFUNDED_THERE, status, state))
    if not is_reversed and payment.status == PaymentStatus.REFUNDED:
        found.append((Kind.NOT_REFUNDED_THERE, status, state))
    known = [
        (Kind.AMOUNT, payment.paid_ghs, report.paid_ghs),
        (Kind.CURRENCY, payment.currency, report.currency),
        (Kind.DOMAIN, payment.gateway_domain, report.domain),
        (Kind.DOMAIN, domain, report.domain),
    ]
    if payment.fees_ghs is not None and report.fees_ghs is not None:
        known.append((Kind.FEES, payment.fees_ghs, report.fees_ghs))
    for kind, ours, theirs in known:
        if ours != theirs and kind not in [one[0] for one in found]:
            found.append((kind, str(ours), "nothing" if theirs in (None, "") else str(theirs)))
    return found


def _say(report: Report) -> str:
    words = report.state.value.replace("_", " ")
    return words if report.paid_ghs is None else f"{words}, {report.currency} {report.paid_ghs}"
