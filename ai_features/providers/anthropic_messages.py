"""Anthropic's messages."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_features.providers import sdk
from ai_features.providers.base import Completion, Prompt, ProviderFailed, estimate_tokens

if TYPE_CHECKING:
    import anthropic

# Its words for why it stopped, in those that the gateway knows.
_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "refusal": "refusal"}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True)
class AnthropicMessages:
    base_url: str
    api_key: str

    def prepare(self) -> None:
        _client(self)

    def complete(self, prompt: Prompt) -> Completion:
        import anthropic

        client = _client(self)
        with sdk.asking(anthropic, deadline=prompt.deadline):
            answer = client.messages.create(**_request(prompt))
        content = getattr(answer, "content", None)
        if not isinstance(content, list):
            raise ProviderFailed("no_completion")
        text = "".join(block.text for block in content if getattr(block, "type", "") == "text")
        return _completion(text, answer.stop_reason, [answer.usage], answer.id, prompt)

    def stream(self, prompt: Prompt) -> Iterator[str | Completion]:
        import anthropic

        client, pieces, stop, usages, answer_id = _client(self), [], None, [], ""
        with (
            sdk.asking(anthropic, deadline=prompt.deadline),
            client.messages.create(**_request(prompt), stream=True) as events,
        ):
            for event in events:
                if event.type == "message_start":
                    answer_id, usages = event.message.id, [event.message.usage]
                elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                    pieces.append(event.delta.text)
                    yield event.delta.text
                elif event.type == "message_delta":
                    stop = event.delta.stop_reason or stop
                    usages.append(event.usage)
        if stop is None:
            raise ProviderFailed("cut")
        yield _completion("".join(pieces), stop, usages, answer_id, prompt)

    def list_models(self, *, deadline: float) -> set[str]:
        import anthropic

        with sdk.asking(anthropic, deadline=deadline):
            return sdk.model_names(_client(self).models.list(limit=1000))


@functools.cache  # as many as are configured; one that is dropped would leave its sockets open
def _client(server: AnthropicMessages) -> "anthropic.Anthropic":
    import anthropic

    made: anthropic.Anthropic = sdk.client(
        anthropic.Anthropic, base_url=server.base_url, api_key=server.api_key, open_telemetry=False
    )
    return made


def _request(prompt: Prompt) -> dict[str, Any]:
    import anthropic

    orders = [message["content"] for message in prompt.messages if message["role"] == "system"]
    output: dict[str, Any] = {}
    if prompt.reasoning_effort in _EFFORTS:
        output["effort"] = prompt.reasoning_effort
    if prompt.schema is not None:
        # Lengths and numbers of items are not part of its grammar: they go into the descriptions.
        output["format"] = {"type": "json_schema", "schema": anthropic.transform_schema(prompt.schema)}
    request: dict[str, Any] = {
        "model": prompt.model,
        "max_tokens": prompt.max_output_tokens,
        "messages": [message for message in prompt.messages if message["role"] != "system"],
        "metadata": {"user_id": prompt.user_hash},
    }
    if orders:
        request["system"] = "\n".join(orders)
    if output:
        request["output_config"] = output
    return request


def _completion(
    text: str, stop: str | None, usages: list[Any], answer_id: str | None, prompt: Prompt
) -> Completion:
    """Its input count leaves out what was read from or written to its cache; ours holds all of it."""

    def told(name: str) -> int:
        return max((sdk.count(usage, name) for usage in usages), default=0)

    cached = told("cache_read_input_tokens")
    input_tokens = told("input_tokens") + cached + told("cache_creation_input_tokens")
    return Completion(
        text=text,
        input_tokens=input_tokens or prompt.input_estimate(),
        cached_tokens=cached,
        output_tokens=told("output_tokens") or estimate_tokens(text),
        reasoning_tokens=0,  # a part of the output that costs the same, and is not told apart
        finish_reason=_FINISH.get(stop or "", stop or ""),
        provider_request_id=(answer_id or "")[:120],
    )
