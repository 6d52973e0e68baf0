"""The openai SDK against real HTTP: each way of failing becomes one of ours, none outlives its time."""

import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from ai_features import providers
from ai_features.providers import breaker, openai_compatible
from ai_features.providers.anthropic_messages import AnthropicMessages
from ai_features.providers.base import Prompt, ProviderFailed, ProviderRejected
from ai_features.providers.openai_compatible import OpenAICompatible
from config.settings import services

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
MESSAGES = [{"role": "system", "content": "x" * 40}, {"role": "user", "content": '{"name": "Shea butter"}'}]


def prompt(*, model="gpt-6-luna", seconds=10, messages=MESSAGES, **changes):
    asked = {
        "messages": messages,
        "schema": SCHEMA,
        "model": model,
        "max_output_tokens": 200,
        "reasoning_effort": "none",
        "deadline": time.monotonic() + seconds,
        "user_hash": "c0ffee",
    }
    return Prompt(**asked | changes)


def complete(provider=None, **changes):
    provider = provider or providers.find("openai")
    provider.prepare()  # the SDK's import takes a second and is not part of the call
    return provider.complete(prompt(**changes))


def stream(provider, **changes):
    """The pieces, and the completion they end with."""
    provider.prepare()
    *pieces, completion = provider.stream(prompt(**changes))
    return pieces, completion


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


@pytest.mark.parametrize("fault", ["hang", "drip", "slow-30"])
def test_nothing_outlives_its_deadline(sandbox, fault):
    """A drip is never late for a single read: only the deadline of the whole call ends it."""
    started = time.monotonic()

    with pytest.raises(ProviderFailed) as failure:
        complete(model=f"sandbox-{fault}", seconds=0.5)

    assert failure.value.reason == "timeout"
    assert 0.4 < time.monotonic() - started < 15  # half of what the shortest of them would take


NOWHERE = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize("company", [OpenAICompatible, AnthropicMessages])
def test_a_server_that_is_not_there(company):
    with pytest.raises(ProviderFailed) as failure:
        complete(company(base_url=NOWHERE, api_key=""))

    assert failure.value.reason == "connection"


def test_an_ollama_without_a_key_and_one_that_nobody_configured(sandbox, settings):
    local = {"OLLAMA_BASE_URL": sandbox.url}
    settings.AI_PROVIDERS = services.ai_providers(["ollama"], lambda name: local.get(name, ""))

    assert complete(providers.find("ollama")).text == '{"title": "Shea butter"}'
    with pytest.raises(ProviderFailed) as unknown:
        providers.find("openai")
    assert unknown.value.reason == "unknown_provider:openai"
    with pytest.raises(ImproperlyConfigured, match="set VLLM_BASE_URL"):
        services.ai_providers(["vllm"], lambda name: "")


def test_tokens_that_are_not_told_are_guessed_high(sandbox):
    completion = complete(model="sandbox-no-usage")

    characters_in, characters_out = 40 + len('{"name": "Shea butter"}'), len('{"title": "Shea butter"}')
    assert completion.input_tokens == characters_in // 3 + 1
    assert completion.output_tokens == characters_out // 3 + 1


def test_an_answer_that_was_cut_off_says_so(sandbox):
    completion = complete(model="sandbox-length")

    assert completion.finish_reason == "length"
    assert completion.text == '{"title": "S'


# --- Anthropic: the same promises through another SDK ------------------------------------------------------
def claude():
    return providers.find("anthropic")


def test_what_each_company_has_on_offer(sandbox):
    listed = [
        providers.find(name).list_models(deadline=time.monotonic() + 20) for name in ("openai", "anthropic")
    ]

    assert "gpt-6-luna" in listed[0]
    assert listed[1] == {"claude-small", "claude-large"}


