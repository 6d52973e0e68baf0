"""What a user's words say about a ticket: what it is about, how they feel, how soon it has to be looked at.

By marker words in English, French and Pidgin; no model is asked, so that a person can be asked for when none
answers. Staff put right what was read wrongly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# The first that has the most words in the text; beginnings of words.
_ABOUT: dict[str, tuple[str, ...]] = {
    "payments": (
        *(
            "momo",
            "mobile money",
            "paid",
            "pay",
            "card",
            "prompt",
            "refund",
            "charged",
            "transaction",
            "debit",
        ),
        *("paie", "payé", "rembours", "carte", "débit"),
    ),
    "billing": (
        *("credit", "pack", "licen", "plan", "price", "subscri", "add-on", "invoice", "receipt", "balance"),
        *("crédit", "facture", "reçu", "solde", "abonne", "tarif"),
    ),
    "account": (
        *("password", "log in", "login", "sign in", "member", "role", "invit", "e-mail", "email"),
        *("mot de passe", "connexion", "compte"),
    ),
    "inventory": ("stock", "inventor", "reorder", "inventaire"),
    "ai_features": ("forecast", "reminder", "summary", "product text", "product description", "assessment"),
    "technical": (
        "error",
        "bug",
        "crash",
        "broken",
        "doesn't work",
        "not working",
        "erreur",
        "panne",
        "bogue",
    ),
    "complaint": ("complain", "scam", "fraud", "plainte", "arnaque"),
}
_ANGRY = (
    *("angry", "terrible", "worst", "useless", "scam", "fraud", "stolen", "stole", "cheat", "thief"),
    *("unacceptable", "disappoint", "frustrat", "ridiculous", "nonsense", "vex", "inutile", "arnaque"),
    *("voleur", "volé", "inacceptable", "déçu", "fâché", "furieu"),
)
_PLEASED = ("thank", "great", "perfect", "love", "merci", "super", "parfait", "medaase", "nagode")
_SHOUTS = re.compile(r"!!|\b[A-ZÀ-Ý]{4,}(?:\W+[A-ZÀ-Ý]{4,}){2}")
_ABOUT_MONEY = ("payments", "billing", "complaint")
_LEVELS = ("normal", "high", "urgent")


@dataclass(frozen=True, kw_only=True)
class Reading:
    category: str
    sentiment: str
    priority: str


def read(*, texts: Sequence[str], is_enterprise: bool) -> Reading:
    """Angry counts one, an enterprise licence one, angry about money another: normal, high, urgent."""
    said = "\n".join(texts)
    lower = said.lower()
    counts = {category: _count(words, lower) for category, words in _ABOUT.items()}
    category = max(counts, key=lambda name: counts[name])
    if counts[category] == 0:
        category = "other"
    angry = _count(_ANGRY, lower) > 0 or _SHOUTS.search(said) is not None
    points = angry + is_enterprise + (angry and category in _ABOUT_MONEY)
    sentiment = "negative" if angry else "positive" if _count(_PLEASED, lower) else "neutral"
    return Reading(category=category, sentiment=sentiment, priority=_LEVELS[min(points, 2)])


def _count(beginnings: Sequence[str], text: str) -> int:
    return sum(len(re.findall(rf"\b{re.escape(beginning)}", text)) for beginning in beginnings)
