"""All invariants of the product, bottom app first."""

from ai_features.invariants import INVARIANTS as AI_FEATURES
from config.core.invariants import Invariant
from payments.invariants import INVARIANTS as PAYMENTS
from subscriptions.invariants import INVARIANTS as SUBSCRIPTIONS

INVARIANTS: list[Invariant] = [*PAYMENTS, *SUBSCRIPTIONS, *AI_FEATURES]
