"""A shop owner with a chat licence, and their connections to a running product."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

SECONDS = 30.0


@dataclass
class Shop:
    """Signed up over HTTP, licensed with the sandbox's money."""

    url: str
    sandbox_url: str
    plan: str = "pro"
    token: str = ""

    def __post_init__(self) -> None:
        if self.token:
            return
        person = {
            "email": f"{uuid.uuid4().hex}@shop.example",
            "password": "correct-horse-battery",
            "name": "A",
        }
        answer = requests.post(f"{self.url}/api/auth/app/v1/auth/signup", json=person, timeout=SECONDS)
        self.token = answer.json()["meta"]["access_token"]
        self.call("POST", "/api/business/", name="Ama Stores", storefront="Makola")
        if self.plan != "free":
            self._buy()

    def _buy(self) -> None:
        order = {"kind": "support_chat", "plan": self.plan, "payment_method": "MOMO"}
        reference = self.call("POST", "/api/subscriptions/licences/", **order)["payment_reference"]
        requests.post(
            f"{self.sandbox_url}/paystack/_sandbox/pay/{reference}",
            json={"outcome": "approve", "channel": "mobile_money"},
            timeout=SECONDS,
        ).raise_for_status()
        self.call("POST", "/api/subscriptions/ai/verify-payment/", reference=reference)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method, self.url + path, json=body or None, headers=self.headers, timeout=SECONDS
        )
        assert answer.status_code < 300, answer.text
        return answer.json()

    def ask(self, message: str, **body: Any) -> Any:
        return self.call("POST", "/api/support/chat", message=message, **body)

    def ask_streaming(self, message: str, **body: Any) -> "Stream":
        return Stream(self, "POST", "/api/support/chat", {"message": message, **body})

    def follow(self, conversation_id: str, last_id: str | None = None) -> "Stream":
        return Stream(self, "GET", f"/api/support/conversations/{conversation_id}/stream", None, last_id)

    def messages(self, conversation_id: str) -> list[tuple[int, str, str, str]]:
        page = self.call("GET", f"/api/support/conversations/{conversation_id}/messages/")
        rows = [(m["number"], m["author"], m["status"], m["text"]) for m in page["results"]]
        return sorted(rows)


@dataclass
class Stream:
    """An open event stream on a socket of its own, which can be dropped like a bad connection."""

    shop: Shop
    method: str
    path: str
    body: dict[str, Any] | None
    last_id: str | None = None
    events: list[tuple[str, str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        headers = {"Accept": "text/event-stream", **self.shop.headers}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        self.answer = requests.request(
            self.method,
            self.shop.url + self.path,
            json=self.body,
            headers=headers,
            stream=True,
            timeout=SECONDS,
        )
        assert self.answer.status_code == 200, self.answer.text
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    @property
    def port(self) -> int:
        """Of our end of the connection."""
        raw: Any = self.answer.raw
        return int(raw.connection.sock.getsockname()[1])

    def read(self) -> Iterator[tuple[str, str, Any]]:
        """Events as they come; each is kept in `events`."""
        fields: dict[str, str] = {}
        ends_at = time.monotonic() + SECONDS
        for line in self._lines:  # one iterator: requests closes the connection when its own is thrown away
            assert time.monotonic() < ends_at, f"nothing new in {self.events}"
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                event = (fields["id"], fields["event"], json.loads(fields["data"]))
                self.events.append(event)
                fields = {}
                yield event

    def until(self, name: str, **data: Any) -> Any:
        """Reads up to an event with these values; its data."""
        for _, found, values in self.read():
            if found == name and all(values.get(key) == value for key, value in data.items()):
                return values
        raise AssertionError(f"no {name} in {self.events}")

    def drop(self) -> str:
        """Breaks the connection; the id of the last event seen."""
        self.answer.close()
        return self.events[-1][0]
