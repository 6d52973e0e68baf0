"""The openai SDK against real HTTP: each way of failing becomes one of ours, none outlives its time."""

import time

import pytest

from ai_features.providers import openai_compatible
from ai_features.providers.base import ProviderFailed, ProviderRejected
from ai_features.providers.openai_compatible import OpenAICompatible

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
MESSAGES = [{"role": "system", "content": "x" * 40}, {"role": "user", "content": '{"name": "Shea butter"}'}]


def complete(*, model="gpt-6-luna", seconds=1.5, messages=MESSAGES):
    provider = OpenAICompatible()
    provider.prepare()  # the SDK's import takes a second and is not part of the call
    return provider.complete(
        messages=messages,
        schema=SCHEMA,
        model=model,
        max_output_tokens=200,
        reasoning_effort="none",
        deadline=time.monotonic() + seconds,
        user_hash="c0ffee",
    )


def test_a_completion_with_its_tokens(sandbox):
    completion = complete()

    assert completion.text == '{"title": "Shea butter"}'
    assert (completion.input_tokens, completion.cached_tokens) == (16, 0)
    assert (completion.output_tokens, completion.reasoning_tokens) == (7, 0)
    assert completion.finish_reason == "stop"
    assert completion.provider_request_id.startswith("chatcmpl-")


def test_what_is_asked_of_the_provider(sandbox):
    complete()

    assert sandbox.calls() == [
        {
            "messages": MESSAGES,
            "model": "gpt-6-luna",
            "max_tokens": 200,
            "reasoning_effort": "none",
            "user": "c0ffee",
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
            },
        }
    ]


def test_openai_itself_gets_the_cap_by_its_new_name():
    assert openai_compatible._cap_name("https://api.openai.com/v1") == "max_completion_tokens"
    assert openai_compatible._cap_name("http://127.0.0.1:11434/v1") == "max_tokens"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("500", "http_500"),
        ("503", "http_503"),
        ("429", "http_429"),
        ("401", "http_401"),
        ("404", "http_404"),
        ("html", "no_completion"),
        ("error-200", "no_completion"),
        ("broken-json", "broken_answer:JSONDecodeError"),
        ("cut", "connection"),
        ("drop", "connection"),
        ("10mb", "answer_too_large"),
    ],
)
def test_a_failure_that_another_model_may_not_have(sandbox, fault, reason):
    with pytest.raises(ProviderFailed) as failure:
        complete(model=f"sandbox-{fault}")

    assert failure.value.reason == reason
    assert failure.value.retryable
    assert len(sandbox.calls()) == 1  # the SDK repeats nothing


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_that_every_model_would_repeat(sandbox, status):
    with pytest.raises(ProviderRejected) as refusal:
        complete(model=f"sandbox-{status}")

    assert refusal.value.reason == f"http_{status}"
    assert not refusal.value.retryable


@pytest.mark.parametrize("fault", ["hang", "drip", "slow-5"])
def test_nothing_outlives_its_deadline(sandbox, fault):
    """A drip is never late for a single read: only the deadline of the whole call ends it."""
    started = time.monotonic()

    with pytest.raises(ProviderFailed) as failure:
        complete(model=f"sandbox-{fault}", seconds=0.5)

    assert failure.value.reason == "timeout"
    assert 0.4 < time.monotonic() - started < 3


def test_a_server_that_is_not_there(sandbox, settings):
    settings.AI_PROVIDER_BASE_URL = "http://127.0.0.1:1/v1"

    with pytest.raises(ProviderFailed) as failure:
        complete()

    assert failure.value.reason == "connection"


def test_a_server_without_keys_needs_none_of_ours(sandbox, settings):
    settings.AI_PROVIDER_API_KEY = ""

    assert complete().text == '{"title": "Shea butter"}'


def test_tokens_that_are_not_told_are_guessed_high(sandbox):
    completion = complete(model="sandbox-no-usage")

    characters_in, characters_out = 40 + len('{"name": "Shea butter"}'), len('{"title": "Shea butter"}')
    assert completion.input_tokens == characters_in // 3 + 1
    assert completion.output_tokens == characters_out // 3 + 1


def test_an_answer_that_was_cut_off_says_so(sandbox):
    completion = complete(model="sandbox-length")

    assert completion.finish_reason == "length"
    assert completion.text == '{"title": "S'
