"""What every feature earns on every kind of credit with every model, reckoned as the floor does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Any

from django.conf import settings

from ai_features import costs
from ai_features.services import margin
from config.core import money
from subscriptions.selectors import catalogue
from subscriptions.selectors.margin import free_credit_ghs

# What a product description with everything filled in, or a handful of figures, takes; with the schema.
PROMPT_TOKENS = 1_500


@dataclass(frozen=True)
class Line:
    """One feature with one model. `revenues` maps a kind of credit to the cedis that one call brings in."""

    feature: Any
    model: Any
    output_tokens: int
    cost_ghs: Decimal
    usd_to_ghs: Decimal
    revenues: dict[str, Decimal]

    def offered(self, source: str) -> bool:
        return margin.leaves_floor(cost_ghs=self.cost_ghs, revenue_ghs=self.revenues[source])

    @property
    def longest_prompt(self) -> int:
        """Tokens with which the floor is still left on the cheapest credits; negative when none would do."""
        most_usd = min(self.revenues.values()) * (1 - settings.MARGIN_FLOOR) / self.usd_to_ghs
        room = most_usd * costs.PER - self.output_tokens * self.model.output_usd
        return int((room / self.model.input_usd).to_integral_value(ROUND_FLOOR))


def lines(*, now: datetime) -> list[Line]:
    """Every feature in force × every model in service of its class. Raises PriceUnknown, NoModel."""
    values = credit_values(now=now)
    usd_to_ghs = catalogue.usd_to_ghs(now=now)
    found = []
    for feature in catalogue.features(now=now):
        route = catalogue.model_route(slug=feature.model_class, now=now)
        cap = margin.output_cap(feature, route)
        revenues = {source: feature.credits * ghs for source, ghs in values.items()}
        for model in margin.in_service(route, now):
            cost = costs.cost_usd(price=model, input_tokens=PROMPT_TOKENS, output_tokens=cap) * usd_to_ghs
            found.append(Line(feature, model, cap, cost, usd_to_ghs, revenues))
    return found


def credit_values(*, now: datetime) -> dict[str, Decimal]:
    """Cedis that a credit of each kind counts for."""
    values = {pack.type: _of_pack(pack) for pack in catalogue.packs(now=now)}
    plan = catalogue.addon_plan(now=now)
    values["add-on"] = money.unit_value_ghs(plan.price_ghs, plan.credits)
    values["trial"] = free_credit_ghs(source="trial", now=now)
    values["monthly free"] = free_credit_ghs(source="monthly_free", now=now)
    return values


def refused(table: list[Line]) -> list[tuple[str, str]]:
    """Features and kinds of credit for which no model leaves the floor."""
    pairs = {(line.feature.slug, source): False for line in table for source in line.revenues}
    for line in table:
        for source in line.revenues:
            pairs[line.feature.slug, source] |= line.offered(source)
    return [pair for pair, offered in pairs.items() if not offered]


def markdown(table: list[Line], *, now: datetime) -> Iterator[str]:
    """The table, a line at a time. Margins are rounded down; `no`: not offered."""
    values = credit_values(now=now)
    heads = [f"{source} {ghs:.2f}" for source, ghs in values.items()]
    yield f"| feature | model | answer ≤ | cost ≤ | {' | '.join(heads)} | prompt ≤ |"
    yield "|---" * (len(heads) + 5) + "|"
    for line in table:
        cells = [_cell(line, source) for source in values]
        yield (
            f"| {line.feature.slug} {line.feature.credits} | {line.model.name} | {line.output_tokens} | "
            f"{line.cost_ghs:.4f} | {' | '.join(cells)} | {_tokens(line)} |"
        )


def _cell(line: Line, source: str) -> str:
    revenue = line.revenues[source]
    if revenue <= 0:
        return "0 no"
    share = (100 * (1 - line.cost_ghs / revenue)).to_integral_value(ROUND_FLOOR)
    shown = revenue.quantize(Decimal("0.001"), ROUND_DOWN)
    return f"{shown} {share}%{'' if line.offered(source) else ' no'}"


def _tokens(line: Line) -> str:
    return str(line.longest_prompt) if line.longest_prompt > 0 else "none"


def _of_pack(pack: Any) -> Decimal:
    if pack.price_ghs is None:
        return 1 / Decimal(pack.credits)
    return money.unit_value_ghs(pack.price_ghs, pack.credits + pack.bonus_credits)
