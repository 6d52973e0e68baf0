"""The chat's figures, against conversations that were counted by hand."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from accounts.models import Membership
from subscriptions.services import fx
from support_chat.analytics import Scope, report
from support_chat.analytics.clusters import clusters
from support_chat.analytics.issues import Question, issues
from tests.factories import client_for, make_business

from .talks import Talks, at

D = Decimal
NOW = at("10T12:00")
TWO_DAYS = Scope(days=2)  # the 9th and the 10th

# Yaw's shop is in Tokyo, nine hours ahead: its 9th began on the 8th at 15:00 UTC.
CONVERSATIONS = """
# name  who    assistant  language  status      reopened  stars  rated at
  buy   ama    executive  en        closed      0         5      10T09:00
  buy2  ama    sales      en        open        0         -      -
  human ama    executive  en        resolved    1         4      10T11:00
  given guest  executive  fr        closed      0         1      09T12:00
  gap   guest  executive  en        open        0         -      -
  gap2  yaw    executive  en        closed      0         -      -
  wait  yaw    executive  tw        with_staff  0         -      -
  quiet ama    inventory  pcm       open        0         -      -
  old   ama    executive  en        open        0         3      08T23:59:59
  next  guest  executive  en        open        0         2      10T12:00
"""
MESSAGES = """
# name  at            who       text; or source, first words after s, end after s, cost in USD
  old   08T23:59:59   user      How do I buy credits?
  old   +             model     1.0 2.0 7
  gap2  08T14:59:59   user      Still the 8th in Tokyo
  gap2  +             model     1.0 2.0 5
  gap2  08T15:00      user      can you print labels for Adwoa's shelf
  gap2  +             none      1.0 1.5 0
  buy   09T08:00      user      How do I buy credits with MoMo?
  buy   +             model     1.0 2.0 0.0004
  human 09T09:00      user      Kofi Mensah wants a refund
  human +             none      0.5 0.5 0
  human 09T09:10      user      Please let me talk to a person
  human +             model     3.0 6.0 0.0010
  human 09T09:10:06   system    A person of our team will answer you here.
  human 09T09:15:06   staff     Hello, I am Esi.
  given 09T10:00      user      Comment acheter des crédits avec MoMo ?
  given +             search    4.0 4.0 0
  given 09T10:05      system    Une personne de notre équipe vous répondra ici.
  gap   09T11:00      user      Can I print shelf labels?
  gap   +             none      1.0 1.0 0
  quiet 09T11:30      user      wetin be vat
  quiet +             curated   0.2 0.2 0
  buy2  09T23:59:59   user      how to purchase credit with mobile money
  buy2  +             model     2.0 5.0 0.0006
  wait  10T07:00      user      Mepɛ sɛ mehu me sika
  wait  +             failed    - 9.0 0.0010
  wait  10T07:00:30   user      Hello?
  wait  +             with_staff - 1.0 0
  wait  10T07:01      system    Yɛn adwumayɛfo no mu baako bebua wo wɔ ha.
  wait  10T07:02      user      Are you there?
  buy   10T08:00      user      Thanks
  buy   +             curated   0.0 0.0 0
  human 10T09:00      system    A person of our team will answer you here.
  human 10T09:16:40   staff     Your money is on its way.
  next  10T12:00      user      Not before now
"""
TICKETS = """
# name  opened at     reason    category  first reply at  status
  human 09T09:10:06   model     payments  09T09:15:06     resolved
  human 10T09:00      user      billing   10T09:16:40     resolved
  given 09T10:05      user      other     -               closed
  wait  10T07:01      failures  other     -               open
