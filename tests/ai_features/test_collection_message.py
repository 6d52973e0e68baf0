"""Reminders: what they state, whom they name, what they take, and when they go. Conduct: test_conduct.py."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rest_framework import serializers

from ai_features.facts import debt_figures, reminders, sms
from ai_features.features import collection_message as feature
from ai_features.features import schema
from ai_features.models import AIRequest
from ai_features.privacy.sanitise import restore_tree
from ai_features.sandbox.faults import MISCONDUCT
from ai_features.services import question as questions

ACCRA = ZoneInfo("Africa/Accra")
LINK = "https://pay.example/a1b2?n=0244123456&t=~x"
INPUT: dict[str, Any] = {
    "customer": "Ama Mensah",
    "amount": "450.00",
    "due_date": "2026-11-03",
    "days_overdue": 18,
    "tone": "firm",
    "pay_link": LINK,
    "shop_name": "Kofi Stores",
    "history": [
        {"kind": "reminder", "date": "2026-11-10"},
        {"kind": "promise", "date": "2026-11-14"},
        {"kind": "payment", "date": "2026-11-15", "amount": "50.00"},
    ],
}
GOOD = (
    "Dear ⟦C01⟧, GHS 450.00 was due on 3 November 2026. "
    "Please pay it or call us about a plan. ⟦C02⟧ Thanks, ⟦C03⟧"
)


def asked(**changes: Any) -> questions.Question:
    body = {**INPUT, **changes}
    return questions.read(feature.FEATURE, {name: value for name, value in body.items() if value is not None})


def problems(message: str, **changes: Any) -> list[str]:
    result = {"title": "Your payment", "message": message, "alternatives": []}
    return feature.check(asked(**changes).facts[0], result)


def test_what_the_model_is_told():
    sent = json.loads(questions.messages(feature.FEATURE, asked().facts)[1]["content"])

    assert sent == {
        "debt": {
            "customer": "⟦C01⟧",
            "amount": "GHS 450.00",
            "due_date": "3 November 2026",
            "days_overdue": 18,
            "pay_link": "⟦C02⟧",
            "shop": "⟦C03⟧",
            "history": {"reminders_sent": 1, "promises_passed": 1, "payments": ["GHS 50.00"]},
        },
        "style": {
            "tone": "firm",
            "channel": "SMS",
            "language": "English",
            "length": "one or two short sentences, as few characters as possible",
        },
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("GHS 450.00 and GHS 50.00 more.", None),  # what was paid is given as well
        ("GHS 450 is 18 days overdue.", None),
        ("GHS 450.00 was due on 3/11/2026.", None),
        ("GHS 450.00 was due on November 3rd, 2026.", None),
        ("GHS 450.00 was due on Tuesday.", None),  # it was one
        ("You owe GHS 540.00.", "the amount ghs 540.00 is not the one given"),
        ("GHS 450.00, or pay 200 cedis now.", "the amount 200 cedis is not the one given"),
        ("GHS 450.00 was due on 4 November.", "the date 4 november is not one that was given"),
        ("GHS 450.00 was due on 3 November 2025.", "the date 3 november 2025 is not one that was given"),
        ("GHS 450.00 was due on 11/3/2026.", "the date 11/3/2026 is not one that was given"),
        ("GHS 450.00, please pay on Friday.", "the date friday is not one that was given"),
        ("GHS 450.00, please pay by tomorrow.", "the deadline by tomorrow was not given"),
        ("GHS 450.00 is 3 days overdue.", "3 days is not the number of days given"),
        ("GHS 450.00 within 18 hours.", "18 hours is a time or share that was not given"),
        ("GHS 450.00 within 48 of them.", "the number 48 was not given; leave it out"),
        ("GHS 450.00 in two instalments.", "the number two was not given; leave it out"),
        ("GHS 450.00, send to 0244123456.", "the number 0244123456 was not given; leave it out"),
        ("GHS 450.00 at pay-me.com.", "the address pay-me.com was not given"),
        ("GHS 450.00 for ⟦C04⟧.", "the token ⟦C04⟧ was not given; leave it out"),
        ("GHS 450.00 for [C01].", "the token [C01] was not given; leave it out"),
        ("GHS 450.00, says Kwame.", "the name Kwame was not given; leave it out"),
        ("GHS 450.00 for your samsung.", "the name samsung was not given; leave it out"),
        ("GHS 450.00 ⟦C02⟧ ⟦C02⟧", "the payment link stands there twice; once is enough"),
        ("Please pay what you owe.", "the message must name the amount, GHS 450.00"),
        ("GHS 450.00 " + "please " * 50, "a text is longer than 320 characters; write less"),
        (
            "GHS 450.00 or the police.",
            "it threatens or speaks of police, law or force (police); write it without",
        ),
    ],
)
def test_amounts_dates_names_and_links_must_be_those_given(text, problem):
    found = problems(text)

    assert (problem in found) if problem else (found == [])


def test_in_french():
    text = "Bonjour ⟦C01⟧, GHS 450.00 était à régler le 3 novembre 2026."

    assert problems(text, language="French") == []
    assert problems(f"{text} Sous huit jours.", language="French") == ["write no numbers in words (huit)"]


def test_a_wrong_alternative_or_title_counts_too():
    facts = asked().facts[0]

    assert feature.check(facts, {"title": "Pay", "message": GOOD, "alternatives": [GOOD]}) == []
    assert feature.check(facts, {"title": "GHS 9.99", "message": GOOD, "alternatives": []})[0].startswith(
        "the amount"
    )
    assert feature.check(facts, {"title": "Pay", "message": GOOD, "alternatives": ["Your boss"]}) == [
        "it brings in other people (your boss); write it without"
    ]


def test_names_and_link_come_back_exactly_and_the_sms_is_counted_with_them():
    question = asked()
    written = {
        "title": "Pay",
        "message": GOOD,
        "alternatives": ["Nothing about money", "Hi, GHS 450.00 is due."],
    }

    result = restore_tree(feature.finish(question.facts[0], written), question.tokens)

    message = (
        "Dear Ama Mensah, GHS 450.00 was due on 3 November 2026. Please pay it or call us about a plan. "
        f"{LINK} Thanks, Kofi Stores"
    )
    assert result == {
        "title": "Pay",
        "message": message,
        "alternatives": [f"Hi, GHS 450.00 is due. Pay here: {LINK}"],  # the other did not name the amount
        "sms": {"encoding": "GSM-7", "units": 158, "segments": 1, "alternatives": [1]},
        "send_time": {"at": "2026-11-21T08:00+00:00", "time_zone": "Africa/Accra", "hours": reminders.HOURS},
    }
    assert sms.size(message).units == len(message) + 1 == 158  # the ~ of the link takes two


@pytest.mark.parametrize("language", reminders.LANGUAGES)
@pytest.mark.parametrize(
    ("tone", "days"), [("friendly", -3), ("friendly", 1), ("firm", 0), ("firm", 18), ("final", 18)]
)
@pytest.mark.parametrize("channel", feature.CHANNELS)
def test_the_texts_made_here_pass_every_check(language, tone, days, channel):
    question = asked(language=language, tone=tone, days_overdue=days, channel=channel)

    result = feature.local_text(question.facts[0])

    assert feature.check(question.facts[0], result) == []
    assert schema.problems(feature.MessageResult, result)[1] == []
    message = restore_tree(result, question.tokens)["message"]
    assert message.count(LINK) == 1
    if channel == "SMS":
        size = sms.size(message)
        assert result["sms"]["units"] == size.units
        assert size.segments <= 4
    else:
        assert result["sms"] is None


@pytest.mark.parametrize(
    ("moment", "advice"),
    [  # 2026-11-21 is a Saturday
        (datetime(2026, 11, 20, 7, 59, tzinfo=UTC), "2026-11-20T08:00+00:00"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "2026-11-20T08:00+00:00"),
        (datetime(2026, 11, 20, 17, 59, tzinfo=UTC), "2026-11-20T17:59+00:00"),
        (datetime(2026, 11, 20, 18, 0, tzinfo=UTC), "2026-11-21T08:00+00:00"),
        (datetime(2026, 11, 21, 20, 15, tzinfo=UTC), "2026-11-23T08:00+00:00"),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "2026-11-23T08:00+00:00"),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "2026-11-23T08:00+00:00"),
    ],
)
def test_never_at_night_and_never_on_a_sunday(moment, advice):
    assert reminders.send_time(moment, ACCRA).isoformat(timespec="minutes") == advice


def test_hours_are_those_of_the_shops_zone():
    lagos = ZoneInfo("Africa/Lagos")  # an hour ahead

    evening = reminders.send_time(datetime(2026, 11, 20, 17, 30, tzinfo=UTC), lagos)
    morning = reminders.send_time(datetime(2026, 11, 20, 7, 10, tzinfo=UTC), lagos)

    assert evening.isoformat() == "2026-11-21T08:00:00+01:00"
    assert morning.isoformat() == "2026-11-20T08:10:00+01:00"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"customer": None}, "customer", "required"),
        ({"customer": "--"}, "customer", "at least two letters"),
        ({"amount": "0"}, "amount", "greater than or equal to 0.01"),
        ({"amount": "12.345"}, "amount", "2 decimal places"),
        ({"amount": "1000000000.00"}, "amount", "digits"),
        ({"due_date": "3/11/26"}, "due_date", "wrong format"),
        ({"due_date": "9999-12-31"}, "due_date", "between 2000 and 2099"),
        ({"days_overdue": 4000}, "days_overdue", "3650"),
        ({"days_overdue": 0, "tone": "final"}, "tone", "choose friendly or firm"),
        ({"tone": "angry"}, "tone", "not a valid choice"),
        ({"language": "Latin"}, "language", "not a valid choice"),
        ({"channel": "fax"}, "channel", "not a valid choice"),
        ({"pay_link": "http://pay.example"}, "pay_link", "begins with https://"),
        ({"pay_link": "https://pay.example/a b"}, "pay_link", "no blanks"),
        ({"time_zone": "Accra"}, "time_zone", "Africa/Accra"),
        ({"send_after": "soon"}, "send_after", "wrong format"),
        ({"history": [{"kind": "payment", "date": "2026-11-01"}]}, "history", "Say how much was paid."),
        ({"history": [{"kind": "visit", "date": "2026-11-01"}]}, "history", "not a valid choice"),
        ({"history": [{"kind": "call", "date": "2026-11-01"}] * 21}, "history", "no more than 20"),
    ],
)
def test_bad_input_says_what_to_do(changes, field, words):
    with pytest.raises(serializers.ValidationError) as refused:
        asked(**changes)

    assert list(refused.value.detail) == [field]
    assert words in str(refused.value.detail)


def test_dates_in_words_are_recognised_in_both_orders():
    def found(text):
        return debt_figures.problems(
            text, amounts=[Decimal(5)], dates=[date(2026, 8, 1)], days=2, language="French"
        )

    assert found("le 1er août 2026, GHS 5") == []
    assert found("August 1, 2026: 2 days; GHS 5.00") == []
    assert found("le 2 août") == ["the date 2 aout is not one that was given"]


def post(shop: Any, **changes: Any) -> Any:
    return shop.client.post("/api/ai/collection-message/", {**INPUT, **changes})


@pytest.mark.django_db
def test_a_reminder_costs_half_a_credit_and_no_name_leaves(shop, sandbox):
    body = post(shop).json()

    assert (body["source"], body["credits_charged"], body["new_balance"]) == ("ai", 0.5, 4.5)
    assert body["result"]["message"] == (
        f"Ama Mensah: GHS 450.00; 3 November 2026; {LINK}; Kofi Stores; GHS 50.00."
    )
    assert body["result"]["sms"]["units"] == sms.size(body["result"]["message"]).units
    for place in (json.dumps(sandbox.calls(), ensure_ascii=False), str(AIRequest.objects.get().request_data)):
        assert not any(secret in place for secret in ("Ama", "Mensah", "Kofi", "pay.example", "0244123456"))


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [*MISCONDUCT, "invented"])
def test_what_may_not_be_written_never_arrives(shop, sandbox, fault):
    """The sandbox says it once: repaired. Twice: refused, free, with a text made here instead."""
    sandbox.fail(fault)
    assert post(shop).json()["credits_charged"] == 0.5
    assert len(json.loads(sandbox.calls()[1]["messages"][1]["content"])["corrections"]) >= 1

    sandbox.fail(fault, times=2)
    refused = post(shop, amount="460.00")

    assert (refused.status_code, refused.json()["code"]) == (502, "answer_unusable")
    for words in (*MISCONDUCT.values(), "7777", "Samsung"):
        assert words not in refused.content.decode()
    assert refused.json()["local_answer"]["result"]["message"].startswith(
        "Hello Ama Mensah, GHS 460.00 was due"
    )
    assert shop.account == (Decimal("4.50"), Decimal("0.00"))
    assert shop.transactions()[-1] == ("failed", "ai", "answer_unusable", Decimal(0))


@pytest.mark.django_db
def test_a_stored_answer_serves_another_customer_with_a_name_as_long(shop, sandbox):
    post(shop)

    again = post(shop, customer="Esi Bonsua").json()

    assert (again["source"], again["credits_charged"]) == ("cached", 0.0)
    assert again["result"]["message"].startswith("Esi Bonsua: GHS 450.00")
    assert again["result"]["sms"]["units"] == sms.size(again["result"]["message"]).units
    assert post(shop, customer="Ɛsi Bonsuaa").json()["source"] == "ai"  # takes more room
