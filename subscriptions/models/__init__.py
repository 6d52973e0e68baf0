from .addons import AddonCharge, AddonPeriod, AIMonthlyAddon
from .alerts import Alert, AlertDelivery, AlertPreferences, QuotaRefusal
from .budgets import Budget, BudgetCounter, BudgetUnit, TierCounter
from .catalogue import (
    AddonPlan,
    AIModel,
    ApiTier,
    ChatLicencePlan,
    CreditPack,
    Feature,
    FreeCredits,
    FxRate,
    ModelRoute,
    StorefrontTariff,
    TaxRate,
)
from .ledger import BusinessAICredits, CreditEntry, CreditGrant, CreditHold, CreditSlice, UsageCounter
from .licences import Licence, LicenceAction, LicenceMonth
from .purchases import AICreditPurchase, TrialClaim
from .receipts import DocumentKind, Receipt, ReceiptCounter
from .storefronts import StorefrontPeriod, StorefrontPlan
from .transactions import AITransaction
from .usage import DailyFeatureUsage, DailyUsage, EntryTotal, StaleUsage, UsageWatermark

__all__ = [
    "AICreditPurchase",
    "AIModel",
    "AIMonthlyAddon",
    "AITransaction",
    "AddonCharge",
    "AddonPeriod",
    "AddonPlan",
    "Alert",
    "AlertDelivery",
    "AlertPreferences",
    "ApiTier",
    "Budget",
    "BudgetCounter",
    "BudgetUnit",
    "BusinessAICredits",
    "ChatLicencePlan",
    "CreditEntry",
    "CreditGrant",
    "CreditHold",
    "CreditPack",
    "CreditSlice",
    "DailyFeatureUsage",
    "DailyUsage",
    "DocumentKind",
    "EntryTotal",
    "Feature",
    "FreeCredits",
    "FxRate",
    "Licence",
    "LicenceAction",
    "LicenceMonth",
    "ModelRoute",
    "QuotaRefusal",
    "Receipt",
    "ReceiptCounter",
    "StaleUsage",
    "StorefrontPeriod",
    "StorefrontPlan",
    "StorefrontTariff",
    "TaxRate",
    "TierCounter",
    "TrialClaim",
    "UsageCounter",
    "UsageWatermark",
]
