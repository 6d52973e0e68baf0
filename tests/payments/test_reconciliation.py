"""Our payments against a gateway's list: what is settled, what is reported, what is left alone."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Business
from payments import providers, tasks
from payments.errors import PaymentMethodUnavailable
from payments.models import Payment, Refund, WebhookEvent
from payments.services import payments, reconciliation, settlement
from payments.services.findings import Difference, Findings, Kind, Total
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment
from .stripe_server import StripeServer

D = Decimal


def start(business: Business, amount: str = "50.00") -> Payment:
    payment = open_payment(business, amount, method="STRIPE")
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


def settle(api: StripeServer, payment: Payment) -> Payment:
    api.pay(payment.access_code)
    return settlement.verify(reference=payment.reference, now=timezone.now())


def reconcile(**changes: Any) -> Findings:
    now = timezone.now() + timedelta(seconds=2)
    values: dict[str, Any] = {
        "gateway": "stripe",
        "since": now - timedelta(hours=1),
        "until": now,
        "dry_run": False,
        "now": timezone.now(),
    }
    return reconciliation.run(**{**values, **changes})


def kinds(findings: Findings) -> list[tuple[Kind, str]]:
    return [(one.kind, one.reference) for one in findings.differences]


def shop_name(business: Business) -> str:
    return Business.objects.get(pk=business.pk).name


# --- the gateway's list against ours --------------------------------------------------------------------


def test_agreement_is_clean(stripe_api: StripeServer, business: Business, credited: list[str]) -> None:
    settle(stripe_api, start(business))
    start(business, "60.00")  # nobody paid this one
    findings = reconcile()
    assert (findings.listed, findings.differences, findings.asked) == (2, [], 0)
    assert findings.theirs == findings.ours == Total(1, D("50.00"))
    assert (findings.settled, findings.stopped_by) == (Total(), "")
    assert findings.reached == findings.until


@pytest.mark.parametrize("status", ["PENDING", "FAILED"])
def test_money_that_nobody_told_us_of_is_credited_once(
    stripe_api: StripeServer, business: Business, credited: list[str], status: str
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    # The webhook is lost, the page never came back, and the sweep has given up.
    Payment.objects.filter(pk=payment.pk).update(
        status=status, access_code="", next_check_at=None if status == "FAILED" else timezone.now()
    )
    first, second = reconcile(), reconcile()
    payment.refresh_from_db()
    assert (payment.status, credited) == ("SUCCESSFUL", [payment.reference])
    assert shop_name(business) == "Ama's shop +50.00"
    assert (first.settled, first.difference_count) == (Total(1, D("50.00")), 0)
    assert (second.settled, second.difference_count) == (Total(), 0)
    assert first.theirs == first.ours == second.theirs == second.ours == Total(1, D("50.00"))


@pytest.mark.django_db(transaction=True)
def test_four_at_once_credit_once(stripe_api: StripeServer, business: Business, credited: list[str]) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    found = together([partial(reconcile)] * 4)
    assert [(one.difference_count, one.ours.count) for one in found] == [(0, 1)] * 4
    assert credited == [payment.reference]
    assert shop_name(business) == "Ama's shop +50.00"


def test_dry_run_writes_nothing(
    stripe_api: StripeServer, business: Business, credited: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    before = everything()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        findings = reconcile(dry_run=True)
    assert everything() == before
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    assert findings.differences == [
        Difference(Kind.TO_SETTLE, payment.reference, "PENDING", "paid, GHS 50.00")
    ]
    assert (findings.theirs.count, findings.ours.count, credited) == (1, 0, [])
    assert "reconciliation_difference" not in caplog.text


def everything() -> list[Any]:
    tables = (Payment, Refund, WebhookEvent, Business)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_money_of_nobody_is_an_alert_and_no_credit(
    stripe_api: StripeServer, business: Business, credited: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    payment = start(business)
    session = stripe_api.pay(payment.access_code, client_reference_id="sika-of-nobody")
    findings = reconcile()
    assert kinds(findings) == [(Kind.UNKNOWN, "sika-of-nobody")]
    assert (Payment.objects.count(), credited) == (1, [])
    assert "reconciliation_difference" in caplog.text
    session["client_reference_id"] = None
    assert kinds(reconcile()) == [(Kind.UNKNOWN, f"transaction {session['payment_intent']}")]
    assert (findings.theirs, findings.ours) == (Total(1, D("50.00")), Total())


def test_pages_of_others_that_nobody_paid_are_no_difference(
    stripe_api: StripeServer, business: Business
) -> None:
    payment = start(business)
    stripe_api.sessions[payment.access_code]["client_reference_id"] = "somebody-else"
    assert reconcile().difference_count == 0


def test_paid_but_different_goes_to_a_person_and_stays_a_difference(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code, amount_total=4999)
    first, second = reconcile(), reconcile()
    payment.refresh_from_db()
    assert (payment.status, credited) == ("REVIEW", [])
    assert kinds(first) == kinds(second) == [(Kind.IN_REVIEW, payment.reference)]
    assert second.differences[0].ours.startswith("REVIEW: amount: expected 50.00, gateway says 49.99")


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_settled_does_not_keep_the_others(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    good = start(business)
    bad = payments.start_checkout(
        payment_id=open_payment(business, "9.00", method="STRIPE", purpose="nobody_sells_this").pk,
        now=timezone.now(),
    )
    for payment in (good, bad):
        stripe_api.pay(payment.access_code)
    findings = reconcile()
    assert findings.differences == [
        Difference(Kind.NOT_SETTLED, bad.reference, "PENDING, UnclaimedPayment", "paid, GHS 9.00")
    ]
    assert credited == [good.reference]


# --- ours against the gateway's -------------------------------------------------------------------------


def lose(api: StripeServer, payment: Payment) -> None:
    del api.sessions[payment.access_code]


def unpay(api: StripeServer, payment: Payment) -> None:
    api.sessions[payment.access_code] |= {"payment_status": "unpaid", "status": "expired"}


def change(api: StripeServer, payment: Payment, **values: Any) -> None:
    api.sessions[payment.access_code] |= values


def fees(api: StripeServer, payment: Payment) -> None:
    for charge in api.charges.values():
        charge["balance_transaction"]["fee"] = 200


def give_back(api: StripeServer, payment: Payment) -> None:
    api.give_back(payment.gateway_transaction_id)


def say_refunded(api: StripeServer, payment: Payment) -> None:
    add_refund(payment, "PROCESSED")
    Payment.objects.filter(pk=payment.pk).update(status="REFUNDED", refunded_ghs=payment.paid_ghs)


def add_refund(payment: Payment, status: str) -> None:
    ended = timezone.now() if status in ("PROCESSED", "FAILED") else None
    Refund.objects.create(
        payment=payment,
        amount_ghs=D("50.00"),
        status=status,
        reason="wrong pack",
        gateway_refund_id="re_1",
        created_at=timezone.now(),
        finished_at=ended,
        next_check_at=None if ended else timezone.now(),
    )


@pytest.mark.parametrize(
    ("spoil", "kind", "ours", "theirs"),
    [
        (lose, Kind.NOT_CONFIRMED, "SUCCESSFUL", "not found"),
        (unpay, Kind.NOT_CONFIRMED, "SUCCESSFUL", "failed, GHS 50.00"),
        (partial(change, amount_total=4000), Kind.AMOUNT, "50.00", "40.00"),
        (partial(change, amount_total=None), Kind.AMOUNT, "50.00", "nothing"),
        (partial(change, currency="usd"), Kind.CURRENCY, "GHS", "USD"),
        (partial(change, livemode=True), Kind.DOMAIN, "test", "live"),
        (fees, Kind.FEES, "1.45", "2.00"),
        (give_back, Kind.REFUNDED_THERE, "SUCCESSFUL", "reversed, GHS 50.00"),
    ],
)
def test_what_differs_is_reported_and_nothing_is_changed(
    stripe_api: StripeServer,
    business: Business,
    credited: list[str],
    spoil: Callable[[StripeServer, Payment], None],
    kind: Kind,
    ours: str,
    theirs: str,
) -> None:
    payment = settle(stripe_api, start(business))
    spoil(stripe_api, payment)
    before = everything()
    findings = reconcile()
    assert findings.differences == [Difference(kind, payment.reference, ours, theirs)]
    assert findings.ours == Total(1, D("50.00"))
    assert everything() == before


def test_refunded_here_and_not_there(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    payment = settle(stripe_api, start(business))
    say_refunded(stripe_api, payment)
    findings = reconcile()
    assert findings.differences == [
        Difference(Kind.NOT_REFUNDED_THERE, payment.reference, "REFUNDED", "paid, GHS 50.00")
    ]
    give_back(stripe_api, payment)
    assert reconcile().difference_count == 0


@pytest.mark.parametrize(("status", "count"), [("PENDING", 0), ("PROCESSED", 0), ("FAILED", 1)])
def test_refund_here_explains_the_reversal_there(
    stripe_api: StripeServer, business: Business, credited: list[str], status: str, count: int
) -> None:
    payment = settle(stripe_api, start(business))
    give_back(stripe_api, payment)
    add_refund(payment, status)
    if status == "PROCESSED":
        Payment.objects.filter(pk=payment.pk).update(status="REFUNDED", refunded_ghs=payment.paid_ghs)
    assert reconcile().difference_count == count


def test_second_transaction_for_the_same_payment(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    payment, other = settle(stripe_api, start(business)), start(business)
    second = stripe_api.pay(other.access_code, client_reference_id=payment.reference)
    findings = reconcile()
    assert findings.differences == [
        Difference(
            Kind.TRANSACTION,
            payment.reference,
            payment.gateway_transaction_id,
            second["payment_intent"],
        )
    ]
    assert (findings.theirs.count, findings.ours.count) == (2, 1)


def test_what_was_paid_while_the_list_was_read_is_no_alarm(
    stripe_api: StripeServer, business: Business, credited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = start(business)
    now = timezone.now()
    listed = providers.gateway("stripe").transactions(
        since=now - timedelta(hours=1), until=now + timedelta(hours=1)
    )
    stale = list(listed)
    settle(stripe_api, payment)
    monkeypatch.setattr("payments.providers.stripe.Stripe.transactions", lambda self, **_: iter(stale))
    findings = reconcile()
    assert (findings.difference_count, findings.asked) == (0, 1)


def test_payment_opened_at_the_edge_of_the_range_is_no_alarm(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    payment = settle(stripe_api, start(business))
    stripe_api.sessions[payment.access_code]["created"] += 3600  # ours before midnight, theirs after
    findings = reconcile()
    assert (findings.listed, findings.difference_count, findings.asked) == (0, 0, 1)
    assert findings.theirs == findings.ours == Total()


# --- many, and failing ----------------------------------------------------------------------------------


def fill(api: StripeServer, business: Business, count: int, start: datetime, every: timedelta) -> None:
    """`count` settled payments, the same on both sides, without going through the API one by one."""
    rows = []
    for number in range(count):
        reference, session_id, intent = f"sika-{number:08}", f"cs_{number:08}", f"pi_{number:08}"
        moment = start + number * every
        charge = {
            "payment_method_details": {"type": "card"},
            "balance_transaction": {"fee": 98, "currency": "ghs"},
        }
        api.charges[intent] = charge
        api.intents[intent] = {"id": intent, "latest_charge": intent, "metadata": {"reference": reference}}
        api.sessions[session_id] = {
            "id": session_id,
            "amount_total": 5000,
            "client_reference_id": reference,
            "created": int(moment.timestamp()),
            "currency": "ghs",
            "livemode": False,
            "payment_intent": intent,
            "payment_status": "paid",
            "status": "complete",
        }
        rows.append(
            Payment(
                reference=reference,
                business=business,
                purpose="test_order",
                method="STRIPE",
                gateway="stripe",
                amount_ghs=D("50.00"),
                paid_ghs=D("50.00"),
                fees_ghs=D("0.98"),
                email="ama@example.com",
                status="SUCCESSFUL",
                access_code=session_id,
                gateway_transaction_id=intent,
                gateway_domain="test",
                created_at=moment,
                settled_at=moment,
            )
        )
    Payment.objects.bulk_create(rows)


def test_two_queries_a_page(stripe_api: StripeServer, business: Business) -> None:
    begin = timezone.now() - timedelta(hours=1)
    fill(stripe_api, business, 250, begin, timedelta(seconds=1))
    pages: list[int] = []
    with CaptureQueriesContext(connection) as queries:
        findings = reconcile(
            since=begin - timedelta(minutes=1), tell=lambda findings: pages.append(findings.listed)
        )
    assert pages == [100, 200, 250]
    assert (findings.difference_count, findings.ours) == (0, Total(250, D("12500.00")))
    # One for each page, one for those of ours that the list lacks, one that finds no more of them.
    assert len(queries) == 5


def test_alarms_ask_again_fifty_times_at_most(stripe_api: StripeServer, business: Business) -> None:
    begin = timezone.now() - timedelta(hours=1)
    fill(stripe_api, business, 60, begin, timedelta(seconds=1))
    stripe_api.sessions.clear()
    findings = reconcile(since=begin - timedelta(minutes=1))
    assert (findings.asked, findings.difference_count) == (50, 60)
    assert {one.kind for one in findings.differences} == {Kind.NOT_CONFIRMED}


def test_gateway_that_fails_midway_says_how_far_it_came(
    stripe_api: StripeServer, business: Business, credited: list[str]
) -> None:
    now = timezone.now()
    late = start(business)
    stripe_api.pay(late.access_code)
    day = timedelta(days=1)
    moment = now - day - timedelta(hours=1)
    Payment.objects.filter(pk=late.pk).update(created_at=moment)
    stripe_api.sessions[late.access_code]["created"] = int(moment.timestamp())
    # The first day answers (both its lists, and the payment it settles); the second does not.
    stripe_api.faults = ["", "", "", "500", "500", "500"]
    findings = reconcile(since=now - 2 * day, until=now, now=now)
    assert findings.reached == now - day
    assert findings.stopped_by.startswith("The payment company can't be reached.")
    assert findings.settled == Total(1, D("50.00"))
    late.refresh_from_db()
    assert (late.status, credited) == ("SUCCESSFUL", [late.reference])


def test_gateway_without_keys_is_refused(db: None) -> None:
    with pytest.raises(PaymentMethodUnavailable):
        reconcile()


# --- the command and the nightly task -------------------------------------------------------------------


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines that were printed, the error's last."""
    code, words = 0, []
    try:
        call_command("reconcile_payments", "--gateway", "stripe", *arguments)
    except CommandError as error:
        code, words = error.returncode, [str(error)]
    return code, [line for line in capsys.readouterr().out.splitlines() if line] + words


