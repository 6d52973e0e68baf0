"""Text that tries to give the model orders, found before it is sent. Linear-time patterns only.

Each rule has a mode (`injection_rules.py`), which the operator can change (`INJECTION_MODES`). Whatever is
found here, data is sent as data; this is the outer wall, the checks of the answer are the inner one.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ai_features.privacy.injection_rules import MODES, REDACT, RULES
from ai_features.privacy.readings import plain, readings

REMOVED = "[REMOVED]"
# Shorter than any order there is. Signs of markup count even there.
_SHORT = 12
_MARKUP = frozenset("<[{!|#")


@dataclass(frozen=True)
class Finding:
    """`mode` is block, redact or flag; `field` the path of the text, as in `items.0.name`, or with `in_name`
    of the field whose name it is. `text_hash` stands for the whole text, in whatever dress; `spans` are the
    pieces that a redaction takes out.
    """

    rule: str
    mode: str
    field: str
    text_hash: str
    in_name: bool = False
    spans: tuple[tuple[int, int], ...] = ()


def mode_of(rule: str) -> str:
    """What the operator set for it, or the rule's own."""
    return settings.INJECTION_MODES.get(rule) or RULES[rule].mode


def require_known_modes() -> None:
    """Raises ImproperlyConfigured when INJECTION_MODES names a rule or a mode that there is not."""
    for rule, mode in settings.INJECTION_MODES.items():
        if rule not in RULES:
            raise ImproperlyConfigured(f"INJECTION_MODES: there is no rule {rule}")
        if mode not in MODES:
            raise ImproperlyConfigured(f"INJECTION_MODES: {rule} can be {', '.join(MODES)}, not {mode}")


def text_hash(text: str) -> str:
    """The same for all spellings of a text that read alike; nobody without our key can find the text."""
    key, look = settings.SECRET_KEY.encode(), plain(text)[0].strip()
    return hmac.new(key, b"injection:" + look.encode(), hashlib.sha256).hexdigest()


def check(text: str, field: str = "") -> list[Finding]:
    """What the rules say about one text and about what is encoded inside it (one layer)."""
    if len(text) < _SHORT and _MARKUP.isdisjoint(text):
        return []
    found: dict[str, list[tuple[int, int]]] = {}
    for reading in readings(text):
        for rule in RULES.values():
            match = rule.pattern.search(reading.text)
            if match is None:
                continue
            spans = found.setdefault(rule.name, [])
            if mode_of(rule.name) == REDACT:
                spans += [reading.span(*m.span()) for m in rule.pattern.finditer(reading.text)]
    if not found:
        return []
    known = text_hash(text)
    return [Finding(rule, mode_of(rule), field, known, spans=tuple(spans)) for rule, spans in found.items()]


def check_tree(data: Any) -> list[Finding]:
    """The same for every text in a JSON tree, names of fields included. What comes again is read once."""
    seen: dict[str, list[Finding]] = {}
    findings: list[Finding] = []

    def look(text: str, path: str, in_name: bool) -> str:
        if text not in seen:
            seen[text] = check(text)
        findings.extend(replace(finding, field=path, in_name=in_name) for finding in seen[text])
        return text

    _mapped(data, "", look)
    return findings


def without(data: Any, findings: list[Finding]) -> Any:
    """The tree with the pieces that redacting rules found replaced, in texts and in names of fields."""
    pieces: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for finding in findings:
        if finding.mode == REDACT:
            pieces.setdefault((finding.field, finding.in_name), []).extend(finding.spans)

    def cut(text: str, path: str, in_name: bool) -> str:
        return _cut(text, pieces.get((path, in_name), []))

    return _mapped(data, "", cut)


def _mapped(data: Any, path: str, change: Callable[[str, str, bool], str]) -> Any:
    """The tree with `change(text, path, in_name)` in place of every text and every name of a field."""
    if isinstance(data, str):
        return change(data, path, False)
    if isinstance(data, list | tuple):
        return [_mapped(value, _below(path, str(index)), change) for index, value in enumerate(data)]
    if not isinstance(data, Mapping):
        return data
    changed: dict[str, Any] = {}
    for key, value in data.items():
        below = _below(path, str(key))
        name = change(str(key), below, True)
        while name in changed:  # two names of which the same is left
            name += "'"
        changed[name] = _mapped(value, below, change)
    return changed


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [text[at:start], REMOVED]
        at = max(at, end)
    return "".join([*parts, text[at:]])
