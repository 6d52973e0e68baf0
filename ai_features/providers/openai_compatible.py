"""OpenAI, and every server that speaks its chat completions: Ollama, vLLM, LiteLLM, the sandbox."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from ai_features.providers.base import Completion, Message, ProviderFailed, ProviderRejected, estimate_tokens

if TYPE_CHECKING:
    import openai

MAX_ANSWER_BYTES = 1024 * 1024
_NO_KEY = "none"  # the SDK insists on one; servers such as Ollama ignore it
# Another model of ours can't help with these: the request itself is wrong.
_REFUSED = (400, 413, 422)


class OpenAICompatible:
    def prepare(self) -> None:
        _client(settings.AI_PROVIDER_BASE_URL, settings.AI_PROVIDER_API_KEY)

    def complete(
        self,
        *,
        messages: list[Message],
        schema: dict[str, Any],
        model: str,
        max_output_tokens: int,
        reasoning_effort: str,
        deadline: float,
        user_hash: str,
    ) -> Completion:
        client = _client(settings.AI_PROVIDER_BASE_URL, settings.AI_PROVIDER_API_KEY)
        request: dict[str, Any] = {
            "model": model,
            "messages": messages,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            },
            "user": user_hash,
            _cap_name(settings.AI_PROVIDER_BASE_URL): max_output_tokens,
        }
        if reasoning_effort:
            request["reasoning_effort"] = reasoning_effort
        with _answering(deadline):
            answer = client.chat.completions.create(**request)
        return _read(answer, messages)

    def list_models(self, *, deadline: float) -> set[str]:
        client = _client(settings.AI_PROVIDER_BASE_URL, settings.AI_PROVIDER_API_KEY)
        with _answering(deadline):
            listed = getattr(client.models.list(), "data", None)
        names = {getattr(model, "id", None) for model in listed} if isinstance(listed, list) else set()
        if not names:
            raise ProviderFailed("no_listing")
        return {name for name in names if isinstance(name, str)}


@functools.lru_cache(maxsize=4)
def _client(base_url: str, api_key: str) -> "openai.OpenAI":
    # Imported on the first call: it costs a second and 50 MB, which commands need not pay.
    import openai

    from ai_features.providers import bounded_http

    return openai.OpenAI(
        base_url=base_url,
        api_key=api_key or _NO_KEY,
        max_retries=0,  # a repeated call may be charged twice; the gateway decides what is asked again
        timeout=settings.AI_TIMEOUT_SECONDS,
        http_client=bounded_http.client(),
    )


def _cap_name(base_url: str) -> str:
    """OpenAI refuses the old name of the output cap, other servers know only that one."""
    host = urlsplit(base_url).hostname or ""
    return "max_completion_tokens" if host.endswith("openai.com") else "max_tokens"


@contextmanager
def _answering(deadline: float) -> Iterator[None]:
    """One call of the SDK, bounded in time and size; its errors become ours."""
    import openai

    from ai_features.providers import bounded_http

    try:
        with bounded_http.bounded(deadline=deadline, max_bytes=MAX_ANSWER_BYTES):
            yield
    except openai.APITimeoutError:
        raise ProviderFailed("timeout") from None
    except openai.APIConnectionError as error:
        too_large = isinstance(error.__cause__ and error.__cause__.__cause__, bounded_http.TooLarge)
        raise ProviderFailed("answer_too_large" if too_large else "connection") from None
    except openai.APIStatusError as error:
        # The text of an error may quote the prompt: only the status goes on.
        reason = f"http_{error.status_code}"
        raise (
            ProviderRejected(reason) if error.status_code in _REFUSED else ProviderFailed(reason)
        ) from None
    except (openai.OpenAIError, ValueError) as error:  # ValueError: a body that is not the JSON it says it is
        raise ProviderFailed(f"broken_answer:{type(error).__name__}") from None


def _read(answer: Any, messages: list[Message]) -> Completion:
    """Every field may be missing: a web page with status 200 is a str, an error body has no choices."""
    choices = getattr(answer, "choices", None)
    if not choices or getattr(choices[0], "message", None) is None:
        raise ProviderFailed("no_completion")
    text = choices[0].message.content or ""
    input_tokens, cached, output_tokens, reasoning = _tokens(getattr(answer, "usage", None))
    guess_in = estimate_tokens("".join(message["content"] for message in messages))
    input_tokens = input_tokens or guess_in
    output_tokens = output_tokens or estimate_tokens(text)
    return Completion(
        text=text,
        input_tokens=input_tokens,
        cached_tokens=min(cached, input_tokens),
        output_tokens=output_tokens,
        reasoning_tokens=min(reasoning, output_tokens),
        finish_reason=str(choices[0].finish_reason or ""),
        provider_request_id=str(getattr(answer, "id", "") or "")[:120],
    )


def _tokens(usage: Any) -> tuple[int, int, int, int]:
    """Input, cached, output and reasoning tokens; 0 for what is not told or makes no sense."""
    details = getattr(usage, "prompt_tokens_details", None)
    more = getattr(usage, "completion_tokens_details", None)
    return (
        _count(usage, "prompt_tokens"),
        _count(details, "cached_tokens"),
        _count(usage, "completion_tokens"),
        _count(more, "reasoning_tokens"),
    )


def _count(holder: Any, name: str) -> int:
    value = getattr(holder, name, None)
    return value if isinstance(value, int) and value > 0 else 0
