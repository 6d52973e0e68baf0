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

__all__ = [
    "AIModel",
    "AddonPlan",
    "ApiTier",
    "ChatLicencePlan",
    "CreditPack",
    "Feature",
    "FreeCredits",
    "FxRate",
    "ModelRoute",
    "StorefrontTariff",
    "TaxRate",
]
