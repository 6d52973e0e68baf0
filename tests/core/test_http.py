"""Speaking HTTP to a real server on the loopback that answers as badly as it is told to."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.core import http
from config.core.http import JsonClient, OutcomeUnknown, ServiceUnavailable

OK: tuple[int, dict[str, str], bytes] = (200, {}, b'{"status": true, "amount": 0.10}')


class Script(ThreadingHTTPServer):
    """Gives the next answer of `answers` (the last one for ever) and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list = [OK]
        self.asked: list[tuple[str, str, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Script

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer(self)
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, *args) -> None:
        pass


def hang(handler: Handler) -> None:
    time.sleep(0.6)


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"status":')


def drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for _ in range(20):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def chunked(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for part in (b'{"sta', b'tus": t', b"rue}"):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    handler.wfile.write(b"0\r\n\r\n")


@pytest.fixture
def server() -> Iterator[Script]:
    script = Script()
    thread = threading.Thread(target=script.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    script.shutdown()
    thread.join()
    script.server_close()


@pytest.fixture
def client(server) -> Iterator[JsonClient]:
    made = JsonClient(
        base_url=f"http://127.0.0.1:{server.server_port}/",
        headers={"Authorization": "Bearer sk"},
        read_seconds=0.3,
    )
    yield made
    made.close()


def test_a_read_gives_the_json_with_exact_numbers(client, server):
    reply = client.get("/thing", {"page": 2})

    assert (reply.status, reply.body) == (200, {"status": True, "amount": Decimal("0.10")})
    assert str(reply.body["amount"]) == "0.10"
    assert reply.headers["content-length"] == str(len(OK[2]))
    assert server.asked == [("GET", "/thing?page=2", b"")]


def _name(failure):
    return failure.__name__ if callable(failure) else str(failure[0])


@pytest.mark.parametrize("failure", [(500, {}, b"{}"), (503, {}, b"oops"), hang, cut], ids=_name)
def test_a_read_is_repeated(client, server, failure):
    server.answers = [failure, OK]

    assert client.get("/thing").status == 200
    assert len(server.asked) == 2


def test_a_read_that_keeps_failing_is_unavailable_after_three_attempts(client, server):
    server.answers = [(502, {}, b"<html>")]

    with pytest.raises(ServiceUnavailable):
        client.get("/thing")
    assert len(server.asked) == 3


@pytest.mark.parametrize("header", ["x-ratelimit-reset", "Retry-After"])
def test_too_many_requests_waits_as_told(client, server, header):
    server.answers = [(429, {header: "1"}, b"{}"), OK]

    started = time.monotonic()
    reply = client.get("/thing")

    assert reply.status == 200
    assert time.monotonic() - started >= 1.0


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_an_answer_is_an_answer(client, server, status):
    server.answers = [(status, {"Location": "http://127.0.0.1:1/"}, b'{"message": "no"}')]

    assert client.get("/thing").status == status
    assert client.post("/thing", {}).status == status
    assert len(server.asked) == 2


def test_a_write_is_sent_once_as_json(client, server):
    reply = client.post("/pay", {"amount": 100})

    assert reply.status == 200
    assert server.asked == [("POST", "/pay", b'{"amount": 100}')]


@pytest.mark.parametrize("failure", [(500, {}, b"{}"), hang, cut, drip], ids=_name)
def test_a_write_without_an_answer_has_an_unknown_outcome_and_is_not_repeated(client, server, failure):
    server.answers = [failure, OK]

    with pytest.raises(OutcomeUnknown):
        client.post("/pay", {"amount": 100})
    assert len(server.asked) == 1


def test_a_write_that_never_left_is_safe_to_repeat():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but not listening
        client = JsonClient(base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}", headers={})

        with pytest.raises(ServiceUnavailable):
            client.post("/pay", {})


def test_a_drip_does_not_keep_us(client, server):
    server.answers = [drip]

    started = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        client.post("/pay", {})

    assert time.monotonic() - started < 0.8


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"\xff\xfe", b'{"a":', b"NaN", b"[" * 50_000])
def test_garbage_is_no_body(client, server, garbage):
    server.answers = [(200, {}, garbage)]

    assert client.get("/thing").body is None


def test_an_endless_answer_is_refused(client, server, monkeypatch):
    monkeypatch.setattr(http, "_MAX_BYTES", 1000)
    server.answers = [(200, {}, b" " * 2000)]

    with pytest.raises(OutcomeUnknown):
        client.post("/pay", {})


def test_chunked_and_compressed_answers_are_read(client, server):
    server.answers = [chunked, (200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"packed": 1}'))]

    assert client.get("/thing").body == {"status": True}
    assert client.get("/thing").body == {"packed": 1}
