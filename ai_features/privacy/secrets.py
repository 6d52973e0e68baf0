"""Finds passwords, PINs, one-time codes, tokens and vendors' API keys. No nested repetition, so the time is
linear in the text; every pattern begins with plain letters, which `re` finds fastest."""

import re
from collections.abc import Iterator

Span = tuple[int, int, str]

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
_HERE = r"(?<![\w\-].)"  # the sign just read begins a word
_VENDOR_KEYS = re.compile(
    "|".join(
        first + _HERE + rest
        for first, rest in [
            ("[spr]", r"k[_-](?:live|test|proj|ant|or)[\w\-]{8,}"),  # Stripe, Paystack, OpenAI, Anthropic
            ("s", r"k-[\w\-]{20,}"),
            ("s", r"ika_live_[\w\-]{8,}"),
            ("A", r"[KS]IA[A-Z0-9]{16}"),  # AWS
            ("g", r"(?:h[pousr]_[A-Za-z0-9]{20,}|ithub_pat_\w{20,}|lpat-[\w\-]{16,})"),
            ("n", r"pm_[A-Za-z0-9]{30,}"),
            ("p", r"ypi-[\w\-]{20,}"),
            ("h", r"f_[A-Za-z0-9]{20,}"),
            ("x", r"ox[abeprs]-[A-Za-z0-9\-]{10,}"),  # Slack
            ("w", r"hsec_[\w+/=]{16,}"),  # Stripe's webhooks
            ("g", r"sk_[A-Za-z0-9]{20,}"),
            ("x", r"ai-[A-Za-z0-9]{20,}"),
            ("A", r"Iza[\w\-]{30,}"),  # Google
            ("y", r"a29\.[\w\-]{20,}"),
            ("S", r"G\.[\w\-]{10,}\.[\w\-]{10,}"),  # SendGrid
            ("F", r"LW(?:SEC|PUB)K[\w\-]{10,}"),  # Flutterwave
            ("e", r"yJ[\w\-]{5,}\.[\w\-]{5,}(?:\.[\w\-]*)?"),  # JWT
        ]
    )
)
_TELEGRAM = re.compile(r"[0-9]{8,10}:AA[\w\-]{30,}")
_LOGIN_URL = re.compile(r"://[^\s/:@]{1,100}:(?P<value>[^\s/@]{1,200})@")

_LABEL = re.compile(
    r"(?P<password>p ?[a@4] ?[s$5] ?[s$5] ?w ?[o0] ?r ?d|pass word|passwd|pwd|pass ?code|pass ?phrase"
    r"|mots? de passe|mdp|otp|one[- ]time (?:code|pin|password))"
    r"|(?P<pin>pin(?: code| number| no\.?)?|cvv2?|cvc"
    r"|(?:verification|security|confirmation|login|secret|access) code"
    r"|code (?:secret|pin|de v[eé]rification|de confirmation|de s[eé]curit[eé]|d'acc[eè]s))"
    r"|(?P<key>(?:client |api |private |secret |access )(?:key|secret|token)|client_secret|api[_-]?key"
    r"|secret[_-]key|access[_-]token|auth(?:orization)?[ _-]token|bearer|secret)"
    r"|(?P<colon>pass|pw)(?=\s?[:=])"
)
_IS = r"(?:is|ne|na|be|yɛ|est)"
_FILLER = r"(?P<filler>(?: [^\W\d_]{1,9}){0,4}?)"
_LINK = re.compile(
    rf"(?:{_FILLER}(?P<link>\s?[:=]\s?| (?P<is>{_IS})\b:?\s?)|\s)"
    r"(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{3,200})(?P=quote)"
    r"|[\"']?(?P<value>[0-9]{3}[ -][0-9]{3}(?![^\W_])|[^\s,;\"']{3,200}))"
)
# What may follow "the password is" without being one.
_OTHERWISE = """
required wrong incorrect invalid expired not needed missing reset protected safe secure the that this too case
optional mandatory correct changed set stored encrypted never always forgotten lost
"""
_NOT_A_PASSWORD = frozenset(_OTHERWISE.split())


def find(looks: str, lower: str) -> list[Span]:
    """Spans in `looks`, which must be folded; `lower` is the same in small letters."""
    spans = [(*m.span(), "[API_KEY]") for m in _VENDOR_KEYS.finditer(looks)]
    if "PRIVATE KEY" in looks:
        spans += [(*m.span(), "[API_KEY]") for m in _PRIVATE_KEY.finditer(looks)]
    if ":AA" in looks:
        spans += [(*m.span(), "[API_KEY]") for m in _TELEGRAM.finditer(looks)]
    if "://" in looks:
        spans += [(*m.span("value"), "[REDACTED]") for m in _LOGIN_URL.finditer(looks)]
    return [*spans, *_labelled(looks, lower)]


def _labelled(looks: str, lower: str) -> Iterator[Span]:
    for label in _LABEL.finditer(lower):
        if label.start() and lower[label.start() - 1].isalnum():
            continue
        said = _LINK.match(lower, label.end())
        if said is None:
            continue
        name = "quoted" if said["quoted"] else "value"
        start, end = said.span(name)
        if _is_secret(label, said, looks[start:end].strip(".!?)")):
            yield start, end, "[REDACTED]"


def _is_secret(label: re.Match[str], said: re.Match[str], value: str) -> bool:
    """Tells "PIN: 4821" from "3 pin 13A plug", and "password is hunter2" from "password is required"."""
    mixed = any(c.isdigit() for c in value)
    filler, labelled = said["filler"], bool(said["link"]) and not said["is"]
    if label["pin"]:
        digits = value.replace(" ", "").replace("-", "")
        return digits.isdigit() and 3 <= len(digits) <= 8 and not (labelled and filler)
    if label["key"]:
        return len(value) >= 8 and mixed and not filler
    if labelled and not filler:
        return True
    return mixed or (said["is"] == "is" and not filler and value.lower() not in _NOT_A_PASSWORD)
