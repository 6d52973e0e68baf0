"""One question to a feature: the validated items, and their sanitised form that may leave."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from rest_framework import serializers

from ai_features.errors import PrivacyCheckFailed
from ai_features.features.base import Facts, Feature
from ai_features.features.schema import own_words
from ai_features.privacy.sanitise import sanitise_tree
from config.core import json

log = structlog.get_logger("sika.ai")


@dataclass(frozen=True)
class Question:
    feature: Feature
    items: list[dict[str, Any]]
    is_batch: bool
    fresh: bool
    ask_ai: bool = False
    # The sanitised items without orders to the AI, and the fields of the body from which some were taken out.
    shortened: list[dict[str, Any]] | None = None
    removed: tuple[str, ...] = ()

    @functools.cached_property
    def _sanitised(self) -> tuple[list[dict[str, Any]], dict[str, str]]:
        names = [name for item in self.items for name in self.feature.names(item)]
        try:
            clean, tokens = sanitise_tree(self.items, names, own_words(self.feature.input_serializer))
        except Exception as error:  # whatever it is: without the sanitiser nothing may leave
            log.error("sanitiser failed", error=type(error).__name__)  # its text may be what it was to hide
            raise PrivacyCheckFailed from error
        return clean, tokens

    @property
    def clean_items(self) -> list[dict[str, Any]]:
        """What may leave and be stored. Raises PrivacyCheckFailed."""
        return self._sanitised[0] if self.shortened is None else self.shortened

    @property
    def tokens(self) -> dict[str, str]:
        """Token → the name it stands for."""
        return self._sanitised[1]

    @functools.cached_property
    def facts(self) -> list[Facts]:
        """The facts of every item, from the sanitised input. Raises NotEnoughData."""
        return [self.feature.facts(item) for item in self.clean_items]

    @property
    def clean_data(self) -> dict[str, Any]:
        """The sanitised input in the shape it was sent in."""
        return {"items": self.clean_items} if self.is_batch else self.clean_items[0]

    def field(self, path: str) -> str:
        """A path into `clean_items` as a path into the body of the request."""
        return f"items.{path}" if self.is_batch else path.partition(".")[2]


def read(feature: Feature, data: Any) -> Question:
    """Raises ValidationError with the path of every wrong field."""
    if not isinstance(data, Mapping):
        raise serializers.ValidationError("Send a JSON object.", code="invalid")
    fresh, ask_ai = _flag(data, "fresh"), _flag(data, "ask_ai")
    if feature.max_items > 1 and "items" in data:
        several: serializers.ListSerializer = serializers.ListSerializer(
            data=data["items"],
            child=feature.input_serializer(),
            allow_empty=False,
            max_length=feature.max_items,
        )
        if not several.is_valid():
            raise serializers.ValidationError({"items": several.errors})
        return Question(feature, [dict(item) for item in several.validated_data], True, fresh, ask_ai)
    one = feature.input_serializer(data=data)
    one.is_valid(raise_exception=True)
    return Question(feature, [dict(one.validated_data)], False, fresh, ask_ai)


def _flag(data: Mapping[str, Any], name: str) -> bool:
    try:
        return bool(serializers.BooleanField().run_validation(data.get(name, False)))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from None


def messages(
    feature: Feature, facts: list[Facts], *, guidance: str = "", corrections: list[str] | None = None
) -> list[dict[str, str]]:
    """What is sent: standing orders, and the facts as data beside them."""
    orders = [feature.instructions.strip()]
    if guidance:
        orders.append(f"About the reader: {guidance}")
    data: Facts = dict(feature.for_model(facts[0]))
    if len(facts) > 1:
        orders.append("`items` holds several; answer each of them, in the same order, in your `items`.")
        data = {"items": [feature.for_model(one) for one in facts]}
    if corrections:
        orders.append("`corrections` says what was wrong with an earlier answer to this; do not repeat it.")
        data["corrections"] = corrections
    return [
        {"role": "system", "content": "\n".join(orders)},
        {"role": "user", "content": json.dumps(data)},
    ]
