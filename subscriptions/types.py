"""Values that cross the border of this app."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ProviderUsage:
    """What one AI use cost at a provider, all attempts together, at dated prices."""

    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_usd: Decimal
    cost_ghs: Decimal
    fx_rate: Decimal
    price_effective_from: datetime | None
    attempts: int = 1


@dataclass(frozen=True, kw_only=True)
class CreditCheck:
    required: Decimal
    available: Decimal
    shortfall: Decimal

    @property
    def ok(self) -> bool:
        return self.shortfall == 0


@dataclass(frozen=True, kw_only=True)
class Hold:
    id: int
    business_id: UUID
    credits: Decimal
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Charge:
    """The end of a hold. `available` is what may be spent now; `new_balance` still contains other holds.

    `budget_percent`: how much is spent of the fullest budget that applied; None without any.
    """

    transaction_id: int
    credits_charged: Decimal
    new_balance: Decimal
    available: Decimal
    low_credit_warning: bool
    budget_percent: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class TierLimits:
    """How many requests that reach a provider a user may cause, in a day and in a month."""

    slug: str
    requests_per_day: int
    requests_per_month: int