def test_command_says_that_all_agrees(
    stripe_api: StripeServer, business: Business, credited: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    begin = timezone.now() - timedelta(hours=2)
    fill(stripe_api, business, 3, begin, timedelta(seconds=1))
    until = begin + timedelta(hours=1)
    code, lines = command(capsys, "--since", begin.isoformat(), "--until", until.isoformat())
    span = f"{begin:%Y-%m-%d %H:%M} UTC to {until:%Y-%m-%d %H:%M} UTC"
    assert code == 0
    assert lines == [
        f"stripe, {span}",
        "                             payments              GHS",
        "  paid at the gateway               3           150.00",
        "  paid in our books                 3           150.00",
        "    of these settled now            0             0.00",
        "Both sides agree: 3 transactions compared, no difference remains.",
    ]


def test_command_reports_differences_with_what_to_do(
    stripe_api: StripeServer, business: Business, credited: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    begin = timezone.now() - timedelta(hours=2)
    fill(stripe_api, business, 1001, begin, timedelta(seconds=1))
    stripe_api.sessions["cs_00000001"]["client_reference_id"] = "sika-of-nobody"
    Payment.objects.filter(reference="sika-00000002").update(
        status="FAILED", settled_at=None, gateway_transaction_id=""
    )
    arguments = ["--since", begin.isoformat(), "--dry-run"]
    code, lines = command(capsys, *arguments)
    assert code == 1
    assert lines[0] == "stripe: 1,000 transactions compared ..."
    assert lines[1].endswith("UTC, dry run")
    assert lines[3:6] == [
        "  paid at the gateway           1,001        50,050.00",
        "  paid in our books             1,000        50,000.00",
        "    of these settled now            0             0.00",
    ]
    assert lines[6:] == [
        f"TO SETTLE (1): {Kind.TO_SETTLE.value}",
        "  sika-00000002                            ours: FAILED; theirs: paid, GHS 50.00",
        f"UNKNOWN (1): {Kind.UNKNOWN.value}",
        "  sika-of-nobody                           ours: nothing; theirs: paid, GHS 50.00",
        f"NOT CONFIRMED (1): {Kind.NOT_CONFIRMED.value}",
        "  sika-00000001                            ours: SUCCESSFUL; "
        "theirs: paid, GHS 50.00, as sika-of-nobody",
        "3 differences remain; what to do is said above.",
    ]


def test_command_stopped_midway(
    stripe_api: StripeServer, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    stripe_api.faults = ["", "", "500", "500", "500"]
    code, lines = command(capsys, "--since", "2026-11-01", "--until", "2026-11-04")
    assert code == 3
    assert lines[-1] == (
        "stripe stopped answering: The payment company can't be reached. No money was taken; try again in a "
        "moment. Everything before 2026-11-02 00:00 UTC was compared, and what was settled stays settled. "
        "Run it again with --since 2026-11-02T00:00:00Z."
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is not a time, e.g. 2026-12-01T00:00Z"),
        (["--since", "2026-11-02", "--until", "2026-11-02"], "--since before --until"),
        (["--as-of", "2999-01-01"], "later than now"),
        (["--until", "2026-11-02", "--as-of", "2026-11-01"], "later than now"),
        (["--gateway", "paypal"], "'paypal' is not a gateway with keys here; there is paystack and stripe."),
    ],
)
def test_wrong_arguments(
    stripe_api: StripeServer, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, lines = command(capsys, *arguments)
    assert code == 2
    assert words in lines[-1]
    assert stripe_api.requests == []


def test_every_night_the_last_three_days_of_each_gateway(
    stripe_api: StripeServer, business: Business, credited: list[str], settings: Settings
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    settings.PAYSTACK_SECRET_KEY = ""
    payment = start(business)
    stripe_api.pay(payment.access_code)
    moment = timezone.now() - timedelta(days=2, hours=12)
    stripe_api.sessions[payment.access_code]["created"] = int(moment.timestamp())
    tasks.reconcile_payments()
    payment.refresh_from_db()
    assert payment.status == "SUCCESSFUL"
    listed = [path for _, path, query, _ in stripe_api.requests if "created[gte]" in query]
    assert [path.rpartition("/")[2] for path in listed] == ["sessions", "disputes"] * 3
    schedule = settings.CELERY_BEAT_SCHEDULE["reconcile-payments"]
    assert schedule["task"] == tasks.reconcile_payments.name


# --- Paystack -------------------------------------------------------------------------------------------


def test_paystack_is_compared_in_the_same_way(
    sandbox: PaystackSandbox, business: Business, credited: list[str]
) -> None:
    # The sandbox keeps what other tests paid, and tells times in whole seconds: ours start with a new one.
    time.sleep(1 - timezone.now().microsecond / 1e6)
    now = timezone.now().replace(microsecond=0)
    lost, settled, abandoned = (open_payment(business, amount) for amount in ("10.00", "20.00", "30.00"))
    for payment in (lost, settled, abandoned):
        payments.start_checkout(payment_id=payment.pk, now=now)
    sandbox.pay(lost.reference)
    sandbox.pay(settled.reference)
    settlement.verify(reference=settled.reference, now=now)
    findings = reconcile(gateway="paystack", since=now)
    assert (findings.listed, findings.differences) == (3, [])
    assert findings.settled == Total(1, D("10.00"))
    assert findings.theirs == findings.ours == Total(2, D("30.00"))
    assert credited == [settled.reference, lost.reference]
    Payment.objects.filter(pk=lost.pk).update(reference="sika-renamed")
    again = reconcile(gateway="paystack", since=now)
    assert kinds(again) == [(Kind.UNKNOWN, lost.reference), (Kind.NOT_CONFIRMED, "sika-renamed")]
