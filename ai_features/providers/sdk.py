"""What the SDKs of the model companies have in common: they are made by one generator.

They are imported on the first call, which costs seconds and memory that commands need not pay. They repeat
nothing: a repeated call may be charged twice, and the gateway decides what is asked again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from ai_features.providers import bounded_http
from ai_features.providers.base import ProviderFailed, ProviderRejected

MAX_ANSWER_BYTES = 1024 * 1024
_NO_KEY = "none"  # the SDKs insist on one; servers such as Ollama ignore it
# Another model of ours can't help with these: the request itself is wrong.
_REFUSED = (400, 413, 422)
_LONGEST_PAUSE_SECONDS = 300.0


def client(make: Any, *, base_url: str, api_key: str, **options: Any) -> Any:
    """`make` is the client's class."""
    return make(
        base_url=base_url,
        api_key=api_key or _NO_KEY,
        max_retries=0,
        timeout=settings.AI_TIMEOUT_SECONDS,
        http_client=bounded_http.client(),
        **options,
    )


@contextmanager
def asking(sdk: Any, *, deadline: float) -> Iterator[None]:
    """Ends what runs inside by `deadline` (`time.monotonic()`), and makes the SDK's exceptions ours."""
    try:
        with bounded_http.bounded(deadline=deadline, max_bytes=MAX_ANSWER_BYTES):
            yield
    except sdk.APITimeoutError:
        raise ProviderFailed("timeout") from None
    except sdk.APIConnectionError as error:
        too_large = isinstance(error.__cause__ and error.__cause__.__cause__, bounded_http.TooLarge)
        raise ProviderFailed("answer_too_large" if too_large else "connection") from None
    except sdk.APIStatusError as error:
        # The text of an error may quote the prompt: only the status goes on.
        reason = f"http_{error.status_code}"
        if error.status_code in _REFUSED:
            raise ProviderRejected(reason) from None
        raise ProviderFailed(reason, retry_after=_retry_after(error.response)) from None
    except bounded_http.BROKEN_STREAM as error:  # while it is read, a stream's errors come as they are
        raise ProviderFailed(bounded_http.reason(error)) from None
    except (sdk.APIError, ValueError) as error:  # ValueError: a body that is not the JSON it says it is
        raise ProviderFailed(f"broken_answer:{type(error).__name__}") from None


def model_names(listing: Any) -> set[str]:
    """Raises ProviderFailed for an answer that lists none."""
    listed = getattr(listing, "data", None)
    names = {getattr(model, "id", None) for model in listed} if isinstance(listed, list) else set()
    if not names:
        raise ProviderFailed("no_listing")
    return {name for name in names if isinstance(name, str)}


def count(holder: Any, name: str) -> int:
    """A token count; 0 for what is not told or makes no sense."""
    value = getattr(holder, name, None)
    return value if isinstance(value, int) and value > 0 else 0


def _retry_after(response: Any) -> float | None:
    """Seconds that a Retry-After asks for; a date in it is not worth the trouble."""
    try:
        return min(max(float(response.headers["Retry-After"]), 0.0), _LONGEST_PAUSE_SECONDS)
    except (KeyError, ValueError):
        return None
