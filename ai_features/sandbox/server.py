"""The paths of the stand-in: chat completions (whole or streamed), models, and its controls."""

import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from ai_features.sandbox import answers, faults
from config.core.loopback import App, Drop, Request, Response, json_response

MODELS = {
    "gpt-6-luna": None,
    "gpt-5.4-nano": None,
    "gpt-6.1-terra": None,
    "gpt-6.1-sol": None,
    "gpt-4o-mini": "2027-01-14",
}
CHARACTERS_PER_TOKEN = 4
_MAX_REMEMBERED = 500
_CREATED = 1_790_000_000

app = App()


class Script:
    """Faults to come, and the calls that were made; shared by the threads of the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._count = 0

    def add(self, fault: str, times: int) -> None:
        with self._lock:
            self._faults += [fault] * times

    def reset(self) -> None:
        with self._lock:
            self._faults, self._calls, self._count = [], [], 0

    def next_fault(self, call: dict[str, Any]) -> str:
        with self._lock:
            self._count += 1
            self._calls = [*self._calls[-_MAX_REMEMBERED + 1 :], call]
            if self._faults:
                return self._faults.pop(0)
        model = str(call.get("model", ""))
        return model.removeprefix("sandbox-") if model.startswith("sandbox-") else ""

    def report(self) -> dict[str, Any]:
        with self._lock:
            return {"count": self._count, "calls": list(self._calls)}


script = Script()


@app.post("/chat/completions")
def chat_completions(request: Request) -> Response:
    if "authorization" not in request.headers:
        return json_response({"error": {"message": "You didn't provide an API key."}}, 401)
    try:
        call = request.json()
        messages = list(call["messages"])
    except (ValueError, KeyError, TypeError):
        return json_response({"error": {"message": "`messages` is required"}}, 400)
    fault = script.next_fault(call)
    instead = faults.before(fault)
    if instead is not None:
        return instead
    schema = call.get("response_format", {}).get("json_schema", {}).get("schema")
    content = faults.spoil(fault, answers.answer(schema, messages))
    if call.get("stream"):
        return Response(_events(call, content, fault), 200, {"Content-Type": "text/event-stream"})
    return faults.deliver(fault, _completion(call, content, fault))


@app.get("/models")
def models(request: Request) -> Response:
    listed = [
        {"id": name, "object": "model", "created": _CREATED, "owned_by": "sandbox", "shutdown_date": ends}
        for name, ends in MODELS.items()
    ]
    return json_response({"object": "list", "data": listed})


@app.post("/_sandbox/script")
def add_to_script(request: Request) -> Response:
    try:
        wanted = request.json()
        script.add(str(wanted["fault"]), int(wanted.get("times", 1)))
    except (ValueError, KeyError, TypeError):
        return json_response({"error": {"message": 'send {"fault": "500", "times": 1}'}}, 400)
    return json_response({"ok": True})


@app.post("/_sandbox/reset")
def reset(request: Request) -> Response:
    script.reset()
    return json_response({"ok": True})


@app.get("/_sandbox/calls")
def calls(request: Request) -> Response:
    return json_response(script.report())


def _completion(call: dict[str, Any], content: str, fault: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": None}
    completion = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": _CREATED,
        "model": call.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(fault), "logprobs": None}],
    }
    return completion if fault == "no-usage" else completion | {"usage": _usage(call, content)}


def _finish(fault: str) -> str:
    return {"length": "length", "refusal": "content_filter"}.get(fault, "stop")


def _usage(call: dict[str, Any], content: str) -> dict[str, Any]:
    prompt = sum(len(str(message.get("content", ""))) for message in call["messages"])
    prompt_tokens = prompt // CHARACTERS_PER_TOKEN + 1
    completion_tokens = len(content) // CHARACTERS_PER_TOKEN + 1
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _events(call: dict[str, Any], content: str, fault: str) -> Iterator[bytes]:
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": "chat.completion.chunk", "created": _CREATED}
    head["model"] = call.get("model")
    pieces = [content[at : at + 12] for at in range(0, len(content), 12)]
    for number, piece in enumerate(pieces):
        if fault == "cut" and number >= len(pieces) // 2:
            raise Drop
        faults.pause(fault)
        yield _event(head | {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
    if fault == "cut-quietly":
        return
    yield _event(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": _finish(fault)}]})
    if call.get("stream_options", {}).get("include_usage") and fault != "no-usage":
        yield _event(head | {"choices": [], "usage": _usage(call, content)})
    yield b"data: [DONE]\n\n"


def _event(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
