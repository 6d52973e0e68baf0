"""What the gateway asks of a provider, and how a provider says no."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Message = dict[str, str]


class ProviderFailed(Exception):
    """No answer came. `reason` is a short code for the log; `retryable`: another model may still answer.

    `retry_after`: for how many seconds the provider asked to be left alone.
    """

    def __init__(self, reason: str, *, retryable: bool = True, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retryable = retryable
        self.retry_after = retry_after
        super().__init__(reason)


class ProviderRejected(ProviderFailed):
    """The provider understood and refused: asking another model would be refused as well."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retryable=False)


@dataclass(frozen=True)
class Completion:
    """One answer. Token counts: `cached` is a part of `input`, `reasoning` a part of `output`.

    The counts are never zero by omission: a provider that does not tell them gets a high estimate.
    """

    text: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    finish_reason: str
    provider_request_id: str


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One question to a model. `schema`: the strict JSON schema of the answer; None for plain text.

    `deadline` is a moment of `time.monotonic()` that nothing outlives. `user_hash` is all the company learns
    about who asks.
    """

    messages: list[Message]
    schema: dict[str, Any] | None
    model: str
    max_output_tokens: int
    reasoning_effort: str
    deadline: float
    user_hash: str

    def input_estimate(self) -> int:
        return estimate_tokens("".join(message["content"] for message in self.messages))


class Provider(Protocol):
    def prepare(self) -> None:
        """Gets ready what only has to be done once in a process."""

    def complete(self, prompt: Prompt) -> Completion:
        """One answer, asked for once.

        Raises ProviderFailed or ProviderRejected. Neither says whether tokens were used: when no answer came,
        nothing is booked.
        """

    def list_models(self, *, deadline: float) -> set[str]:
        """The names of the models on offer. Costs nothing. Raises ProviderFailed."""

    def stream(self, prompt: Prompt) -> Iterator[str | Completion]:
        """The pieces of one answer as they come, then the Completion they add up to.

        Raises as `complete`; also when the stream ends before the model said that it is done.
        """


def estimate_tokens(text: str) -> int:
    """A high guess: three bytes a token, where English needs about four and other scripts about as many."""
    return len(text.encode(errors="replace")) // 3 + 1
