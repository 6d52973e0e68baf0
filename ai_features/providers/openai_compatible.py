"""OpenAI, and every server that speaks its chat completions: Ollama, vLLM, LiteLLM, the sandbox."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ai_features.providers import sdk
from ai_features.providers.base import Completion, Prompt, ProviderFailed, estimate_tokens

if TYPE_CHECKING:
    import openai


@dataclass(frozen=True)
class OpenAICompatible:
    """A server at `base_url`; many need no key."""

    base_url: str
    api_key: str

    def prepare(self) -> None:
        _client(self)

    def complete(self, prompt: Prompt) -> Completion:
        import openai

        client = _client(self)
        with sdk.asking(openai, deadline=prompt.deadline):
            answer = client.chat.completions.create(**self._request(prompt))
        return _read(answer, prompt)

    def stream(self, prompt: Prompt) -> Iterator[str | Completion]:
        import openai

        client, pieces, finish, usage, answer_id = _client(self), [], "", None, ""
        request = self._request(prompt) | {"stream": True, "stream_options": {"include_usage": True}}
        with (
            sdk.asking(openai, deadline=prompt.deadline),
            client.chat.completions.create(**request) as events,
        ):
            for event in events:
                answer_id = answer_id or _text(event, "id")
                usage = getattr(event, "usage", None) or usage
                choices = getattr(event, "choices", None)
                if not choices:
                    continue
                finish = choices[0].finish_reason or finish
                piece = getattr(choices[0].delta, "content", None)
                if piece:
                    pieces.append(piece)
                    yield piece
        if not finish:  # a stream that is cut ends like one that is done
            raise ProviderFailed("cut")
        yield _completion("".join(pieces), finish, usage, answer_id, prompt)

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": prompt.model,
            "messages": prompt.messages,
            "user": prompt.user_hash,
            _cap_name(self.base_url): prompt.max_output_tokens,
        }
        if prompt.reasoning_effort:
            request["reasoning_effort"] = prompt.reasoning_effort
        if prompt.schema is not None:
            wanted = {"name": "answer", "strict": True, "schema": prompt.schema}
            request["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return request

    def list_models(self, *, deadline: float) -> set[str]:
        import openai

        with sdk.asking(openai, deadline=deadline):
            return sdk.model_names(_client(self).models.list())


@functools.cache  # as many as are configured; one that is dropped would leave its sockets open
def _client(server: OpenAICompatible) -> "openai.OpenAI":
    import openai

    made: openai.OpenAI = sdk.client(openai.OpenAI, base_url=server.base_url, api_key=server.api_key)
    if not _is_openai(server.base_url):
        # The SDK takes them from the environment: nobody else is to learn them.
        made.organization = made.project = None
    return made


def _is_openai(base_url: str) -> bool:
    return (urlsplit(base_url).hostname or "").endswith("openai.com")


def _cap_name(base_url: str) -> str:
    """OpenAI refuses the old name of the output cap, other servers know only that one."""
    return "max_completion_tokens" if _is_openai(base_url) else "max_tokens"


def _read(answer: Any, prompt: Prompt) -> Completion:
    """Every field may be missing: a web page with status 200 is a str, an error body has no choices."""
    choices = getattr(answer, "choices", None)
    if not choices or getattr(choices[0], "message", None) is None:
        raise ProviderFailed("no_completion")
    text = choices[0].message.content or ""
    finish = str(choices[0].finish_reason or "")
    return _completion(text, finish, getattr(answer, "usage", None), _text(answer, "id"), prompt)


def _completion(text: str, finish: str, usage: Any, answer_id: str, prompt: Prompt) -> Completion:
    input_tokens = sdk.count(usage, "prompt_tokens") or prompt.input_estimate()
    output_tokens = sdk.count(usage, "completion_tokens") or estimate_tokens(text)
    cached = sdk.count(getattr(usage, "prompt_tokens_details", None), "cached_tokens")
    reasoning = sdk.count(getattr(usage, "completion_tokens_details", None), "reasoning_tokens")
    return Completion(
        text=text,
        input_tokens=input_tokens,
        cached_tokens=min(cached, input_tokens),
        output_tokens=output_tokens,
        reasoning_tokens=min(reasoning, output_tokens),
        finish_reason=finish,
        provider_request_id=answer_id[:120],
    )


def _text(holder: Any, name: str) -> str:
    return str(getattr(holder, name, "") or "")
