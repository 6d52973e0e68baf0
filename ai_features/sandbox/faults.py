"""The ways in which a provider fails, by name.

HTTP status: 400, 401, 404, 429, 500, 503 and so on. Time: `hang`, `slow-2.5` (seconds), `drip` (slow bytes),
`crowd-8` (nobody is answered before eight wait).
Transport: `cut` (closed in the middle), `cut-quietly` (a stream that ends early, in good order), `drop`
(closed at once), `10mb`, `html` (a web page with 200), `broken-json`, `error-200`. Answer: `garbage` (prose
instead of JSON), `empty`, `wrong-schema`, `invented` (a price and a brand nobody gave), `half` (every second
item wrong), `threat`, `shaming`, `third-party` (what nobody may write to a debtor), `length` (cut off by the
output cap), `handoff` (asks for a person), `refusal` (the model will not), `no-usage`.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from config.core.loopback import Drop, Response, html_response, json_response

HANG_SECONDS = 120.0
_DRIP_SECONDS = 0.05
INVENTED = "Only GHS 7777.77, as good as Samsung."
HANDOFF = {"reason": "Wants a person.", "category": "billing", "priority": "high", "sentiment": "negative"}
MISCONDUCT = {
    "threat": "Pay today or we will send the police.",
    "shaming": "Everyone will know that you are a thief.",
    "third-party": "We will tell your family and your employer.",
}
_crowds: dict[str, threading.Barrier] = {}
_stopped = threading.Event()  # never set: waiting for it is a sleep that needs no clock


def before(fault: str) -> Response | None:
    """What the fault answers instead of a completion, if it does."""
    if re.fullmatch(r"[45]\d\d", fault):
        return _error(int(fault))
    if fault == "hang":
        _stopped.wait(HANG_SECONDS)
        raise Drop
    if fault == "drop":
        raise Drop
    if fault.startswith("slow-"):
        time.sleep(min(float(fault.removeprefix("slow-")), HANG_SECONDS))
    if fault.startswith("crowd-"):
        _wait_for_all(fault)
    if fault == "html":
        return html_response("<html><body><h1>502 Bad Gateway</h1></body></html>")
    if fault == "broken-json":
        return Response(b'{"id": "chatcmpl-1", "choices": [', 200, {"Content-Type": "application/json"})
    if fault == "error-200":
        return json_response({"error": {"message": "model is loading"}})
    return None


def _wait_for_all(fault: str) -> None:
    crowd = _crowds.setdefault(fault, threading.Barrier(int(fault.removeprefix("crowd-"))))
    try:
        crowd.wait(HANG_SECONDS)
    except threading.BrokenBarrierError:
        _crowds.pop(fault, None)
        raise Drop from None


def spoil(fault: str, content: str) -> str:
    """The content of the answer under the fault."""
    if fault == "garbage":
        return "Sure! Here is what you asked for, though not as JSON."
    if fault == "empty":
        return ""
    if fault == "refusal":
        return "I can't help with that."
    if fault == "wrong-schema":
        return json.dumps({"unexpected": ["shape"]})
    if fault == "length":
        return content[: len(content) // 2]
    if fault == "10mb":
        return "x" * (10 * 1024 * 1024)
    if fault == "handoff":
        return json.dumps(json.loads(content) | {"handoff": HANDOFF}, ensure_ascii=False)
    if fault == "invented":
        return json.dumps(_invent(json.loads(content)), ensure_ascii=False)
    if fault in MISCONDUCT:
        return json.dumps(_invent(json.loads(content), MISCONDUCT[fault]), ensure_ascii=False)
    if fault == "half":
        answer = json.loads(content)
        if "items" not in answer:
            return content
        answer["items"] = [_invent(one) if index % 2 else one for index, one in enumerate(answer["items"])]
        return json.dumps(answer, ensure_ascii=False)
    return content


def pause(fault: str) -> None:
    """Between the pieces of a stream."""
    if fault == "drip":
        time.sleep(_DRIP_SECONDS)


def deliver(fault: str, completion: dict[str, Any]) -> Response:
    """Sends a completion, whole or the way the fault does."""
    body = json.dumps(completion, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "x-request-id": completion["id"]}
    if fault == "drip":
        return Response(_drip(body), 200, headers)
    if fault == "cut":
        return Response(_cut(body), 200, headers)
    return Response(body, 200, headers)


def _drip(body: bytes) -> Iterator[bytes]:
    for position in range(len(body)):
        time.sleep(_DRIP_SECONDS)
        yield body[position : position + 1]


def _cut(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise Drop


def _invent(answer: Any, words: str = INVENTED) -> Any:
    if isinstance(answer, dict):
        changed = {key: _invent(value, words) for key, value in answer.items()}
        text = next(
            (key for key, value in answer.items() if isinstance(value, str) and "title" not in key), None
        )
        return changed if text is None else changed | {text: f"{answer[text]} {words}"}
    if isinstance(answer, list):
        return [_invent(value, words) if isinstance(value, dict) else value for value in answer]
    return answer


def _error(status: int) -> Response:
    kinds = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
    error = {
        "message": f"Sandbox fault {status}",
        "type": "sandbox",
        "param": None,
        "code": kinds.get(status),
    }
    return json_response({"error": error}, status, {"Retry-After": "1"} if status == 429 else {})
