"""What in the features' inputs is personal: told to the sandbox, which must never see it."""

import functools
import json
from contextlib import suppress
from typing import Any

from ai_features.features import FEATURES
from ai_features.features.base import Feature


@functools.cache
def of_examples() -> frozenset[str]:
    """Names, phones and codes of the customers in every feature's example."""
    return frozenset(text for feature in FEATURES.values() for text in _names(feature, feature.example))


def in_body(path: str, body: Any) -> frozenset[str]:
    """The same in the body of a request to a feature or for a job."""
    if not path.startswith("/api/ai/") or not body:
        return frozenset()
    with suppress(ValueError, RecursionError):
        data = json.loads(body)
        slug = path.removeprefix("/api/ai/").strip("/").replace("-", "_")
        if slug == "jobs":
            slug = data.get("feature", "")
        if feature := FEATURES.get(slug):
            return frozenset(_names(feature, data))
    return frozenset()


def _names(feature: Feature, data: Any) -> list[str]:
    """What isn't an input has no names in it."""
    items = data["items"] if isinstance(data, dict) and isinstance(data.get("items"), list) else [data]
    names: list[str] = []
    for item in items:
        with suppress(LookupError, TypeError, AttributeError):
            names += [str(name) for name in feature.names(item)]
    return names
