# ruff: noqa: E501 - a rule is easier to judge on one line
"""Text that tries to give the model orders, found before it is sent. Linear-time patterns only.

A rule blocks (the call is refused, free) or flags (the call goes on, the flag is stored with it): what a shop
might honestly write in a product text is only flagged. Data is sent as data whatever is found here; this is
the outer wall, the schema and figure checks of the answer are the inner one.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ai_features.privacy.normalise import plain_words

_EARLIER = (
    "(?:(?:previous|prior|above|earlier|preceding|hidden|initial|original|existing|system|safety|your|all|any|the)"
    " (?:of )?){1,4}"
)
_ORDERS = (
    "(?:instructions?|rules?|prompts?|directives?|guidelines?|orders?|commands?|constraints?|programming)"
)
_IGNORE = "(?:ignore|disregard|forget|override|bypass|neglect|discard)"
_LEAK = "(?:reveal|show|print|repeat|output|display|leak|disclose|tell me|give me|share|dump|recite)"
_AI = "(?:ai|llm|large language model|language model|chatbot|gpt)"

# Patterns see lower-case text with single blanks and accents off. A blank in a pattern stands for up to three
# signs that are no letters, or none: letters that were s p a c e d out come without blanks between words.
_BLOCK = {
    "ignore_instructions": rf"\b{_IGNORE} {_EARLIER}{_ORDERS}",
    "ignore_everything": rf"\b{_IGNORE} (?:everything|all) (?:you were|you have|i said|we said|that was|above|before|prev)",
    "do_not_follow": rf"\b(?:do not|don'?t|never|stop) (?:follow|obey|apply|us)(?:e|ing)? {_EARLIER}{_ORDERS}",
    "new_instructions": rf"\b(?:new|updated|real|actual|revised) (?:system )?{_ORDERS} (?::|are\b|follow|from now)",
    "new_task": r"\byour (?:new|only|real) (?:task|job|goal|role|purpose|mission) is\b",
    "reveal_prompt": rf"\b{_LEAK} (?:me )?{_EARLIER}(?:prompts?|instructions?|message|configuration)\b",
    "what_is_prompt": r"\bwhat (?:is|are|was|were) (?:your|the) (?:system|initial|original|hidden) (?:prompt|instruction)",
    "repeat_above": r"\brepeat (?:everything|the words|all the text|the text|all) (?:above|before|so far)",
    "you_are_now": r"\byou are (?:now (?:an? (?:\w+ )?(?:ai|assistant|bot|model|hacker)|in|called|free\b|dan\b|unrestricted)"
    r"|no longer (?:an?|the|bound|restricted|required))",
    "pretend_unbound": r"\b(?:pretend|act as (?:if|though)|imagine) (?:that )?(?:you|there) (?:are|have|is) (?:no|not|without"
    r"|unrestricted|jailbroken)\b",
    "jailbreak_name": r"\b(?:do anything now|dan mode|developer mode (?:enabled|on|output)|jailbreak|god mode enabled)",
    "no_restrictions": r"\b(?:without|ignore|remove|disable|turn off) (?:any |all |your |the )?(?:safety |content |ethical )?"
    r"(?:restrictions|guardrails|moderation|safety (?:rules|checks|filters|settings)|content (?:filters?|polic\w+))",
    "chat_markup": r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)|\[/?inst\]|<</?sys>>"
    r"|</?(?:system|assistant)(?:_prompt|_message)?>",
    "role_line": r"(?:^|[\n#.;|>*]) (?:system|assistant|developer) (?:prompt|message|override|role)?\s?: (?:you|ignore|please"
    r"|from now|i |the user|do |always|never|new )",
    "end_of_prompt": r"(?<![-=#])[-=#]{3,50} (?:end|begin|start|stop) (?:of )?(?:the )?(?:system|prompt|instruction|context)",
    "exfiltrate": r"\b(?:send|post|upload|forward|exfiltrate|transmit) (?:\w{1,20}\W{1,3}){0,6}(?:api key|credentials"
    r"|system prompt|chat history|environment variables)",
    "order_to_model": rf"\b(?:as|you are|you're) an? (?:helpful )?{_AI}\W{{1,3}}(?:\w{{1,20}}\W{{1,3}}){{0,3}}(?:must|have to)\b",
    "score_order": r"\b(?:you must|you should|always) (?:approve|recommend approv|answer yes|give (?:it|this|me) (?:100|full))",
    "forced_words": r"\b(?:respond|reply|answer|output|print|say) (?:only|exactly|just)? (?:with)? [\"'`]?(?:hacked|pwned)\b",
    "run_code": r"\b(?:execute|run|eval) (?:the |this |following ){0,3}(?:shell|bash|sql|python|code|command)\W{0,3}(?:command"
    r"|code|query|:|`)",
    "image_beacon": r"!\[[^\]]{0,200}\]\(\s?https?:",
    "script_markup": r"<\s?(?:script|iframe|object|embed|svg|img)\b[^<>]{0,200}(?:src|on\w{3,20}|href|>)",
}
_FLAG = {
    "from_now_on": r"\bfrom now on\b",
    "act_as": r"\b(?:act|behave|respond|roleplay|role-play) as (?:an?|the|my|if)\b",
    "prompt_word": r"\b(?:system|hidden|secret) prompts?\b|\bprompt injection\b",
    "as_an_ai": rf"\bas an? {_AI}\b",
    "override_word": r"\b(?:admin|administrator|developer|root|sudo) (?:override|access|mode|command)\b",
    "keep_from_user": r"\b(?:do not|don'?t) (?:tell|inform|mention|reveal) (?:this )?(?:to )?(?:the|any|your) (?:user|owner|human)",
}
RULES = [
    (name, mode, re.compile(pattern.replace(" ", r"\W{0,3}")))
    for mode, rules in (("block", _BLOCK), ("flag", _FLAG))
    for name, pattern in rules.items()
]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){12,}")


@dataclass(frozen=True)
class Finding:
    """`mode` is block or flag; `field` the path of the text, as in `items.0.name`."""

    rule: str
    mode: str
    field: str


def check(text: str, field: str = "") -> list[Finding]:
    """What the rules say about one text and about base64 or hex inside it (one layer)."""
    views = [plain_words(text), *(plain_words(hidden) for hidden in _decoded(text))]
    found = {name: mode for view in views for name, mode, pattern in RULES if pattern.search(view)}
    return [Finding(name, mode, field) for name, mode in found.items()]


def check_tree(data: Any, path: str = "") -> list[Finding]:
    """The same for every text in a JSON tree, names of fields included."""
    if isinstance(data, str):
        return check(data, path)
    if isinstance(data, Mapping):
        inner = [(str(key), value) for key, value in data.items()]
    elif isinstance(data, list | tuple):
        inner = [(str(index), value) for index, value in enumerate(data)]
    else:
        return []
    findings: list[Finding] = []
    for key, value in inner:
        below = f"{path}.{key}" if path else key
        findings += check(key, below) if isinstance(data, Mapping) else []
        findings += check_tree(value, below)
    return findings


def _decoded(text: str) -> Iterator[str]:
    for match in _BASE64.finditer(text):
        blob = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(blob + "=" * (-len(blob) % 4)).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
    for match in _HEX.finditer(text):
        try:
            yield bytes.fromhex(re.sub(r"[ :]", "", match.group())).decode("utf-8")
        except (ValueError, UnicodeDecodeError):
            continue
