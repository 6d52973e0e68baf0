"""Speaking HTTP to a real server on the loopback that answers as badly as it is told to."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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
        self.headers: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Script

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
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

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *args) -> None:
        pass


# For how long our client waits. What is slower is so much slower that a slow machine does not blur it.
PATIENCE = 1.0


def hang(handler: Handler) -> None:
    time.sleep(4)


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"status":')


def drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for _ in range(80):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def stop_midway(handler: Handler) -> None:
    """A byte just before three seconds are up, then silence."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for seconds in (2.4, 8):
        time.sleep(seconds)
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return


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
        read_seconds=PATIENCE,
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

    assert time.monotonic() - started < 4  # half of what all of it would take


def test_a_body_that_stops_is_cut_off_when_the_time_is_up(server):
    client = JsonClient(base_url=f"http://127.0.0.1:{server.server_port}", headers={}, read_seconds=3)
    server.answers = [stop_midway]

    started = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        client.post("/pay", {})

    assert 2.9 < time.monotonic() - started < 4.8  # and not 5.4, one more time-out later


def test_all_tries_of_a_read_end_together(server, monkeypatch):
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    client = JsonClient(base_url=f"http://127.0.0.1:{server.server_port}", headers={}, read_seconds=PATIENCE)
    server.answers = [hang]

    started = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        client.get("/thing")

    assert time.monotonic() - started < 3  # three tries of a second each would be longer
    assert len(server.asked) < 3


@pytest.mark.parametrize(
    ("status", "body"), [(429, b"{}"), (400, b'{"code": "rate_limited"}'), (429, b"<html>")], ids=str
)
@pytest.mark.parametrize("header", ["x-ratelimit-reset", "Retry-After"])
def test_told_to_wait_long_we_come_back_later(client, server, status, body, header):
    server.answers = [(status, {header: "41"}, body), OK]

    started = time.monotonic()
    reply = client.get("/thing")

    assert (reply.status, reply.is_rate_limited, reply.retry_after) == (status, True, 41)
    assert (len(server.asked), time.monotonic() - started < 0.3) == (1, True)


def test_a_broken_service_that_says_when_it_is_back(client, server):
    server.answers = [(503, {"Retry-After": "41"}, b"")]

    with pytest.raises(ServiceUnavailable) as error:
        client.get("/thing")

    assert (error.value.data, len(server.asked)) == ({"retry_after": 41}, 1)


def test_a_write_that_comes_too_often_was_surely_not_done(client, server):
    server.answers = [(429, {"x-ratelimit-reset": "3"}, b"{}"), OK]

    for write in (client.post, client.put):
        server.answers = [(429, {"x-ratelimit-reset": "3"}, b"{}"), OK]
        reply = write("/pay", {})
        assert (reply.is_rate_limited, reply.retry_after) == (True, 3)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("999999999999999999999", 86_400),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("\u00b2", None),
    ],
)
def test_how_long_to_wait(told, seconds):
    assert http.Reply(429, None, {"x-ratelimit-reset": told}).retry_after == seconds


@pytest.mark.parametrize("status", [200, 201, 500])
def test_only_a_refusal_is_a_rate_limit(status):
    assert not http.Reply(status, {"code": "rate_limited"}, {}).is_rate_limited


@pytest.mark.parametrize("failure", [(500, {}, b"{}"), hang, cut, drip], ids=_name)
def test_put_is_a_write_too(client, server, failure):
    server.answers = [failure, OK]

    with pytest.raises(OutcomeUnknown):
        client.put("/pay", {"amount": 100})
    assert server.asked == [("PUT", "/pay", b'{"amount": 100}')]

    server.answers = [failure, OK]
    with pytest.raises(OutcomeUnknown):
        client.put_bytes(f"http://127.0.0.1:{server.server_port}/file", b"x", "text/plain")
    assert len(server.asked) == 2


def test_a_file_goes_as_it_is_and_without_our_headers(client, server):
    reply = client.put_bytes(f"http://127.0.0.1:{server.server_port}/f?sig=1", b"\x00\xff", "image/png")

    assert reply.status == 200
    assert server.asked == [("PUT", "/f?sig=1", b"\x00\xff")]
    assert server.headers[0]["content-type"] == "image/png"
    assert "authorization" not in server.headers[0]
    client.get("/thing")
    assert server.headers[1]["authorization"] == "Bearer sk"


@pytest.mark.parametrize(
    "odd", [b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"'], ids=["escaped", "encoded", "latin"]
)
def test_an_odd_character_hides_nothing_else(client, server, odd):
    server.answers = [(200, {}, b'{"name": ' + odd + b', "amount": 5}')]

    assert client.get("/thing").body["amount"] == 5


def test_errors_hold_nothing_that_was_sent(client, server):
    server.answers = [cut]

    with pytest.raises(OutcomeUnknown) as error:
        client.post("/pay", {"otp": "864209"})

    cause: Any = error.value.__cause__
    assert (cause.request, cause.response) == (None, None)


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


def test_a_password_of_the_machine_does_not_replace_our_key(client, server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert client.get("/thing").status == 200
    assert server.headers[0]["authorization"] == "Bearer sk"