def test_a_message_with_its_tokens(sandbox):
    completion = complete(claude())

    assert completion.text == '{"title": "Shea butter"}'
    assert (completion.input_tokens, completion.cached_tokens, completion.output_tokens) == (16, 0, 7)
    assert completion.finish_reason == "stop"
    assert completion.provider_request_id.startswith("msg_")


def test_what_is_asked_of_anthropic(sandbox):
    complete(claude(), model="claude", reasoning_effort="low")

    assert sandbox.calls() == [
        {
            "model": "claude",
            "max_tokens": 200,
            "messages": [MESSAGES[1]],
            "system": MESSAGES[0]["content"],
            "metadata": {"user_id": "c0ffee"},
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        }
    ]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("500", "http_500"),
        ("529", "http_529"),
        ("429", "http_429"),
        ("html", "no_completion"),
        ("error-200", "no_completion"),
        ("broken-json", "broken_answer:JSONDecodeError"),
        ("cut", "connection"),
        ("drop", "connection"),
        ("10mb", "answer_too_large"),
        ("hang", "timeout"),
        ("drip", "timeout"),
    ],
)
def test_an_anthropic_that_fails(sandbox, fault, reason):
    with pytest.raises(ProviderFailed) as failure:
        complete(claude(), model=f"sandbox-{fault}", seconds=0.5 if reason == "timeout" else 10)

    assert (failure.value.reason, failure.value.retryable) == (reason, True)
    assert len(sandbox.calls()) == 1


def test_an_anthropic_that_refuses_the_request_and_one_that_will_not_answer(sandbox):
    with pytest.raises(ProviderRejected):
        complete(claude(), model="sandbox-400")

    assert complete(claude(), model="sandbox-refusal").finish_reason == "refusal"
    assert complete(claude(), model="sandbox-length").finish_reason == "length"


# --- Streams -----------------------------------------------------------------------------------------------
EITHER = pytest.mark.parametrize("company", ["openai", "anthropic"])


@EITHER
def test_a_stream_is_the_same_answer_in_pieces(sandbox, company):
    provider = providers.find(company)

    pieces, completion = stream(provider, schema=None)

    assert len(pieces) == 3
    assert "".join(pieces) == completion.text == 'You wrote: {"name": "Shea butter"}'
    assert (completion.input_tokens, completion.output_tokens) == (16, 9)
    assert completion.finish_reason == "stop"
    assert completion.provider_request_id


@EITHER
@pytest.mark.parametrize(
    ("fault", "reason"),
    [("cut", "connection"), ("cut-quietly", "cut"), ("500", "http_500"), ("hang", "timeout")],
)
def test_a_stream_that_breaks_is_no_answer(sandbox, company, fault, reason):
    with pytest.raises(ProviderFailed) as failure:
        stream(
            providers.find(company),
            model=f"sandbox-{fault}",
            seconds=0.5 if reason == "timeout" else 10,
            schema=None,
        )

    assert failure.value.reason == reason


# --- The breaker -------------------------------------------------------------------------------------------
def test_a_model_that_fails_five_times_is_left_alone_and_one_caller_tries_again(monkeypatch):
    for _ in range(4):
        breaker.failed("a")
    assert breaker.allows("a")
    breaker.failed("a")
    assert not breaker.allows("a")
    assert breaker.allows("b")

    later = time.monotonic() + 10**6
    monkeypatch.setattr(breaker.time, "monotonic", lambda: later)
    assert [breaker.allows("a") for _ in range(3)] == [True, False, False]
    breaker.failed("a")
    assert not breaker.allows("a")
    later += breaker.PAUSE_SECONDS
    assert breaker.allows("a")
    breaker.succeeded("a")
    assert all(breaker.allows("a") for _ in range(3))


def test_a_provider_that_asks_for_a_pause_gets_it(sandbox):
    with pytest.raises(ProviderFailed) as failure:
        complete(model="sandbox-429")

    assert failure.value.retry_after == 1.0
    breaker.failed("a", retry_after=failure.value.retry_after)
    assert not breaker.allows("a")
