"""The parts of `manage.py up`, one by one; tests/live runs them together."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from config import engines as embedded
from config.settings import engines
from config.up import CannotRun, instance, ports
from config.up.processes import Processes, Terminal

# Says it is there, and what it got, before it ends.
POLITE = """
import signal, sys, time
def end(*_):
    print("ending", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("here", flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
time.sleep(60)
"""


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def terminal(out, tmp_path):
    terminal = Terminal(out, tmp_path / "up.log", width=6)
    yield terminal
    terminal.close()


def start(processes: Processes, out: io.StringIO, name: str, code: str, stop_seconds: float = 10) -> None:
    said = out.getvalue().count("here")
    processes.start(name, [sys.executable, "-c", code], dict(os.environ), stop_seconds=stop_seconds)
    deadline = time.monotonic() + 30
    while out.getvalue().count("here") == said:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def lines(out: io.StringIO) -> list[str]:
    """Without the time in front."""
    return [line.split(" ", 1)[1] for line in out.getvalue().splitlines()]


def test_children_end_one_by_one_the_last_started_first(terminal, out, tmp_path):
    processes = Processes(terminal)
    start(processes, out, "one", POLITE)
    start(processes, out, "two", POLITE)
    assert processes.first_ended() is None
    processes.stop()
    assert lines(out) == [
        "one    | here",
        "two    | here",
        "sika   | stopping two ...",
        "two    | ending",
        "sika   | stopping one ...",
        "one    | ending",
    ]
    assert (tmp_path / "up.log").read_text() == out.getvalue()


def test_a_child_that_does_not_listen_is_killed(terminal, out):
    processes = Processes(terminal)
    processes.answering = True
    start(processes, out, "deaf", DEAF, stop_seconds=0.2)
    processes.stop()
    assert lines(out)[-2:] == ["sika   | stopping deaf ...", "sika   | deaf took too long; killed"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('here'); raise SystemExit(3)", "one ended by itself with exit code 3"),
        ("import os; print('here', flush=True); os.kill(os.getpid(), 9)", "one was ended by SIGKILL"),
    ],
)
def test_a_child_that_ends_is_named(terminal, out, code, said):
    processes = Processes(terminal)
    start(processes, out, "one", code)
    deadline = time.monotonic() + 30
    while (ended := processes.first_ended()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert str(ended) == said
    processes.stop()


def test_colours_reach_the_terminal_but_not_the_file(terminal, out, tmp_path):
    terminal.line("web", "\x1b[32mgreen\x1b[0m")
    assert "\x1b[32mgreen\x1b[0m" in out.getvalue()
    assert (tmp_path / "up.log").read_text().endswith("web    | green\n")


def test_a_taken_port_is_passed_over_and_a_claimed_one_too():
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        with ports.claimed(first=taken, fixed=None, option="--port") as mine:
            assert taken < mine < taken + 100
            with ports.claimed(first=taken, fixed=None, option="--port") as another:
                assert another not in (taken, mine)
        with (
            pytest.raises(CannotRun, match=f"Port {taken} is taken. Choose another --port"),
            ports.claimed(first=8000, fixed=taken, option="--port"),
        ):
            pass


def test_only_one_instance_of_a_folder(tmp_path):
    with instance.only_one(tmp_path) as mine:
        mine.publish({"SIKA_PUBLIC_URL": "http://127.0.0.1:8123"})
        with (
            pytest.raises(
                CannotRun,
                match=rf"already runs from this folder \(http://127.0.0.1:8123, process {os.getpid()}\)",
            ),
            instance.only_one(tmp_path),
        ):
            pass
    with instance.only_one(tmp_path):
        pass


def test_other_commands_find_a_running_instance_and_only_a_running_one(tmp_path, monkeypatch):
    for name in ("SIKA_PUBLIC_URL", "SIKA_SANDBOX_URL"):
        monkeypatch.setenv(name, "placeholder")  # so that monkeypatch takes it away at the end
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIKA_SANDBOX_URL", "http://chosen.example")
    with instance.only_one(tmp_path) as mine:
        mine.publish(
            {"SIKA_PUBLIC_URL": "http://127.0.0.1:8123", "SIKA_SANDBOX_URL": "http://127.0.0.1:8456"}
        )
        engines.adopt_addresses(tmp_path)
    assert os.environ["SIKA_PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert os.environ["SIKA_SANDBOX_URL"] == "http://chosen.example"

    monkeypatch.delenv("SIKA_PUBLIC_URL")
    stale = {"pid": 1, "environment": {"SIKA_PUBLIC_URL": "http://127.0.0.1:8123"}}
    engines.lock_file(tmp_path).write_text(json.dumps(stale))
    engines.adopt_addresses(tmp_path)
    assert "SIKA_PUBLIC_URL" not in os.environ


def test_leftovers_of_this_folder_are_ended_and_no_others(tmp_path):
    def sleeper(folder: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(["sleep", "60"], env={**os.environ, instance.MARK: folder})

    left, other = sleeper(str(tmp_path)), sleeper(f"{tmp_path}/elsewhere")
    try:
        assert instance.end_leftovers(tmp_path) == 1
        assert left.poll() is not None
        assert other.poll() is None
        assert instance.end_leftovers(tmp_path) == 0
    finally:
        other.kill()
        other.wait()


def test_a_pid_file_whose_number_is_somebody_elses_by_now_ends_nobody(tmp_path):
    other = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "postmaster.pid").write_text(f"{other.pid}\n")
        embedded._end_leftover(tmp_path / "postmaster.pid", tmp_path, signal.SIGKILL)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
