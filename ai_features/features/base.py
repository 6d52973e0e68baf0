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


def never_local(facts: Facts) -> Result | None:
    return None


def as_it_is(facts: Facts, result: Result) -> Result:
    return result


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
    # What is wrong with an answer that fits the output, each problem in words the model can act on.
    check: Callable[[Facts, Result], list[str]]
    # Adds what was computed here to an answer that passed its checks.
    finish: Callable[[Facts, Result], Result] = as_it_is
    # The shape of a finished answer, for the API's document, where `finish` adds to it.
    answer_serializer: type[serializers.Serializer] | None = None
    # A plain answer without a model, in the output's shape; offered when no model can be used.
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
