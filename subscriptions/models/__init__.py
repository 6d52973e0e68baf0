from .addons import AddonCharge, AddonPeriod, AIMonthlyAddon
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
from .storefronts import StorefrontPeriod, StorefrontPlan
from .transactions import AITransaction

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
    "ApiTier",
    "BusinessAICredits",
    "ChatLicencePlan",
    "CreditEntry",
    "CreditGrant",
    "CreditHold",
    "CreditPack",
    "CreditSlice",
    "DocumentKind",
    "Feature",
    "FreeCredits",
    "FxRate",
    "ModelRoute",
    "Receipt",
    "ReceiptCounter",
    "StorefrontPeriod",
    "StorefrontPlan",
    "StorefrontTariff",
    "TaxRate",
    "TrialClaim",
    "UsageCounter",
]
