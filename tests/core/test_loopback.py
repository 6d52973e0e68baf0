import threading
from collections.abc import Iterator

import pytest
import requests

from config.core.loopback import App, Drop, Request, Response, Server, json_response


@pytest.fixture
def closed() -> threading.Event:
    return threading.Event()


@pytest.fixture
def server(closed: threading.Event) -> Iterator[Server]:
    app = App()

    @app.get("/things/{name}/parts/{part}")
    def part(request: Request) -> Response:
        return json_response([request.params, request.query, request.base_url, request.headers["x-one"]])

    @app.post("/echo")
    def echo(request: Request) -> Response:
        return json_response(request.json(), 201)

    @app.get("/stream")
    def stream(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"one"
            yield b"two"

        return Response(pieces())

    @app.get("/cut")
    def cut(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"one"
            raise Drop

        return Response(pieces())

    @app.get("/endless")
    def endless(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x" * 100_000
            finally:
                closed.set()

        return Response(pieces())

    @app.get("/hang-up")
    def hang_up(request: Request) -> Response:
        raise Drop

    with Server({"/a": app, "/a/deeper": App()}) as server:
        yield server


def test_pattern_names_query_and_mount_reach_the_handler(server: Server) -> None:
    reply = requests.get(
        f"{server.url}/a/things/t%2F1/parts/2?q=&r=%C3%A9", headers={"X-One": "1"}, timeout=5
    )
    assert reply.json() == [{"name": "t/1", "part": "2"}, {"q": "", "r": "é"}, f"{server.url}/a", "1"]


def test_connection_is_kept_alive_over_several_requests(server: Server) -> None:
    with requests.Session() as session:
        for number in range(3):
            reply = session.post(f"{server.url}/a/echo", json={"n": number}, timeout=5)
            assert (reply.status_code, reply.json()) == (201, {"n": number})
            assert reply.headers.get("Connection", "keep-alive") == "keep-alive"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/a/nothing", 404),
        ("GET", "/elsewhere", 404),
        ("GET", "/a/deeper/echo", 404),
        ("PUT", "/a/echo", 405),
        ("GET", "/a/echo", 405),
    ],
)
def test_what_is_not_served(server: Server, method: str, path: str, status: int) -> None:
    assert requests.request(method, server.url + path, timeout=5).status_code == status


def test_oversized_body_is_refused_unread(server: Server) -> None:
    reply = requests.post(
        f"{server.url}/a/echo", headers={"Content-Length": str(17 * 1024 * 1024)}, data=iter([b""]), timeout=5
    )
    assert reply.status_code == 413


def test_failing_handler_answers_500(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert requests.post(f"{server.url}/a/echo", data=b"not json", timeout=5).status_code == 500
    assert "POST /a/echo failed" in caplog.text


def test_iterator_is_streamed_whole(server: Server) -> None:
    reply = requests.get(f"{server.url}/a/stream", timeout=5)
    assert (reply.content, reply.headers["Transfer-Encoding"]) == (b"onetwo", "chunked")


@pytest.mark.parametrize("path", ["/a/cut", "/a/hang-up"])
def test_drop_is_seen_as_a_broken_connection(server: Server, path: str) -> None:
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(server.url + path, timeout=5)


def test_iterator_is_closed_when_the_reader_leaves(server: Server, closed: threading.Event) -> None:
    with requests.get(f"{server.url}/a/endless", stream=True, timeout=5) as reply:
        next(reply.iter_content(10))
    assert closed.wait(5)


def test_a_stopped_server_is_gone_and_its_port_free(server: Server) -> None:
    with requests.Session() as session:
        session.get(f"{server.url}/a/nothing", timeout=5)
        server.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}/a/nothing", timeout=5)
    with Server({}, port=server.port) as successor:
        assert successor.port == server.port