"""


@pytest.fixture
def shops(db: None) -> dict[str, Membership]:
    ama, yaw = make_business(name="Ama"), make_business(name="Yaw")
    yaw.business.timezone = "Asia/Tokyo"
    yaw.business.save()
    return {"ama": ama, "yaw": yaw}


@pytest.fixture
def talks(shops: dict[str, Membership]) -> Talks:
    fx.set_rate(currency="USD", ghs=D(16), effective_from=at("01T00:00"), source="test")
    fx.set_rate(currency="USD", ghs=D(20), effective_from=at("10T05:10"), source="test")
    talks = Talks(shops)
    talks.conversations(CONVERSATIONS)
    talks.messages(MESSAGES)
    talks.tickets(TICKETS)
    return talks


def shares(rows: list[dict[str, Any]], name: str, count: str) -> list[tuple[str, int, Decimal]]:
    return [(row[name], row[count], row["share"]) for row in rows]


def numbers(row: dict[str, Any]) -> list[Any]:
    return list(row.values())


def test_what_was_written(talks: Talks) -> None:
    found = report(scope=TWO_DAYS, now=NOW)

    # buy, buy2, human, given, gap, gap2, wait, quiet; gap2 began before the period.
    assert (found["conversations"], found["begun"]) == (8, 7)
    # buy 4, buy2 2, human 8, given 3, gap 2, gap2 2, wait 6, quiet 2.
    assert found["messages"] == 29
    # buy 2, buy2 1, human 2, given 1, gap 1, gap2 1, wait 3, quiet 1.
    assert found["questions"] == 12
    # Of 12 answers; the reply that wait did not get because staff took over is none.
    assert shares(found["answers"], "by", "answers") == [
        ("curated", 2, D("16.67")),  # buy, quiet
        ("model", 3, D("25.00")),  # buy, human, buy2
        ("search", 1, D("8.33")),  # given
        ("none", 3, D("25.00")),  # human, gap, gap2
        ("staff", 2, D("16.67")),  # human
        ("failed", 1, D("8.33")),  # wait
    ]
    assert shares(found["languages"], "language", "questions") == [
        ("en", 7, D("58.33")),
        ("tw", 3, D("25.00")),
        ("fr", 1, D("8.33")),
        ("pcm", 1, D("8.33")),
    ]


def test_waiting(talks: Talks) -> None:
    times = report(scope=TWO_DAYS, now=NOW)["times"]

    # 0 0.2 0.5 1 [1] 1 2 3 4; the 90th percentile lies 0.9 x 8 = 7.2 steps up: 3 + 0.2 x (4 - 3).
    assert numbers(times["first_text"]) == [9, D("1.00"), D("3.20")]
    # 0 0.2 0.5 1 [1.5] 2 4 5 6: 5 + 0.2 x (6 - 5).
    assert numbers(times["whole_reply"]) == [9, D("1.50"), D("5.20")]
    # 300 and 1,000 seconds: half way, and 300 + 0.9 x 700.
    assert numbers(times["staff_first_reply"]) == [2, D("650.00"), D("930.00")]


def test_what_became_of_them(talks: Talks) -> None:
    found = report(scope=TWO_DAYS, now=NOW)

    # Without a human: buy (closed, answered), quiet (nothing for 24.5 hours, answered). With: human. Not:
    # given (closed before anybody replied to the ticket), gap, gap2 (not known). Ongoing: buy2, wait.
    # 3 of 6 that are over; 2 of 6. One went on after it had been resolved, of one that was.
    assert numbers(found["resolution"]) == [2, 1, 3, 2, 3, D("50.00"), D("33.33"), 1, D("100.00")]
    # Four tickets in three of eight conversations.
    assert numbers(found["handoff"])[:3] == [4, 3, D("37.50")]
    assert [numbers(row) for row in found["handoff"]["reasons"]] == [
        ["user", 2],
        ["failures", 1],
        ["model", 1],
    ]
    assert [numbers(row) for row in found["handoff"]["categories"]] == [
        ["other", 2],
        ["billing", 1],
        ["payments", 1],
    ]
    # 5, 4 and 1: 10 ÷ 3. The 3 was given a second too early, the 2 is not before now.
    assert (found["csat"]["ratings"], found["csat"]["mean"]) == (3, D("3.33"))
    assert [numbers(row) for row in found["csat"]["distribution"]] == [[1, 1], [2, 0], [3, 0], [4, 1], [5, 1]]


def test_what_it_costs(talks: Talks) -> None:
    found = report(scope=TWO_DAYS, now=NOW)

    # The 9th: 0.0004 + 0.0010 + 0.0006 at 16; the 10th: 0.0010 at 20, the rate since 05:10.
    assert [(row["day"], row["cost_usd"], row["cost_ghs"]) for row in found["by_day"]] == [
        (date(2126, 3, 9), D("0.0020"), D("0.0320")),
        (date(2126, 3, 10), D("0.0010"), D("0.0200")),
    ]
    # ÷ 8 conversations, ÷ 3 resolved.
    assert numbers(found["cost"]) == [
        *(D("0.0030"), D("0.0520")),
        *(D("0.000375"), D("0.0010"), D("0.0065"), D("0.01733333")),
    ]


def test_day_by_day(talks: Talks) -> None:
    ninth, tenth = report(scope=TWO_DAYS, now=NOW)["by_day"]

    # The 9th: buy 2, buy2 2, human 6, given 3, gap 2, gap2 2, quiet 2. The 10th: buy 2, human 2, wait 6.
    assert (ninth["conversations"], ninth["begun"], ninth["messages"]) == (7, 6, 19)
    assert (tenth["conversations"], tenth["begun"], tenth["messages"]) == (3, 1, 10)
    assert numbers(ninth["answers"]) == [1, 3, 1, 3, 1, 0]
    assert numbers(tenth["answers"]) == [1, 0, 0, 0, 1, 1]


def test_common_questions_and_gaps(talks: Talks) -> None:
    found = report(scope=TWO_DAYS, now=NOW)

    # buy, buy2 and given ask the same in two languages; gap and gap2 too. Of "Adwoa" nothing is told.
    assert found["issues"]["read"] == 12
    assert [numbers(row) for row in found["issues"]["groups"]] == [
        ["How do I buy credits with MoMo?", 3, 3, 0, 1],
        ["Can I print shelf labels?", 2, 2, 2, 0],
    ]
    # human, given, gap, gap2 got no answer, or help as it is; only labels were asked for twice.
    assert found["gaps"]["read"] == 4
    assert [numbers(row) for row in found["gaps"]["groups"]] == [["Can I print shelf labels?", 2, 2, 2, 0]]


@pytest.mark.parametrize(
    ("scope", "conversations", "messages", "cost_usd"),
    [
        (Scope(days=2, language="fr"), 1, 3, D(0)),  # given
        (Scope(days=2, assistant="sales"), 1, 2, D("0.0006")),  # buy2
        (Scope(days=2, assistant="inventory", language="pcm"), 1, 2, D(0)),  # quiet
        (Scope(days=2, assistant="marketing"), 0, 0, D(0)),
        (Scope(days=1), 3, 10, D("0.0010")),  # the 10th
        (Scope(days=3), 9, 33, D("12.0030")),  # and old, and what gap2 began with
    ],
)
def test_filters(talks: Talks, scope: Scope, conversations: int, messages: int, cost_usd: Decimal) -> None:
    found = report(scope=scope, now=NOW)

    assert (found["conversations"], found["messages"]) == (conversations, messages)
    assert found["cost"]["cost_usd"] == cost_usd


def test_one_business(talks: Talks) -> None:
    ama, yaw = (talks.members[name].business_id for name in ("ama", "yaw"))

    of_ama, of_yaw = (report(scope=Scope(days=2, business_id=one), now=NOW) for one in (ama, yaw))

    # buy 4, buy2 2, human 8, quiet 2 and the stars of buy and human; gap2 2, wait 6.
    assert (of_ama["conversations"], of_ama["messages"], of_ama["csat"]["mean"]) == (4, 16, D("4.50"))
    assert (of_yaw["conversations"], of_yaw["messages"], of_yaw["csat"]["mean"]) == (2, 8, None)
    assert (of_ama["handoff"]["tickets"], of_yaw["handoff"]["tickets"]) == (2, 1)
    assert of_yaw["gaps"] == {"read": 1, "at_most": 2000, "groups": []}


def test_nothing_happened(db: None) -> None:
    found = report(scope=Scope(days=30), now=NOW)

    assert found["by_day"] == found["languages"] == found["issues"]["groups"] == []
    assert {row["answers"] for row in found["answers"]} == {0}
    assert [numbers(one) for one in found["times"].values()] == [[0, None, None]] * 3
    assert numbers(found["resolution"]) == [0, 0, 0, 0, 0, None, None, 0, None]
    assert numbers(found["handoff"]) == [0, 0, None, [], []]
    assert found["csat"]["mean"] is None
    assert numbers(found["cost"]) == [0, 0, None, None, None, None]


def test_the_number_of_queries_is_fixed(talks: Talks, django_assert_num_queries: Any) -> None:
    report(scope=TWO_DAYS, now=NOW)  # the rates are read once
    for scope in (TWO_DAYS, Scope(days=366)):
        with django_assert_num_queries(8):
            report(scope=scope, now=NOW)


# --- Grouping ----------------------------------------------------------------------------------------------
def texts(*written: str) -> list[frozenset[str]]:
    return [frozenset(one.split()) for one in written]


def test_groups_do_not_depend_on_the_order() -> None:
    # Weights of N = 5: log(1 + 5 ÷ n): buy, credit (n = 3) 0.981; momo, card, print, label (n = 1 or 2).
    asked = texts("buy credit", "buy credit momo", "print label", "print label", "buy credit card", "")

    found = clusters(asked)

    # "buy credit" comes before the longer ones, so it leads: both are alike it by 0.61 (1.387 ÷ (1.387 x
    # sqrt(1 + (1.946 ÷ 1.535)²))), and it is the most typical. The text without words is in no group.
    assert [(one.members, one.typical) for one in found] == [
        ([0, 1, 4], frozenset({"buy", "credit"})),
        ([2, 3], frozenset({"print", "label"})),
    ]
    back = clusters(asked[::-1])
    assert [sorted(5 - place for place in one.members) for one in back] == [one.members for one in found]


def test_different_questions_stay_apart() -> None:
    found = clusters(texts("buy credit", "refund credit", "expire credit"))

    assert [len(one.members) for one in found] == [1, 1, 1]


def asked_by(conversation: int, text: str, source: str = "model") -> Question:
    return Question(conversation_id=UUID(int=conversation), text=text, source=source)


def test_a_label_has_nothing_of_one_person() -> None:
    [group] = issues(
        [
            asked_by(1, "Refund Akosua Boateng 0244123456 please"),
            asked_by(2, "Refund Yaw Osei, yaw@shop.test please", "none"),
            asked_by(2, "refund please", "search"),
            asked_by(3, "Another thing entirely"),
        ]
    )

    assert group == {
        "question": "refund please",
        "questions": 3,
        "conversations": 2,
        "declined": 1,
        "from_search": 1,
    }


def test_words_of_one_conversation_are_hidden() -> None:
    [group] = issues(
        [
            asked_by(1, "Refund the payment of Akosua Boateng, 0244123456"),
            asked_by(2, "Refund the payment of 王小明 Boahen-Mensah, number 0244123457"),
        ]
    )

    assert group["question"] == "Refund the payment of …, [PHONE]"


def test_one_persons_question_is_not_told() -> None:
    assert issues([asked_by(1, "Where is my refund?"), asked_by(1, "Where is my refund?")]) == []


# --- For staff ---------------------------------------------------------------------------------------------
def staff_client() -> Any:
    member = make_business(name="Sika")
    member.user.is_staff = True
    member.user.save()
    return client_for(member)


def test_staff_alone(shops: dict[str, Membership]) -> None:
    assert client_for(shops["ama"]).get("/api/admin/support-analytics/").status_code == 403
    staff = staff_client()

    found = staff.get(f"/api/admin/support-analytics?days=7&business_id={shops['ama'].business_id}")

    assert found.status_code == 200, found.content
    assert (found.json()["period_days"], found.json()["messages"]) == (7, 0)
    for bad in ("days=0", "days=367", "days=x", "assistant=x", "language=klingon", "business_id=1"):
        assert staff.get(f"/api/admin/support-analytics/?{bad}").status_code == 400, bad


def test_the_page(talks: Talks, admin_client: Any) -> None:
    page = admin_client.get("/admin/support_chat/supportfigures/?days=30&assistant=executive&language=x")

    assert page.status_code == 200
    assert "Nothing in this period." in page.content.decode()


def test_the_page_shows_no_conversation(talks: Talks, admin_client: Any) -> None:
    pk = talks.by_name["buy"].pk

    assert admin_client.get(f"/admin/support_chat/supportfigures/{pk}/change/").status_code == 302
