"""Prompts on phones and charges of saved cards: sent once, asked about, honoured whenever they are paid."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts.models import Business
from config.core import secret_text
from config.core.errors import Busy
from config.core.http import OutcomeUnknown
from payments import providers, tasks
from payments.errors import (
    CardUnusable,
    CodeRefused,
    GatewayUnavailable,
    NoCodeExpected,
    PaymentClosed,
    PaymentRejected,
    PromptOpen,
    TooManyAttempts,
)
from payments.models import Payment, SavedCard
from payments.services import cards, charges, payments, prompts, retries, schedule, settlement
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment
from .desk import Desk
from .test_cards import VISA, keep

PHONE = "0551234987"
OTHER = "0201234567"


def opened(business: Business, phone: str = PHONE, **values: Any) -> Payment:
    return open_payment(business, method="MOMO", phone=phone, **{"network": "mtn", "now": NOON, **values})


def start(payment: Payment, after: float = 0) -> Payment:
    return payments.start(payment_id=payment.pk, now=NOON + timedelta(seconds=after))


def check(payment: Payment, after: float) -> Payment:
    """What the sweep does, `after` seconds from the start."""
    return charges.check(payment_id=payment.pk, now=NOON + timedelta(seconds=after))


def submit(payment: Payment, otp: str, after: float = 20) -> Payment:
    return charges.submit_code(payment_id=payment.pk, otp=otp, now=NOON + timedelta(seconds=after))


def sent(sandbox: PaystackSandbox, path: str = "/charge") -> list[Any]:
    return [one["body"] for one in sandbox.requests() if one["path"] == path]


@pytest.fixture
def prompted(business: Business, sandbox: PaystackSandbox) -> Payment:
    return start(opened(business))


@pytest.fixture
def asks_for_code(business: Business, sandbox: PaystackSandbox) -> Payment:
    return start(opened(business, network="vod"))


def test_a_prompt_is_sent_and_told(prompted: Payment, sandbox: PaystackSandbox) -> None:
    assert sent(sandbox) == [
        {
            "email": "ama@example.com",
            "amount": 5000,
            "currency": "GHS",
            "reference": prompted.reference,
            "mobile_money": {"phone": PHONE, "provider": "mtn"},
            "metadata": {"purpose": "test_order"},
        }
    ]
    assert (prompted.status, prompted.next_action) == ("PENDING", "approve_on_phone")
    assert prompted.display_text != ""
    assert (prompted.prompt_open, prompted.prompt_expires_at) == (True, NOON + timedelta(seconds=180))
    assert prompted.sent_at == NOON
    assert prompted.payment_url == f"http://127.0.0.1:8000/payments/{prompted.reference}/"


def test_an_approved_prompt_is_settled(
    prompted: Payment, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    sandbox.pay(prompted.reference)
    settled = check(prompted, 15)
    assert (settled.status, settled.prompt_open, settled.next_action) == ("SUCCESSFUL", False, "")
    assert check(prompted, 30).status == "SUCCESSFUL"
    assert credited == [prompted.reference]


def test_a_declined_prompt_has_failed_and_frees_the_phone(
    prompted: Payment, business: Business, sandbox: PaystackSandbox
) -> None:
    sandbox.pay(prompted.reference, "decline")
    failed = check(prompted, 15)
    assert (failed.status, failed.prompt_open, failed.gateway_response) == ("FAILED", False, "Declined")
    assert start(opened(business), 16).next_action == "approve_on_phone"


def test_an_unanswered_prompt_has_failed_after_its_time_and_a_late_yes_still_counts(
    prompted: Payment, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    assert check(prompted, 179).status == "PENDING"
    failed = check(prompted, 185)
    assert (failed.status, failed.prompt_open, failed.next_action) == ("FAILED", False, "")
    assert failed.gateway_response == settlement.UNANSWERED
    assert failed.next_check_at == NOON + timedelta(minutes=10)
    sandbox.pay(prompted.reference)
    assert check(prompted, 600).status == "SUCCESSFUL"
    assert credited == [prompted.reference]


def test_starting_again_sends_nothing(prompted: Payment, sandbox: PaystackSandbox) -> None:
    assert start(prompted, 5).next_action == "approve_on_phone"
    assert len(sent(sandbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_starting_at_once_sends_once(business: Business, sandbox: PaystackSandbox) -> None:
    payment = opened(business)
    found = together([partial(start, payment)] * 8)
    assert {one.reference for one in found} == {payment.reference}
    assert len(sent(sandbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_starting_at_once_sends_more_than_once(
    business: Business, sandbox: PaystackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the claim that lets one through."""
    payment = opened(business)
    monkeypatch.setattr(charges, "_claim", lambda payment, now: True)
    together([partial(start, payment)] * 4)
    assert len(sent(sandbox)) == 4


