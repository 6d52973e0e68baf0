"""What a feature is: one file with an input, facts, a prompt, an output, a check and a local text.

A feature only ever thinks of one item. Where `max_items` allows several, the gateway asks for all of them in
one call, checks each, delivers the good ones and charges only for those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

Facts = dict[str, Any]
Result = dict[str, Any]


def no_names(data: dict[str, Any]) -> list[str]:
    return []


def as_it_is(facts: Facts, result: Result) -> Result:
    return result


def all_of_them(facts: Facts) -> Facts:
    return facts


def never_local(facts: Facts) -> Result | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Feature:
    """`version` is that of the prompt: change it with the prompt, and older cached answers are left."""

    slug: str
    version: str
    input_serializer: type[serializers.Serializer]
    output_serializer: type[serializers.Serializer]
    # Pure: what is known or computed here, from the sanitised input. Raises NotEnoughData.
    facts: Callable[[dict[str, Any]], Facts]
    # The standing orders to the model. The facts travel beside it as data.
    instructions: str
    # What of the facts the model gets. The rest is for `check`, `finish` and the texts made here.
    for_model: Callable[[Facts], Facts] = all_of_them
    # What is wrong with an answer that fits the output, each problem in words the model can act on.
    check: Callable[[Facts, Result], list[str]]
    # Adds what was computed here to an answer that passed its checks.
    finish: Callable[[Facts, Result], Result] = as_it_is
    # What the caller gets where `finish` adds to the output.
    result_serializer: type[serializers.Serializer] | None = None
    # A plain answer without a model, in the shape the caller gets; offered when no model can be used.
    local_text: Callable[[Facts], Result]
    # An answer that needs no model at all, or None. It is given at once and free.
    local_answer: Callable[[Facts], Result | None] = never_local
    # The tenant's own customers' names, phones and codes: tokens outside, restored in the answer.
    names: Callable[[dict[str, Any]], list[str]] = no_names
    max_items: int = 1
    # For the API's document: what it does in a line, a valid input, an answer to it that passes `check`.
    summary: str
    example: dict[str, Any]
    example_result: Result

    @property
    def delivers(self) -> type[serializers.Serializer]:
        """The form of what the caller gets."""
        return self.result_serializer or self.output_serializer
