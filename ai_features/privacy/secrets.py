"""Finds passwords, PINs, tokens and vendors' API keys. Every pattern starts at the start of a word and has no
nested repetition, so the time is linear in the text."""

import re

Span = tuple[int, int, str]

_START = r"(?<![\w\-])"
_VENDOR_KEYS = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    + "|"
    + _START
    + "(?:"
    + "|".join(
        [
            r"[spr]k[_-](?:live|test|proj|ant|or)[\w\-]{8,}",  # Stripe, Paystack, OpenAI, Anthropic
            r"sk-[\w\-]{20,}",
            r"sika_live_[\w\-]{8,}",
            r"A[KS]IA[A-Z0-9]{16}",  # AWS
            r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}",
            r"npm_[A-Za-z0-9]{30,}|pypi-[\w\-]{20,}|hf_[A-Za-z0-9]{20,}",
            r"xox[abeprs]-[A-Za-z0-9\-]{10,}|whsec_[\w+/=]{16,}",  # Slack, Stripe webhooks
            r"gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}",
            r"AIza[\w\-]{30,}|ya29\.[\w\-]{20,}",  # Google
            r"SG\.[\w\-]{10,}\.[\w\-]{10,}",  # SendGrid
            r"FLW(?:SEC|PUB)K[\w\-]{10,}",  # Flutterwave
            r"\d{8,10}:AA[\w\-]{30,}",  # Telegram
            r"eyJ[\w\-]{5,}\.[\w\-]{5,}(?:\.[\w\-]*)?",  # JWT
        ]
    )
    + ")"
)
_LOGIN_URL = re.compile(
    r"\b[a-z][a-z0-9+.\-]{1,15}://[^\s/:@]{1,100}:(?P<value>[^\s/@]{1,200})@", re.IGNORECASE
)
_LABELLED = re.compile(
    r"\b(?:(?P<password>pass ?word|passwd|pwd|pass ?code|pass ?phrase|otp|one[- ]time (?:code|pin|password))"
    r"|(?P<pin>pin(?: code| number)?|cvv2?|cvc)"
    r"|(?P<key>(?:client |api |private |secret |access )(?:key|secret|token)|client_secret|api[_-]?key"
    r"|secret[_-]key|access[_-]token|auth(?:orization)?[ _-]token|bearer|secret))"
    r"(?P<link>\s?(?:[:=]|\bis\b:?)\s?|\s)(?P<quote>[\"']?)(?P<value>[^\s,;\"']{3,200})",
    re.IGNORECASE,
)
# What may follow "the password is" without being one.
_NOT_A_PASSWORD = {
    *(
        "required",
        "wrong",
        "incorrect",
        "invalid",
        "expired",
        "not",
        "needed",
        "missing",
        "reset",
        "protected",
    ),
    *("safe", "secure", "the", "that", "this", "too", "case", "optional", "mandatory", "correct", "changed"),
    *("set", "stored", "encrypted", "never", "always", "forgotten", "lost"),
}


def find(text: str) -> list[Span]:
    """Spans (start, end, replacement) in `text`, which must be folded: see `normalise.fold`."""
    spans = [(m.start(), m.end(), "[API_KEY]") for m in _VENDOR_KEYS.finditer(text)]
    spans += [(*m.span("value"), "[REDACTED]") for m in _LOGIN_URL.finditer(text)]
    spans += [(*m.span("value"), "[REDACTED]") for m in _LABELLED.finditer(text) if _is_secret(m)]
    return spans


def _is_secret(match: re.Match[str]) -> bool:
    """Tells "PIN: 4821" from "3 pin 13A plug", and "password is hunter2" from "password is required"."""
    value = match.group("value").strip(".!?)")
    link = match.group("link").strip().lower()
    mixed = any(c.isdigit() for c in value)
    if match.group("pin"):
        return value.isdigit() and 3 <= len(value) <= 8
    if match.group("password"):
        if link in (":", "="):
            return True
        return mixed or (link.startswith("is") and value.lower() not in _NOT_A_PASSWORD)
    return len(value) >= 8 and mixed