@pytest.mark.parametrize("fault", ["timeout", "drop", "500", "garbage", "landed"])
def test_an_answer_that_is_lost_is_asked_for_and_never_sent_again(
    business: Business, sandbox: PaystackSandbox, fault: str
) -> None:
    sandbox.script(fail_next=fault)
    payment = start(opened(business))
    assert (payment.status, payment.next_action, payment.prompt_open) == ("PENDING", "wait", True)
    assert start(payment, 1).next_action == "wait"
    assert check(payment, 9).next_action == "wait"  # ten seconds are the gateway's
    assert [one["path"] for one in sandbox.requests()[1:]] == [f"/transaction/verify/{payment.reference}"]
    found = check(payment, 15)
    assert found.next_action == ("approve_on_phone" if fault == "landed" else "wait")
    assert len(sent(sandbox)) == 1


def test_a_charge_that_landed_is_settled_by_the_sweep(
    business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    sandbox.script(fail_next="landed")
    payment = start(opened(business))
    sandbox.pay(payment.reference)
    assert schedule.claim_due(now=NOON + timedelta(seconds=15)) == [payment.pk]
    assert check(payment, 15).status == "SUCCESSFUL"
    assert (credited, len(sent(sandbox))) == ([payment.reference], 1)


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_charge_that_never_arrived_has_failed_after_three_minutes(
    business: Business, sandbox: PaystackSandbox, was_sent: bool
) -> None:
    payment = opened(business)
    if was_sent:  # a process that died between saying so and doing it
        Payment.objects.filter(pk=payment.pk).update(sent_at=NOON, next_action="wait")
        assert start(payment, 1).next_action == "wait"
    assert check(payment, 120).status == "PENDING"
    failed = check(payment, 185)
    assert (failed.status, failed.prompt_open) == ("FAILED", False)
    assert failed.gateway_response == settlement.NEVER_ARRIVED
    assert failed.next_check_at == NOON + timedelta(minutes=10)
    assert sent(sandbox) == []
    if was_sent:
        assert start(payment, 200).status == "FAILED"
    else:
        with pytest.raises(PaymentClosed):
            start(payment, 200)
    assert sent(sandbox) == []


@pytest.mark.parametrize(
    ("fault", "error"), [("429", GatewayUnavailable), ("401", GatewayUnavailable), ("400", PaymentRejected)]
)
def test_a_refused_charge_has_failed_and_frees_the_phone(
    business: Business, sandbox: PaystackSandbox, fault: str, error: type[Exception]
) -> None:
    payment = opened(business)
    sandbox.script(fail_next=fault)
    with pytest.raises(error):
        start(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.prompt_open, payment.next_action) == ("FAILED", False, "")
    assert payment.gateway_response != ""
    assert start(opened(business), 1).next_action == "approve_on_phone"
    assert len(sent(sandbox)) == 2


def test_a_reference_the_gateway_knows_has_arrived(
    business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    payment = start(opened(business))
    sandbox.pay(payment.reference)
    Payment.objects.filter(pk=payment.pk).update(sent_at=None)  # a database that was restored
    again = start(payment, 5)
    assert (again.status, again.next_action) == ("PENDING", "wait")
    assert check(payment, 15).status == "SUCCESSFUL"


def test_the_code_step(asks_for_code: Payment, sandbox: PaystackSandbox, credited: list[str]) -> None:
    assert asks_for_code.next_action == "enter_otp"
    with pytest.raises(CodeRefused):
        submit(asks_for_code, "000000")
    assert Payment.objects.get().next_action == "enter_otp"
    after = submit(asks_for_code, "123456")
    assert after.next_action == "approve_on_phone"
    assert after.prompt_expires_at == NOON + timedelta(seconds=200)  # the prompt begins now
    with pytest.raises(NoCodeExpected):
        submit(asks_for_code, "123456")
    sandbox.pay(after.reference)
    assert check(after, 30).status == "SUCCESSFUL"
    assert [one["otp"] for one in sent(sandbox, "/charge/submit_otp")] == ["000000", "123456"]


@pytest.mark.parametrize("fault", ["timeout", "drop", "500", "landed"])
def test_a_code_whose_answer_is_lost_is_asked_about(
    asks_for_code: Payment, sandbox: PaystackSandbox, fault: str
) -> None:
    sandbox.script(fail_next=fault)
    assert submit(asks_for_code, "123456").next_action == "wait"
    found = check(asks_for_code, 30)
    assert found.next_action == ("approve_on_phone" if fault == "landed" else "enter_otp")


def test_a_code_while_the_gateway_is_busy_can_be_entered_again(
    asks_for_code: Payment, sandbox: PaystackSandbox
) -> None:
    sandbox.script(fail_next="429")
    with pytest.raises(GatewayUnavailable):
        submit(asks_for_code, "123456")
    assert submit(asks_for_code, "123456").next_action == "approve_on_phone"


@pytest.mark.django_db(transaction=True)
def test_two_codes_at_once_are_one(asks_for_code: Payment, sandbox: PaystackSandbox) -> None:
    found = together([partial(submit, asks_for_code, "123456")] * 4)
    assert sorted(type(one).__name__ for one in found) == ["NoCodeExpected"] * 3 + ["Payment"]
    assert len(sent(sandbox, "/charge/submit_otp")) == 1


def test_a_phone_has_one_prompt_at_a_time(prompted: Payment, business: Business) -> None:
    with pytest.raises(PromptOpen) as own:
        opened(business, now=NOON + timedelta(seconds=179))
    expires_at = (NOON + timedelta(seconds=180)).isoformat()
    assert own.value.data == {"reference": prompted.reference, "expires_at": expires_at}
    with pytest.raises(PromptOpen) as foreign:
        opened(Business.objects.create(name="Kofi's shop"))
    assert foreign.value.data == {"expires_at": expires_at}  # never another business's reference
    assert Payment.objects.count() == 1


def test_a_prompt_whose_time_is_over_makes_room(prompted: Payment, business: Business) -> None:
    after = NOON + timedelta(seconds=180)
    again = opened(business, now=after)
    assert payments.start(payment_id=again.pk, now=after).next_action == "approve_on_phone"
    prompted.refresh_from_db()
    assert (prompted.prompt_open, prompted.status) == (False, "PENDING")  # the sweep still asks about it


@pytest.mark.django_db(transaction=True)
def test_two_shops_at_once_open_one_prompt(sandbox: PaystackSandbox) -> None:
    shops = [Business.objects.create(name=f"Shop {number}") for number in range(6)]
    found = together([partial(opened, shop) for shop in shops])
    assert sorted(type(one).__name__ for one in found) == ["Payment"] + ["PromptOpen"] * 5
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stale_prompt_at_once_makes_room_for_one(prompted: Payment, business: Business) -> None:
    after = NOON + timedelta(seconds=200)
    found = together([partial(opened, business, now=after)] * 4)
    names = sorted(type(one).__name__ for one in found)
    assert names.count("Payment") == 1
    assert set(names) <= {"Payment", "PromptOpen", "Busy"}
    assert Payment.objects.filter(prompt_open=True).count() == 1


def test_a_prompt_that_ended_between_two_looks_is_busy(business: Business) -> None:
    assert isinstance(prompts.refusal(phone=PHONE, business_id=business.pk, now=NOON), Busy)


def test_a_payment_started_too_late_finds_its_phone_taken(
    business: Business, sandbox: PaystackSandbox
) -> None:
    late = opened(business)
    later = NOON + timedelta(seconds=181)
    start(opened(business, now=later), 181)
    with pytest.raises(PromptOpen):
        start(late, 182)
    assert len(sent(sandbox)) == 1


# --- another attempt ------------------------------------------------------------------------------------


def again(payment: Payment, after: float = 30, **way: Any) -> Payment:
    way = {"method": "MOMO", "phone": OTHER, "network": "vod", **way}
    now = NOON + timedelta(seconds=after)
    return retries.try_again(reference=payment.reference, started_by_id=None, now=now, **way)


def test_another_network_is_a_new_attempt_at_the_same_order(
    prompted: Payment, sandbox: PaystackSandbox
) -> None:
    second = again(prompted)
    assert (second.first_attempt_id, second.order_id) == (prompted.pk, prompted.pk)
    assert (second.phone, second.network, second.amount_ghs) == (OTHER, "vod", prompted.amount_ghs)
    assert second.reference != prompted.reference
    third = again(second, method="PAYSTACK", phone="", network="")
    assert (third.first_attempt_id, third.next_action) == (prompted.pk, "open_url")
    assert len(sent(sandbox)) == 2


def test_the_same_phone_is_still_busy(prompted: Payment) -> None:
    with pytest.raises(PromptOpen):
        again(prompted, phone=PHONE, network="mtn")
    assert Payment.objects.count() == 1


def test_a_paid_order_is_not_paid_again(
    prompted: Payment, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    second = again(prompted)
    sandbox.pay(prompted.reference)  # nobody has told us yet
    for attempt in (prompted, second):
        with pytest.raises(PaymentClosed, match="paid already"):
            again(attempt, 60, phone="0271234567", network="atl")
    assert (Payment.objects.count(), credited) == (2, [prompted.reference])


def test_an_order_under_review_is_not_paid_again(prompted: Payment, sandbox: PaystackSandbox) -> None:
    sandbox.pay(prompted.reference)
    sandbox.script(tamper={"amount": 1})
    with pytest.raises(PaymentClosed, match="being looked at"):
        again(prompted)


def test_an_order_has_ten_attempts(prompted: Payment, sandbox: PaystackSandbox) -> None:
    for number in range(retries.MOST_ATTEMPTS - 1):
        again(prompted, phone=f"02412345{number:02}", network="mtn")
    with pytest.raises(TooManyAttempts):
        again(prompted, phone="0241234599", network="mtn")
    assert Payment.objects.count() == retries.MOST_ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_ten_attempts_also_when_they_come_at_once(prompted: Payment, sandbox: PaystackSandbox) -> None:
    for number in range(retries.MOST_ATTEMPTS - 2):
        again(prompted, phone=f"02412345{number:02}", network="mtn")
    found = together(
        [partial(again, prompted, phone=f"02412346{number:02}", network="mtn") for number in range(3)]
    )
    assert sorted(type(one).__name__ for one in found) == ["Payment"] + ["TooManyAttempts"] * 2
    assert Payment.objects.count() == retries.MOST_ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_attempts_that_come_at_once_are_too_many(
    prompted: Payment, sandbox: PaystackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the lock on the first attempt that counts them one by one."""
    for number in range(retries.MOST_ATTEMPTS - 2):
        again(prompted, phone=f"02412345{number:02}", network="mtn")
    gate = threading.Barrier(3)

    def unlocked(payment: Payment) -> Any:
        found = list(Payment.objects.filter(Q(pk=payment.pk) | Q(first_attempt=payment)))
        gate.wait(10)
        return found

    monkeypatch.setattr(retries.locks, "payment", lambda payment_id: Payment.objects.get(pk=payment_id))
    monkeypatch.setattr(retries.settlement, "verify_order", lambda **_: None)
    monkeypatch.setattr(retries.selectors, "attempts", unlocked)
    together([partial(again, prompted, phone=f"02412346{number:02}", network="mtn") for number in range(3)])
    assert Payment.objects.count() == retries.MOST_ATTEMPTS + 2


# --- saved cards ----------------------------------------------------------------------------------------


@pytest.fixture
def card(business: Business, sandbox: PaystackSandbox, credited: list[str]) -> SavedCard:
    """Kept when its owner paid on the gateway's page."""
    payment = open_payment(business, save_card=True)
    payments.start(payment_id=payment.pk, now=timezone.now())
    sandbox.pay(payment.reference, channel="card")
    settlement.verify(reference=payment.reference, now=timezone.now())
    assert sandbox.requests()[0]["body"]["metadata"]["custom_filters"] == {"recurring": True}
    sandbox.reset()
    credited.clear()
    return SavedCard.objects.get()


def charge(card: SavedCard, **values: Any) -> Payment:
    return open_payment(
        card.business, "30.00", card_id=card.pk, now=NOON, email="accounts@example.com", **values
    )


def test_a_saved_card_is_charged_with_its_own_email(
    card: SavedCard, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    payment = start(charge(card))
    assert (payment.status, payment.next_action, credited) == ("SUCCESSFUL", "", [payment.reference])
    [body] = sent(sandbox, "/transaction/charge_authorization")
    assert payment.reference in json.loads(body.pop("metadata"))["cancel_action"]
    assert body == {
        "email": "ama@example.com",
        "amount": 3000,
        "currency": "GHS",
        "reference": payment.reference,
        "authorization_code": secret_text.unseal(card.sealed_code),
    }


def test_what_a_charge_claims_is_verified_first(
    card: SavedCard, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    sandbox.script(tamper={"amount": 100})
    assert start(charge(card)).status == "REVIEW"
    assert credited == []


def test_a_charge_that_can_not_be_verified_yet_is_settled_later(
    card: SavedCard, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    sandbox.script(fail_next="500", fail_calls=9, fail_path="/transaction/verify")
    payment = start(charge(card))
    assert (payment.status, payment.next_action, credited) == ("PENDING", "wait", [])
    sandbox.reset()
    assert check(payment, 15).status == "SUCCESSFUL"
    assert credited == [payment.reference]


def test_a_declined_card_has_failed(card: SavedCard, sandbox: PaystackSandbox, credited: list[str]) -> None:
    sandbox.script(card_charge="failed")
    payment = start(charge(card))
    assert (payment.status, payment.gateway_response, credited) == ("FAILED", "Declined", [])


def test_a_bank_that_wants_to_see_the_payer(
    card: SavedCard, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    sandbox.script(card_charge="challenge")
    payment = start(charge(card))
    assert (payment.status, payment.next_action) == ("PENDING", "open_url")
    assert payment.payment_url.startswith(f"{sandbox.url}/checkout/")
    assert check(payment, 185).status == "PENDING"  # no prompt, no three minutes
    sandbox.pay(payment.reference, channel="card")
    assert check(payment, 600).status == "SUCCESSFUL"


@pytest.mark.parametrize("fault", ["timeout", "drop", "500", "garbage", "landed"])
def test_a_card_charge_whose_answer_is_lost_is_never_sent_again(
    card: SavedCard, sandbox: PaystackSandbox, credited: list[str], fault: str
) -> None:
    sandbox.script(fail_next=fault)
    payment = start(charge(card))
    assert (payment.status, payment.next_action) == ("PENDING", "wait")
    start(payment, 1)
    found = check(payment, 185)
    assert found.status == ("SUCCESSFUL" if fault == "landed" else "FAILED")
    assert len(sent(sandbox, "/transaction/charge_authorization")) == 1
    assert len(credited) == (fault == "landed")


def test_a_card_the_gateway_has_dropped(card: SavedCard, sandbox: PaystackSandbox) -> None:
    code = secret_text.unseal(card.sealed_code)
    providers.direct("paystack").forget_card(card_code=code)
    payment = charge(card)
    with pytest.raises(CardUnusable):
        start(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.gateway_response) == ("FAILED", CardUnusable.detail)


def test_a_card_removed_before_it_is_charged_is_not_charged(
    card: SavedCard, sandbox: PaystackSandbox
) -> None:
    payment = charge(card)
    SavedCard.objects.update(removed_at=NOON)
    with pytest.raises(CardUnusable):
        start(payment)
    assert Payment.objects.get(pk=payment.pk).status == "FAILED"
    assert sandbox.requests() == []


def test_an_expired_card_opens_no_payment(card: SavedCard) -> None:
    SavedCard.objects.update(exp_year=2026)
    with pytest.raises(CardUnusable):
        charge(card)
    assert Payment.objects.count() == 1


def test_a_card_is_kept_when_the_payer_says_so(
    business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    for save_card in (False, True, True):
        payment = open_payment(business, save_card=save_card)
        payments.start(payment_id=payment.pk, now=timezone.now())
        sandbox.pay(payment.reference, channel="card")
        settlement.verify(reference=payment.reference, now=timezone.now())
        assert SavedCard.objects.exists() == save_card
    assert SavedCard.objects.first().email == "ama@example.com"  # type: ignore[union-attr]


def test_a_wallet_is_never_kept(business: Business, sandbox: PaystackSandbox, credited: list[str]) -> None:
    payment = open_payment(business, save_card=True)
    payments.start(payment_id=payment.pk, now=timezone.now())
    sandbox.pay(payment.reference, channel="mobile_money")
    assert settlement.verify(reference=payment.reference, now=timezone.now()).status == "SUCCESSFUL"
    assert SavedCard.objects.count() == 0


def forget(card: SavedCard) -> SavedCard:
    SavedCard.objects.filter(pk=card.pk).update(removed_at=timezone.now() - timedelta(minutes=2))
    tasks.forget_card(card.pk)
    card.refresh_from_db()
    return card


def test_a_removed_card_is_forgotten_at_the_gateway_and_here(
    card: SavedCard, sandbox: PaystackSandbox
) -> None:
    code = secret_text.unseal(card.sealed_code)
    assert forget(card).sealed_code == ""
    tasks.forget_card(card.pk)
    assert sent(sandbox, "/customer/authorization/deactivate") == [{"authorization_code": code}]


@pytest.mark.parametrize("fault", ["500", "drop", "429", "401"])
def test_a_gateway_that_can_not_be_told_is_told_later(
    card: SavedCard, sandbox: PaystackSandbox, fault: str
) -> None:
    sealed = card.sealed_code
    sandbox.script(fail_next=fault)
    with pytest.raises((GatewayUnavailable, OutcomeUnknown)):
        forget(card)
    card.refresh_from_db()
    assert (card.forgotten_at, card.sealed_code) == (None, sealed)
    assert cards.to_forget(now=timezone.now()) == [card.pk]
    tasks.sweep_cards()
    tasks.forget_card(card.pk)
    card.refresh_from_db()
    assert card.forgotten_at is not None
    assert cards.to_forget(now=timezone.now()) == []


def test_a_card_that_is_saved_elsewhere_too_stays_known_to_the_gateway(
    card: SavedCard, sandbox: PaystackSandbox
) -> None:
    other = Business.objects.create(name="Ama's other shop")
    keep(open_payment(other, email=card.email), replace(VISA, signature=card.signature))
    assert forget(card).sealed_code == ""
    assert sandbox.requests() == []


NOT_ANY_MORE = "This payment waits for no code any more. See what became of it before you start a new one."


@pytest.mark.parametrize(("outcome", "status"), [("approve", "SUCCESSFUL"), ("decline", "FAILED")])
def test_a_code_that_nothing_waits_for_any_more_is_asked_about_at_once(
    asks_for_code: Payment, sandbox: PaystackSandbox, credited: list[str], outcome: str, status: str
) -> None:
    sandbox.pay(asks_for_code.reference, outcome)
    # Long after the start: by itself it would be asked about next an hour after it.
    Payment.objects.update(next_check_at=NOON + timedelta(hours=1))
    with pytest.raises(NoCodeExpected, match=NOT_ANY_MORE):
        submit(asks_for_code, "123456", 100)
    found = Payment.objects.get()
    assert (found.status, found.next_action) == ("PENDING", "wait")
    assert found.next_check_at == NOON + timedelta(seconds=110)
    assert schedule.claim_due(now=NOON + timedelta(seconds=110)) == [found.pk]
    after = check(found, 110)
    assert (after.status, after.next_action, len(credited)) == (status, "", int(status == "SUCCESSFUL"))


@pytest.mark.parametrize(
    ("fault", "error"), [("drop", None), ("Insufficient funds for this charge", PaymentRejected)]
)
def test_a_code_without_a_step_is_asked_about_at_once(
    paid: Payment, business: Business, desk: Desk, fault: str, error: type[Exception] | None
) -> None:
    """The answer is lost, or a refusal in words of its own."""
    payment = opened(business, network="vod")
    Payment.objects.filter(pk=payment.pk).update(
        sent_at=NOON, next_action="enter_otp", next_check_at=NOON + timedelta(hours=1)
    )
    desk.faults = ["lost" if fault == "drop" else fault]
    if error is None:
        submit(payment, "123456", 100)
    else:
        with pytest.raises(error, match=fault):
            submit(payment, "123456", 100)
    payment.refresh_from_db()
    assert (payment.next_action, payment.next_check_at) == ("wait", NOON + timedelta(seconds=110))


def test_the_page_says_what_became_of_a_code_that_came_too_late(
    asks_for_code: Payment, sandbox: PaystackSandbox, client: Client
) -> None:
    sandbox.pay(asks_for_code.reference, "decline")
    now = timezone.now()
    Payment.objects.update(sent_at=now - timedelta(seconds=60), prompt_expires_at=now + timedelta(seconds=60))
    page = f"/payments/{asks_for_code.reference}/"
    refused = client.post(f"{page}otp/", {"otp": "123456"})
    assert (refused.status_code, NOT_ANY_MORE in refused.content.decode()) == (409, True)
    assert client.get(f"{page}state/").json()["outcome"] == "failed"
