"""A small HTTP/1.1 server on 127.0.0.1 for the sandboxes that stand in for outside companies.

Standard library only. Each sandbox is an `App`; one server mounts several, each under its own prefix:

    app = App()

    @app.get("/transaction/verify/{reference}")
    def verify(request: Request) -> Response:
        return json_response({"reference": request.params["reference"], "given": request.query.get("x")})

    @app.post("/chat/completions")
    def chat(request: Request) -> Response:
        wanted = request.json()                      # ValueError when it is not JSON

        def events() -> Iterator[bytes]:             # an iterator is sent piece by piece (chunked)
            yield b"data: one\\n\\n"
            raise Drop                               # cut: the connection closes without an end

        return Response(events(), headers={"Content-Type": "text/event-stream"})

    with Server({"/paystack": app}) as server:       # a free port; `Server(..., port=8400)` for a fixed one
        requests.get(f"{server.url}/paystack/transaction/verify/abc")

A handler runs in the thread of its connection, so it may sleep to be slow. `raise Drop` in a handler closes
the connection without any answer. When the reader goes away, the iterator is closed (its `finally` runs). Any
other exception is logged and answered with 500. `Server.serve_forever()` blocks; `with` runs it in a thread.
"""

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

HOST = "127.0.0.1"
MAX_BODY_BYTES = 16 * 1024 * 1024

_log = logging.getLogger("sika.loopback")


class Drop(Exception):
    """Raised by a handler or a body iterator: close the connection now, saying nothing more."""


@dataclass(frozen=True)
class Request:
    """`path` is below the mount, `params` come from the pattern, header names are lower case.

    `base_url` is the mount's own address as the client wrote it, e.g. `http://127.0.0.1:8400/paystack`.
    """

    method: str
    path: str
    base_url: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Response:
    body: bytes | Iterator[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def json_response(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = {"Content-Type": "application/json"}
    return Response(json.dumps(data, ensure_ascii=False).encode(), status, {**content, **(headers or {})})


def html_response(text: str, status: int = 200) -> Response:
    return Response(text.encode(), status, {"Content-Type": "text/html; charset=utf-8"})


def redirect(url: str) -> Response:
    return Response(b"", 303, {"Location": url})


Handler = Callable[[Request], Response]


class App:
    """Routes of one sandbox. In a pattern, `{name}` stands for one path segment."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def get(self, pattern: str) -> Callable[[Handler], Handler]:
        return self.route("GET", pattern)

    def post(self, pattern: str) -> Callable[[Handler], Handler]:
        return self.route("POST", pattern)

    def route(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        literal_or_name = re.split(r"\{(\w+)\}", pattern)
        regex = "".join(
            f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(literal_or_name)
        )

        def register(handler: Handler) -> Handler:
            self._routes.append((method, re.compile(regex), handler))
            return handler

        return register

    def respond(self, request: Request) -> Response:
        """The answer of the matching route; 404 or 405 as JSON without one."""
        path_exists = False
        for method, regex, handler in self._routes:
            match = regex.fullmatch(request.path)
            if match and method == request.method:
                request.params.update({name: unquote(value) for name, value in match.groupdict().items()})
                return handler(request)
            path_exists = path_exists or match is not None
        if path_exists:
            return json_response({"status": False, "message": "Method not allowed"}, 405)
        return json_response({"status": False, "message": "No such path in this sandbox"}, 404)


class Server:
    """Serves `mounts` (prefix → app) on 127.0.0.1; port 0 picks a free one. Raises OSError on a taken one."""

    def __init__(self, mounts: dict[str, App], *, port: int = 0) -> None:
        self._http = _HTTPServer((HOST, port), _Connection)
        self._http.mounts = sorted(mounts.items(), key=lambda mount: len(mount[0]), reverse=True)
        self.port: int = self._http.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        self._thread: threading.Thread | None = None

    def serve_forever(self) -> None:
        self._http.serve_forever(poll_interval=0.02)  # also how long `stop` waits

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, name="loopback", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops accepting, closes every open connection, frees the port."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        self._http.close_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    mounts: list[tuple[str, App]]

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(*args)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.discard(request)

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.debug("connection ended", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536  # headers and a small body leave in one packet; streams flush each piece
    server: _HTTPServer

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)

    def _answer(self) -> None:
        response: Response
        try:
            response = self._respond()
        except Drop:
            self.close_connection = True
            return
        except Exception:
            _log.exception("%s %s failed", self.command, self.path)
            response = json_response({"status": False, "message": "The sandbox itself failed"}, 500)
        try:
            self._send(response)
        except (Drop, ConnectionError):
            self.close_connection = True
        finally:
            close = getattr(response.body, "close", None)
            if close is not None:
                close()

    def _respond(self) -> Response:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # the body stays unread
            return json_response({"status": False, "message": "Send Content-Length, at most 16 MB"}, 413)
        body = self.rfile.read(int(length))
        url = urlsplit(self.path)
        for prefix, app in self.server.mounts:
            if url.path.startswith(f"{prefix}/"):
                host = self.headers.get("Host", f"{HOST}:{self.server.server_address[1]}")
                request = Request(
                    method=self.command,
                    path=url.path.removeprefix(prefix),
                    base_url=f"http://{host}{prefix}",
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                    query=dict(parse_qsl(url.query, keep_blank_values=True)),
                )
                return app.respond(request)
        return json_response({"status": False, "message": "Nothing is mounted here"}, 404)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if isinstance(response.body, bytes):
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)
            self.wfile.flush()
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for piece in response.body:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
