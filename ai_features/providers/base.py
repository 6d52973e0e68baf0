"""What the gateway asks of a provider, and how a provider says no."""

from dataclasses import dataclass
from typing import Any, Protocol

Message = dict[str, str]


class ProviderFailed(Exception):
    """No answer came. `reason` is a short code for the log; `retryable`: another model may still answer."""

    def __init__(self, reason: str, *, retryable: bool = True) -> None:
        self.reason = reason
        self.retryable = retryable
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


class Provider(Protocol):
    def prepare(self) -> None:
        """Gets ready what only has to be done once in a process."""

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
        """One answer, asked for once. `deadline` is a moment of `time.monotonic()` that nothing outlives.

        Raises ProviderFailed or ProviderRejected. Neither says whether tokens were used: when no answer came,
        nothing is booked.
        """

    def list_models(self, *, deadline: float) -> set[str]:
        """The names of the models on offer. Costs nothing. Raises ProviderFailed."""


def estimate_tokens(text: str) -> int:
    """A high guess: three bytes a token, where English needs about four and other scripts about as many."""
    return len(text.encode(errors="replace")) // 3 + 1
