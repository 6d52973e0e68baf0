"""The stand-in provider as the openai SDK sees it."""

import json

import openai
import pytest
import requests

from ai_features.features import FEATURES, schema


@pytest.fixture
def client(model_provider):
    with openai.OpenAI(base_url=model_provider.url, api_key="any", max_retries=0, timeout=5) as client:
        yield client


def ask(client, **options):
    messages = [{"role": "user", "content": "Is the shop open?"}]
    return client.chat.completions.create(model="any-name", messages=messages, **options)


def test_any_model_answers(client):
    answer = ask(client)

    assert answer.model == "any-name"
    assert answer.choices[0].message.content == "You wrote: Is the shop open?"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.parametrize("slug", FEATURES)
def test_answers_fit_every_features_schema(client, slug):
    wanted = schema.json_schema(FEATURES[slug].output_serializer)
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": wanted}}

    answer = json.loads(ask(client, response_format=form).choices[0].message.content)

    assert schema.problems(FEATURES[slug].output_serializer, answer)[1] == []


def test_a_stream_ends_with_its_usage(client):
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "You wrote: Is the shop open?"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 8


def test_a_cut_stream_has_no_end(client, model_provider):
    model_provider.fail("cut")

    with pytest.raises(openai.APIError):
        list(ask(client, stream=True))


def test_models_tell_when_they_end(client):
    ends = {model.id: model.shutdown_date for model in client.models.list()}

    assert ends["gpt-6-luna"] is None
    assert ends["gpt-4o-mini"] == "2027-01-14"


def test_a_script_is_followed_in_order_and_reset(client, model_provider):
    model_provider.fail("500")
    model_provider.fail("429")

    with pytest.raises(openai.InternalServerError):
        ask(client)
    with pytest.raises(openai.RateLimitError):
        ask(client)
    assert ask(client).choices[0].finish_reason == "stop"
    assert len(model_provider.calls()) == 3

    model_provider.fail("500")
    model_provider.reset()
    assert ask(client).choices[0].finish_reason == "stop"
    assert len(model_provider.calls()) == 1


def test_no_key_is_refused(model_provider):
    reply = requests.post(f"{model_provider.url}/chat/completions", json={"messages": []}, timeout=5)

    assert reply.status_code == 401
