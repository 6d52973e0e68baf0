"""The one door through which other apps reserve, spend and account for credits."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from config.core import money
from config.core.errors import Busy
from subscriptions.errors import InsufficientCreditsError
from subscriptions.models import AITransaction
from subscriptions.selectors import account, catalogue, margin, usage
from subscriptions.services import ledger
from subscriptions.types import Charge, CreditCheck, Hold, ProviderUsage, TierLimits

__all__ = ["AIBillingService"]


# A hold that waited may have looked at budgets or frozen credits too early; and again, if they change a lot.
_LOOKS = 5


class AIBillingService:
    """Names the POS team knows. Every method is keyword-only and owns its (short) transaction."""

    @staticmethod
    def check_credits(*, business_id: UUID, feature: str, now: datetime) -> CreditCheck:
        """Whether one use of `feature` could be paid now. Reserves nothing: `hold` decides."""
        return _check(business_id, catalogue.feature(slug=feature, now=now).credits, now)

    @staticmethod
    def expected_revenue(*, business_id: UUID, credits: Decimal, now: datetime) -> Decimal | None:
        """Cedis that the next `credits` of this business are worth; None when they aren't there."""
        return margin.expected_revenue(business_id=business_id, credits=credits, now=now)

    @staticmethod
    def require_credits(*, business_id: UUID, credits: Decimal, now: datetime) -> None:
        """Raises InsufficientCreditsError unless so many are there now. Reserves nothing."""
        check = _check(business_id, credits, now)
        if check.shortfall > 0:
            raise _insufficient(check, now)

    @staticmethod
    def hold(
        *,
        business_id: UUID,
        membership_id: int,
        user_id: int,
        feature: str,
        credits: Decimal,
        request_id: UUID,
        idempotency_key: str | None,
        predicted_cost_usd: Decimal,
        daily_limit_usd: Decimal,
        now: datetime,
        tier: TierLimits | None = None,
    ) -> Hold:
        """Reserves everything that limits the call, or nothing, for 15 minutes. `tier` None counts nothing.

        Raises InsufficientCreditsError (402), BudgetReached (403), DailyLimitReached and TierLimitReached
        (429), KeyAlreadyCharged (409), Busy (503). Locks the account, then the counters of member, budgets
        and user, for the length of one statement.
        """
        for _ in range(_LOOKS):
            hold = ledger.hold(
                business_id=business_id,
                membership_id=membership_id,
                user_id=user_id,
                feature=feature,
                credits=credits,
                request_id=request_id,
                idempotency_key=idempotency_key,
                predicted_cost_usd=predicted_cost_usd,
                daily_limit_usd=daily_limit_usd,
                tier=tier,
                now=now,
            )
            if hold is not None:
                return hold
            check = _check(business_id, credits, now)
            if not check.ok:
                raise _insufficient(check, now)
        raise Busy

    @staticmethod
    def capture(
        *,
        hold_id: int,
        usage: ProviderUsage,
        response_time_ms: int,
        now: datetime,
        credits: Decimal | None = None,
    ) -> Charge:
        """Ends a hold with a usable answer: spends it (or `credits` of it) and books the provider's cost."""
        return ledger.capture(
            hold_id=hold_id, usage=usage, response_time_ms=response_time_ms, now=now, credits=credits
        )

    @staticmethod
    def release(
        *,
        hold_id: int,
        error_code: str,
        now: datetime,
        usage: ProviderUsage | None = None,
        response_time_ms: int = 0,
    ) -> bool:
        """Ends a hold without a usable answer: nothing is charged, a cost there was is booked."""
        return ledger.release(
            hold_id=hold_id, error_code=error_code, usage=usage, response_time_ms=response_time_ms, now=now
        )

    @staticmethod
    @transaction.atomic
    def charge_credits(
        *,
        business_id: UUID,
        membership_id: int,
        user_id: int,
        feature: str,
        credits: Decimal,
        request_id: UUID,
        idempotency_key: str | None,
        daily_limit_usd: Decimal,
        usage: ProviderUsage,
        response_time_ms: int,
        now: datetime,
    ) -> Charge:
        """Hold and capture in one transaction, for what is already delivered."""
        hold = AIBillingService.hold(
            business_id=business_id,
            membership_id=membership_id,
            user_id=user_id,
            feature=feature,
            credits=credits,
            request_id=request_id,
            idempotency_key=idempotency_key,
            predicted_cost_usd=usage.cost_usd,
            daily_limit_usd=daily_limit_usd,
            now=now,
        )
        return ledger.capture(hold_id=hold.id, usage=usage, response_time_ms=response_time_ms, now=now)

    @staticmethod
    def log_failed_transaction(
        *,
        business_id: UUID,
        membership_id: int | None,
        user_id: int | None,
        feature: str,
        request_id: UUID,
        error_code: str,
        response_time_ms: int,
        now: datetime,
        usage: ProviderUsage | None = None,
    ) -> int:
        """Logs a use that failed without a hold, with what it cost; returns the transaction's id."""
        return AITransaction.objects.create(
            business_id=business_id,
            membership_id=membership_id,
            user_id=user_id,
            request_id=request_id,
            feature=feature,
            status="failed",
            source="ai",
            error_code=error_code,
            **(asdict(usage) if usage else {}),
            response_time_ms=response_time_ms,
            created_at=now,
        ).pk

    @staticmethod
    def log_free_transaction(
        *,
        business_id: UUID,
        membership_id: int | None,
        user_id: int | None,
        feature: str,
        request_id: UUID,
        source: str,
        response_time_ms: int,
        now: datetime,
        repeats_request_id: UUID | None = None,
    ) -> tuple[int, Decimal]:
        """Logs a cached or local answer, which is free; returns the transaction's id and the balance."""
        logged = AITransaction.objects.create(
            business_id=business_id,
            membership_id=membership_id,
            user_id=user_id,
            request_id=request_id,
            repeats_request_id=repeats_request_id,
            feature=feature,
            status="success",
            source=source,
            response_time_ms=response_time_ms,
            created_at=now,
        )
        return logged.pk, account.balance(business_id=business_id)

    @staticmethod
    def log_house_transaction(
        *,
        business_id: UUID,
        membership_id: int | None,
        user_id: int | None,
        feature: str,
        request_id: UUID,
        usage: ProviderUsage,
        response_time_ms: int,
        now: datetime,
    ) -> int:
        """Logs an answer the house pays: no credits, the provider's cost. Returns the transaction's id."""
        return AITransaction.objects.create(
            business_id=business_id,
            membership_id=membership_id,
            user_id=user_id,
            request_id=request_id,
            feature=feature,
            status="success",
            source="ai",
            **asdict(usage),
            response_time_ms=response_time_ms,
            created_at=now,
        ).pk

    @staticmethod
    def get_usage_stats(
        *, business_id: UUID, days: int, now: datetime, timezone: str = "Africa/Accra"
    ) -> dict[str, Any]:
        return usage.usage_stats(business_id=business_id, days=days, now=now, timezone=timezone)


def _check(business_id: UUID, required: Decimal, now: datetime) -> CreditCheck:
    available = account.account(business_id=business_id, now=now).available
    return CreditCheck(
        required=required, available=available, shortfall=max(required - available, money.ZERO)
    )


def _insufficient(check: CreditCheck, now: datetime) -> InsufficientCreditsError:
    packs = [
        {"type": pack.type, "price": pack.price_ghs, "total_credits": pack.credits + pack.bonus_credits}
        for pack in catalogue.packs(now=now)
        if pack.price_ghs is not None and pack.credits + pack.bonus_credits >= check.shortfall
    ]
    return InsufficientCreditsError(
        f"This needs {money.credits(check.required)} credits and {money.credits(check.available)} are there."
        f" {_advice(packs)}, or ask an owner or manager to.",
        required=check.required,
        available=check.available,
        shortfall=check.shortfall,
        packs=packs,
    )


def _advice(packs: list[dict[str, Any]]) -> str:
    if not packs:
        return "No single pack covers it: buy several"
    smallest = min(packs, key=lambda pack: pack["price"])
    total = money.credits(smallest["total_credits"])
    return f"Buy a pack (from {smallest['type']}: {total} credits for GHS {money.ghs(smallest['price'])})"
