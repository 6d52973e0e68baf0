"""Provider faults × features: outcome, charge, cost and message, as docs/provider-faults.md has them.

`-s` prints the table of each feature with its real credits and cost.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts import access
from ai_features.features import FEATURES
from ai_features.features.base import Feature
from ai_features.providers import breaker
from ai_features.services import gateway
from ai_features.services.caller import Caller, from_membership
from config.core.errors import DomainError
from subscriptions.models import AITransaction
from subscriptions.selectors import catalogue
from tests.ai_features.conftest import Shop
from tests.ai_features.fault_table import (
    FAULTS,
    LATE,
    MESSAGES,
    REPAIRED,
    SEVERAL,
    STOOD_IN,
    Ending,
    Fault,
    lines,
)
from tests.config.commands import ROOT
from tests.sandboxes import AISandbox

pytestmark = pytest.mark.django_db

D = Decimal
DOCUMENT = ROOT / "docs" / "provider-faults.md"
_CHARACTERS_PER_TOKEN = 4  # how the sandbox counts
_TIMES = {"once": 1, "always": 4}


@dataclass(frozen=True)
class Bench:
    """One feature, a shop that can pay for it, and a caller of the gateway as its view makes one."""

    feature: Feature
    shop: Shop
    caller: Caller
    price: Decimal
    sandbox: AISandbox

    def call(self, *faults: str, items: int = 1) -> tuple[int, str, str]:
        """Status, code (or source) and message of a call that meets these faults, one after the other."""
        self.sandbox.reset()
        breaker.forget()
        for fault in faults:
            self.sandbox.fail(fault)
        example = self.feature.example
        data = example if items == 1 else {"items": [example] * items}
        try:
            answer = gateway.run(
                feature=self.feature,
                data={**data, "fresh": True},
                caller=self.caller,
                now=timezone.now(),
            )
        except DomainError as refusal:
            assert refusal.data["local_answer"]["source"] == "local"
            assert refusal.data["local_answer"]["credits_charged"] == 0
            return refusal.status_code, refusal.code, refusal.detail
        return 200, answer.source, answer.notice or ""


def bench(feature: Feature, sandbox: AISandbox) -> Bench:
    shop, now = Shop(credits="0"), timezone.now()
    price = catalogue.feature(slug=feature.slug, now=now)
    shop.grant("1000", value="1")
    if price.needs_addon:
        shop.take_addon()
    membership, role = access.current(membership_id=shop.membership.pk, now=now)
    return Bench(feature, shop, from_membership(membership, role), price.credits, sandbox)


def meets(bench: Bench, fault: Fault, when: str) -> str:
    """Checks one cell; returns it as it is printed."""
    expected: Ending = getattr(fault, when)
    balance = bench.shop.account[0]

    status, code, message = bench.call(*[fault.name] * _TIMES[when])

    calls = bench.sandbox.calls()
    used = AITransaction.objects.filter(business_id=bench.shop.business_id).latest("pk")
    by = answered_by(bench, used) if status == 200 else "nobody"
    assert Ending(status, code, len(calls), used.attempts, by) == expected, (fault, when)
    if status == 200:
        assert (used.status, used.credits_charged) == ("success", bench.price)
        assert message == ""
    else:
        assert (used.status, used.error_code, used.credits_charged) == ("failed", code, D(0))
        assert message == MESSAGES[code].detail
    assert bench.shop.account == (balance - used.credits_charged, D(0)), (fault, when)
    told = fault.name != "no-usage"
    assert used.cost_usd == cost(used, calls[len(calls) - used.attempts :], told), (fault, when)
    return (
        f"{fault.name:13} {when:7} {status} {code:21} {used.credits_charged:5} {used.cost_usd:.8f}  {message}"
    )


def answered_by(bench: Bench, used: AITransaction) -> str:
    price = catalogue.feature(slug=bench.feature.slug, now=timezone.now())
    models = catalogue.model_route(slug=price.model_class, now=timezone.now()).models_in_order
    return ["the first model", "the next model"][models.index(used.model)]


def cost(used: AITransaction, booked: list[dict[str, Any]], told: bool) -> Decimal:
    """USD of the booked calls: their prompts as they were sent, at the model's price."""
    if not booked:
        assert (used.input_tokens, used.output_tokens, used.model) == (0, 0, "")
        return D(0)
    model = catalogue.ai_model(slug=used.model, now=timezone.now())
    assert {call["model"] for call in booked} == {model.name}
    if told:
        lengths = [sum(len(one["content"]) for one in call["messages"]) for call in booked]
        assert used.input_tokens == sum(length // _CHARACTERS_PER_TOKEN + 1 for length in lengths)
    assert used.output_tokens > 0
    return (used.input_tokens * model.input_usd + used.output_tokens * model.output_usd) / 10**6


def test_the_document_has_the_table() -> None:
    """When it differs: put what `fault_table.lines()` gives into docs/provider-faults.md."""
    assert [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")] == lines()


def tried(feature: Feature, fault: Fault) -> tuple[str, ...]:
    """All there is for the first feature. For the others a fault that recovers is tried once per outcome.

    The gateway only sees that no answer came, the reason is for the log (`test_provider.py` has each); so
    which one it was can make no difference to a feature. What is wrong with an answer can.
    """
    if fault.only:
        return ("once", "always") if feature.slug in fault.only else ()
    if feature is next(iter(FEATURES.values())) or (fault.once, fault.name) == (STOOD_IN, "429"):
        return "once", "always"
    return ("once", "always") if fault.once == REPAIRED else ("always",)


@pytest.mark.parametrize("feature", FEATURES.values(), ids=list(FEATURES))
def test_each_fault(feature: Feature, sandbox: AISandbox, settings: Any) -> None:
    here = bench(feature, sandbox)
    print(f"\n{feature.slug}: {here.price} credits")  # noqa: T201
    for fault in FAULTS:
        for when in tried(feature, fault):
            is_late = fault.name in dict(LATE)
            settings.AI_TIMEOUT_SECONDS = 20 if not is_late else 1.0 if when == "always" else 2.0
            print(meets(here, fault, when))  # noqa: T201


def test_of_several_items_those_delivered_are_charged(sandbox: AISandbox) -> None:
    here = bench(FEATURES["product_description"], sandbox)

    assert here.call("half", items=2) == (200, "ai", "")
    whole = AITransaction.objects.latest("pk")
    assert here.call("half", "invented", items=2) == (
        *(200, "ai"),
        "1 of 2 delivered. The others did not pass our checks: 0.10 credits were returned.",
    )
    half = AITransaction.objects.latest("pk")

    assert (whole.credits_charged, whole.attempts) == (D("0.20"), SEVERAL.once.booked)
    assert (half.credits_charged, half.attempts) == (D("0.10"), SEVERAL.always.booked)
    assert half.cost_usd > 0
    assert here.shop.account == (D("999.70"), D(0))
