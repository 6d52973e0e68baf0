"""Reasons to say no."""

from config.core.errors import Conflict, DomainError, NotFound


class InsufficientCreditsError(DomainError):
    """Carries required, available, shortfall and the packs that would cover it; names the smallest."""

    code = "insufficient_credits"
    status_code = 402
    detail = "You don't have enough credits for this. Buy a pack to continue."


class DailyLimitReached(DomainError):
    code = "daily_limit"
    status_code = 429
    detail = (
        "Your role's AI allowance for today is used up. It starts again at midnight; an owner can give you"
        " another role. Answers from your own data stay free."
    )


class BudgetReached(DomainError):
    """Carries budget_id, scope, unit, limit, resets_at and retry_after."""

    code = "budget_exceeded"
    status_code = 403
    detail = "A monthly budget for AI is used up. Answers from your own data stay free."


class TierLimitReached(DomainError):
    """Carries tier, limit, resets_at and retry_after."""

    status_code = 429


class TierDayUsedUp(TierLimitReached):
    code = "daily_limit"
    detail = "You have made as many AI requests today as your tier allows. Wait until tomorrow, or upgrade."


class TierMonthUsedUp(TierLimitReached):
    code = "monthly_limit"
    detail = "You have made as many AI requests this month as your tier allows. Wait, or upgrade."


class BudgetExists(Conflict):
    code = "budget_exists"
    detail = "There is a budget for this already. Change that one."


class KeyAlreadyCharged(Conflict):
    code = "request_in_progress"
    detail = "A request with this Idempotency-Key is running or was charged already. Use a new key."


class HoldReleased(Conflict):
    code = "hold_released"
    detail = "These credits were given back; nothing can be charged for that call any more."


class TrialTaken(Conflict):
    code = "trial_taken"
    detail = "The free trial was used already. Buy a pack to continue."


class AmountOutOfRange(DomainError):
    code = "amount_out_of_range"
    detail = "Choose an amount between the minimum and the maximum."


class FixedPrice(DomainError):
    code = "fixed_price"
    detail = "This pack has a fixed price. Leave the amount out, or choose the CUSTOM pack."


class PaymentFailed(DomainError):
    code = "payment_failed"
    status_code = 402
    detail = "The payment did not go through. Nothing was charged; try again."


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    detail = "This purchase is not paid yet, so there is no receipt. Pay, or verify the payment, first."


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    detail = "None of these credits can be refunded: they are spent, expired, refunded, or in use right now."


class RefundWindowOver(Conflict):
    code = "refund_window_over"
    detail = "A purchase can be refunded here for 7 days. Ask support: they still can."


class RefundChanged(Conflict):
    code = "refund_changed"
    detail = "What would be refunded has changed since you looked. Check the figures, then confirm again."


class AdjustmentRefused(DomainError):
    code = "adjustment_refused"
    detail = "This correction can't be made as it is."


class AdjustmentRepeated(Conflict):
    code = "adjustment_repeated"
    detail = "This was done before, with other values. Look at the account's entries; start anew for another."


class NotEnoughToTake(Conflict):
    code = "not_enough_to_take"
    detail = "The business does not have that many credits to take."


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    detail = "The monthly add-on is active already."


class RenewalDue(Conflict):
    code = "renewal_due"
    detail = (
        "The next month of the monthly add-on is due. Pay for it at /api/subscriptions/ai/addon/renew/,"
        " and what is left of its credits rolls over."
    )


class NothingDue(Conflict):
    """Carries `next_renewal`."""

    code = "nothing_due"
    detail = "No month of the monthly add-on is due."


class ChargeRunning(Conflict):
    code = "charge_running"
    detail = "The saved card is being charged for this month right now. Ask again in a few minutes."


class NoAddon(NotFound):
    code = "no_addon"
    detail = "There is no active add-on to cancel."


class StorefrontPlanActive(AlreadySubscribed):
    detail = "The storefront plan is active already. Change it or cancel it."


class StorefrontRenewalDue(RenewalDue):
    detail = "The plan's renewal is due. Pay it by the link you were sent, or cancel the plan."


class NoStorefrontPlan(NotFound):
    code = "no_storefront_plan"
    detail = "There is no active storefront plan. Subscribe to one first."


class StorefrontPlanEnds(Conflict):
    code = "storefront_plan_ends"
    detail = "This plan was cancelled, so it can't be changed. Subscribe again once it has ended."


class TooFewStorefronts(DomainError):
    code = "too_few_storefronts"
    detail = "The plan must cover every active storefront. Close some first, or choose more."


class TooManyStorefronts(DomainError):
    code = "too_many_storefronts"
    detail = "A plan has at most 100 storefronts. Ask support for more."


class UnknownPlan(DomainError):
    """Names the plans there are."""

    code = "unknown_plan"
    detail = "There is no such plan of this kind. Choose one of those named here."


class FreePlan(DomainError):
    code = "free_plan"
    detail = "This plan is free: everybody has it, there is nothing to buy."


class LicenceSuspended(Conflict):
    code = "licence_suspended"
    detail = "This licence is suspended, so nothing can be bought for it. Ask support."


class LicenceNotSuspended(Conflict):
    code = "licence_not_suspended"
    detail = "This licence is not suspended."


class UnknownFeature(NotFound):
    code = "unknown_feature"
    detail = "There is no such AI feature."


class UnknownPack(DomainError):
    code = "unknown_pack"
    detail = "There is no such credit pack. GET /api/subscriptions/ai/pricing/ lists what is on sale."


class NotOnSale(NotFound):
    code = "not_on_sale"
    detail = "This is not on offer at the moment."


class PriceUnknown(DomainError):
    """A model without a price is refused, never booked as zero."""

    code = "price_unknown"
    status_code = 503
    detail = "This feature can't be priced right now. Nothing was charged; support has been told."


class FxRateUnknown(DomainError):
    code = "fx_rate_unknown"
    status_code = 503
    detail = "The exchange rate is missing. Nothing was charged; support has been told."


class NoFxSource(DomainError):
    code = "no_fx_source"
    detail = "No source of exchange rates is configured. Set FX_SOURCE_URL, or give the rate yourself."


class FxSourceFailed(DomainError):
    code = "fx_source_failed"
    status_code = 503
    detail = "The exchange rate source gave no rate. The rate in force stays."


class FxJump(DomainError):
    """Further from the rate in force than a rate moves in a day: taken over by a person, or not at all."""

    code = "fx_jump"
    detail = "The rate is too far from the one in force."


class InvalidRate(DomainError):
    code = "invalid_rate"
    detail = "An exchange rate is a number of cedis greater than 0."
