"""All invariants of the product, bottom app first."""

from ai_features.invariants import INVARIANTS as AI_FEATURES
from config.core.invariants import Invariant
from payments.invariants import INVARIANTS as PAYMENTS
from subscriptions.invariants import INVARIANTS as SUBSCRIPTIONS
from support_chat.invariants import INVARIANTS as SUPPORT_CHAT

INVARIANTS: list[Invariant] = [*PAYMENTS, *SUBSCRIPTIONS, *AI_FEATURES, *SUPPORT_CHAT]
