"""Anthropic's messages, whole or streamed, with the same answers and faults as the other stand-in."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from ai_features.sandbox import answers, faults
from ai_features.sandbox.server import CHARACTERS_PER_TOKEN, script
from config.core.loopback import App, Drop, Request, Response, json_response

MODELS = ("claude-small", "claude-large")
CREATED = "2026-09-01T00:00:00Z"

app = App()


@app.post("/v1/messages")
def messages(request: Request) -> Response:
    if not {"authorization", "x-api-key"} & set(request.headers):  # newer and older SDKs
        return _error(401, "authentication_error")
    try:
        call = request.json()
        asked = list(call["messages"])
        int(call["max_tokens"])
    except (ValueError, KeyError, TypeError):
        return _error(400, "invalid_request_error")
    fault = script.next_fault(call)
    instead = faults.before(fault)
    if instead is not None:
        return instead
    schema = call.get("output_config", {}).get("format", {}).get("schema")
    content = faults.spoil(fault, answers.answer(schema, asked))
    if call.get("stream"):
        return Response(_events(call, content, fault), 200, {"Content-Type": "text/event-stream"})
    return faults.deliver(fault, _message(call, content, fault))


@app.get("/v1/models")
def models(request: Request) -> Response:
    listed = [{"type": "model", "id": name, "display_name": name, "created_at": CREATED} for name in MODELS]
    ends = {"first_id": listed[0]["id"], "last_id": listed[-1]["id"]}
    return json_response({"data": listed, "has_more": False, **ends})


def _message(call: dict[str, Any], content: str, fault: str) -> dict[str, Any]:
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": call.get("model"),
        "content": [{"type": "text", "text": content}],
        "stop_reason": _stop(fault),
        "stop_sequence": None,
        "usage": {"input_tokens": _input_tokens(call), "output_tokens": _tokens(content)},
    }


def _events(call: dict[str, Any], content: str, fault: str) -> Iterator[bytes]:
    empty = {**_message(call, "", fault), "content": [], "stop_reason": None}
    empty["usage"] = {"input_tokens": _input_tokens(call), "output_tokens": 1}
    yield _event("message_start", message=empty)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    pieces = [content[at : at + 12] for at in range(0, len(content), 12)]
    for number, piece in enumerate(pieces):
        if fault == "cut" and number >= len(pieces) // 2:
            raise Drop
        faults.pause(fault)
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield _event("content_block_stop", index=0)
    if fault == "cut-quietly":
        return
    end = {"stop_reason": _stop(fault), "stop_sequence": None}
    yield _event("message_delta", delta=end, usage={"output_tokens": _tokens(content)})
    yield _event("message_stop")


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data}, ensure_ascii=False)}\n\n".encode()


def _stop(fault: str) -> str:
    return {"length": "max_tokens", "refusal": "refusal"}.get(fault, "end_turn")


def _input_tokens(call: dict[str, Any]) -> int:
    texts = [str(call.get("system", "")), *(str(message.get("content", "")) for message in call["messages"])]
    return sum(map(len, texts)) // CHARACTERS_PER_TOKEN + 1


def _tokens(text: str) -> int:
    return len(text) // CHARACTERS_PER_TOKEN + 1


def _error(status: int, kind: str) -> Response:
    return json_response({"type": "error", "error": {"type": kind, "message": "Sandbox"}}, status)
