"""A model server of one's own, as Ollama, vLLM and LiteLLM are: a base URL, and no key."""

import json
from decimal import Decimal

import pytest

from ai_features import providers
from config.core.loopback import App, Response, Server, json_response
from config.core.models import forget_dated
from config.settings import services
from subscriptions.models import AIModel, ModelRoute
from tests.ai_features.conftest import START
from tests.ai_features.test_provider import complete, stream


class Ollama:
    """Speaks as much of OpenAI's protocol as a local server does, and notes the headers it gets."""

    def __init__(self):
        self.app, self.headers, self.asked = App(), [], []
        self.app.post("/chat/completions")(self.complete)

    def complete(self, request):
        self.headers.append(dict(request.headers))
        self.asked.append(request.json())
        said = {"role": "assistant", "content": '{"title": "Shea butter"}'}
        usage = {"prompt_tokens": 26, "completion_tokens": 9, "total_tokens": 35}
        base = {"id": "chatcmpl-1", "created": 1, "model": "llama3.2:3b", "system_fingerprint": "fp_ollama"}
        if not request.json().get("stream"):
            choice = {"index": 0, "message": said, "finish_reason": "stop"}
            return json_response(base | {"object": "chat.completion", "choices": [choice], "usage": usage})
        first = {"choices": [{"index": 0, "delta": said, "finish_reason": None}]}
        last = {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}]}
        chunks = [base | one for one in (first, last, {"choices": [], "usage": usage})]
        events = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks]
        return Response(iter([*events, b"data: [DONE]\n\n"]), 200, {"Content-Type": "text/event-stream"})


@pytest.mark.parametrize("way", ["whole", "stream"])
def test_a_local_server_gets_no_key_of_ours(settings, monkeypatch, way):
    """Not even those that the SDK looks for in the environment by itself."""
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "ours-alone")
    ollama = Ollama()
    with Server({"/v1": ollama.app}) as server:
        local = {"OLLAMA_BASE_URL": f"{server.url}/v1"}
        settings.AI_PROVIDERS = services.ai_providers(["ollama"], lambda name: local.get(name, ""))
        provider = providers.find("ollama")
        completion = (
            complete(provider, model="llama3.2:3b")
            if way == "whole"
            else stream(provider, model="llama3.2:3b")[1]
        )

    assert completion.text == '{"title": "Shea butter"}'
    assert (completion.input_tokens, completion.output_tokens) == (26, 9)
    assert completion.finish_reason == "stop"
    assert ollama.headers[0]["authorization"] == "Bearer none"
    assert "ours-alone" not in str(ollama.headers)
    assert ollama.asked[0]["model"] == "llama3.2:3b"


@pytest.mark.django_db
def test_a_feature_answered_by_a_local_server_is_charged_like_any(shop, sandbox, settings):
    local = {"OLLAMA_BASE_URL": sandbox.url}
    settings.AI_PROVIDERS = services.ai_providers(["ollama"], lambda name: local.get(name, ""))
    AIModel.objects.create(
        slug="ollama/llama3.2:3b",
        provider="ollama",
        name="llama3.2:3b",
        input_usd=Decimal("0.01"),
        cached_input_usd=Decimal("0.01"),
        output_usd=Decimal("0.01"),
        effective_from=START,
    )
    ModelRoute.objects.update(models_in_order=["ollama/llama3.2:3b"])
    forget_dated()

    body = shop.describe().json()

    assert (body["source"], body["model"], body["credits_charged"]) == ("ai", "ollama/llama3.2:3b", 0.1)
    assert sandbox.calls()[0]["model"] == "llama3.2:3b"
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
