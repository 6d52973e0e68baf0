"""Makes a JSON answer that fits any schema, from words and numbers of the data in the prompt alone."""

import json
from collections.abc import Iterator
from typing import Any

_NOT_DATA = {"style", "corrections"}
_SUBJECT_KEYS = ("name", "title", "customer", "question", "subject")


def answer(schema: dict[str, Any] | None, messages: list[dict[str, Any]]) -> str:
    """The content of the assistant's message."""
    last = next((str(m.get("content", "")) for m in reversed(messages) if m.get("role") == "user"), "")
    if schema is None:
        return f"You wrote: {last[:500]}"
    try:
        facts = json.loads(last)
    except ValueError:
        facts = {"text": last[:200]}
    return json.dumps(fill(schema, facts), ensure_ascii=False)


def fill(schema: dict[str, Any], facts: Any, name: str = "") -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:  # the last choice is nothing at all
        return None if schema["anyOf"][-1] == {"type": "null"} else fill(schema["anyOf"][0], facts, name)
    kind = schema.get("type", "string")
    if kind == "object":
        return {key: fill(inner, facts, key) for key, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return _array(schema, facts, name)
    if kind == "boolean":
        return True
    if kind in ("number", "integer"):
        numbers = [leaf for leaf in _leaves(facts) if isinstance(leaf, int | float)]
        value = numbers[0] if numbers else 0
        return int(value) if kind == "integer" else value
    return _text(name, facts)


def _array(schema: dict[str, Any], facts: Any, name: str) -> list[Any]:
    asked = facts.get("items") if isinstance(facts, dict) else None
    if name == "items" and isinstance(asked, list):
        return [fill(schema["items"], one) for one in asked]
    if schema["items"].get("type") == "integer":
        return _numbered(facts)[:1]
    words = _words(facts)
    count = max(schema.get("minItems", 1), min(3, schema.get("maxItems", 3), len(words)))
    return [
        fill(schema["items"], {"name": words[index % len(words)] if words else "item"})
        for index in range(count)
    ]


def _numbered(node: Any) -> list[int]:
    """What the data calls by a number."""
    if isinstance(node, dict):
        own = [node["number"]] if isinstance(node.get("number"), int) else []
        return own + [number for value in node.values() for number in _numbered(value)]
    return [number for value in node for number in _numbered(value)] if isinstance(node, list) else []


def _text(name: str, facts: Any) -> str:
    subject = _subject(facts)
    if "title" in name or "headline" in name:
        return _cut(subject, 60)
    passages = facts.get("passages") if isinstance(facts, dict) else None
    if name == "answer" and passages:
        return _cut(str(passages[0].get("text", subject)), 900)
    others = [word for word in _words(facts) if word != subject]
    if "seo" in name:
        return _cut(": ".join([subject, *others[:2]]), 150)
    if not others:
        return subject
    return _cut(f"{subject}: {'; '.join(others[:8])}", 900) + "."


def _subject(facts: Any) -> str:
    found = dict(_named(facts))
    return next((found[key] for key in _SUBJECT_KEYS if key in found), None) or next(
        iter(_words(facts)), "this"
    )


def _named(node: Any) -> Iterator[tuple[str, str]]:
    """Texts with their field names; what is nearer to the root comes last, so that it wins in a dict."""
    if isinstance(node, dict):
        inner = [(key, value) for key, value in node.items() if key not in _NOT_DATA]
        for _, value in inner:
            yield from _named(value)
        yield from ((key, value) for key, value in inner if isinstance(value, str) and value)


def _words(facts: Any) -> list[str]:
    return list(dict.fromkeys(leaf for leaf in _leaves(facts) if isinstance(leaf, str) and leaf.strip()))


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in _NOT_DATA:
                yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)
    elif node is not None and not isinstance(node, bool):
        yield node


def _cut(text: str, length: int) -> str:
    """At a word's end: half a number would be another number."""
    return text if len(text) <= length else text[: length + 1].rsplit(" ", 1)[0][:length]
