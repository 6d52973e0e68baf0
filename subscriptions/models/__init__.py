from .addons import AddonPeriod, AIMonthlyAddon
from .alerts import Alert, AlertDelivery
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
from .purchases import AICreditPurchase, TrialClaim
from .receipts import DocumentKind, Receipt, ReceiptCounter
from .transactions import AITransaction
from .usage import DailyFeatureUsage, DailyUsage, EntryTotal, StaleUsage, UsageWatermark

__all__ = [
    "AICreditPurchase",
    "AIModel",
    "AIMonthlyAddon",
    "AITransaction",
    "AddonPeriod",
    "AddonPlan",
    "Alert",
    "AlertDelivery",
    "ApiTier",
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
    "ModelRoute",
    "Receipt",
    "ReceiptCounter",
    "StaleUsage",
    "StorefrontTariff",
    "TaxRate",
    "TrialClaim",
    "UsageCounter",
    "UsageWatermark",
]
