"""Child processes whose lines share one terminal, and which end in order.

Each child leads a session of its own, so that a Ctrl-C at the terminal reaches only `up`, and the web process
can finish a request while the worker, the sandbox and the engines it needs are still there.
"""

import os
import re
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from config.settings.engines import BASE_DIR

_STARTING_SECONDS = 3  # granian's workers do not hear SIGTERM until they have imported everything
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ended:
    name: str
    code: int

    def __str__(self) -> str:
        if self.code < 0:
            return f"{self.name} was ended by {signal.Signals(-self.code).name}"
        return f"{self.name} ended by itself with exit code {self.code}"


class Terminal:
    """Writes lines with time, name and colour; the same lines, plain, go to a file."""

    def __init__(self, out: IO[str], log: Path, width: int) -> None:
        self._lock = threading.Lock()
        self._colours = get_colours()
        self._log = log.open("w", encoding="utf-8")
        self._to_person, self._to_file = Printer(out, width=width), Printer(self._log, width=width)

    def colour(self) -> str:
        return str(next(self._colours))

    def line(self, name: str, text: str, colour: str | None = None) -> None:
        message = Message(type="line", data=text, time=datetime.now().astimezone(), name=name, colour=colour)
        with (
            self._lock,
            suppress(OSError, ValueError),
        ):  # a terminal that was closed must not stop the children
            self._to_file.write(message._replace(data=_COLOUR_CODES.sub("", text)))
            self._to_person.write(message)

    def close(self) -> None:
        with self._lock:
            self._log.close()


@dataclass
class _Child:
    name: str
    process: "subprocess.Popen[bytes]"
    reader: threading.Thread
    stop_seconds: float


class Processes:
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._children: list[_Child] = []
        self.answering = False  # set by the caller; a process that still starts has nothing to finish

    def start(
        self, name: str, command: list[str], environment: dict[str, str], *, stop_seconds: float
    ) -> None:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=BASE_DIR,
            start_new_session=True,
        )
        reader = threading.Thread(
            target=self._read, args=(name, process, self._terminal.colour()), daemon=True
        )
        reader.start()
        self._children.append(_Child(name, process, reader, stop_seconds))

    def first_ended(self) -> Ended | None:
        """The first child that is no longer there, if any."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                return Ended(child.name, code)
        return None

    def stop(self) -> None:
        """Ends the children one by one, the last started first. One that takes too long is killed."""
        while self._children:
            child = self._children.pop()
            if child.process.poll() is None:
                self._terminal.line("sika", f"stopping {child.name} ...")
                child.process.terminate()
                try:
                    child.process.wait(child.stop_seconds if self.answering else _STARTING_SECONDS)
                except subprocess.TimeoutExpired:
                    if self.answering:
                        self._terminal.line("sika", f"{child.name} took too long; killed")
                    os.killpg(
                        child.process.pid, signal.SIGKILL
                    )  # it is not reaped yet, so the number is its own
                    child.process.wait()
            child.reader.join(timeout=1)  # a grandchild may still hold the pipe; `end_leftovers` sees to it

    def _read(self, name: str, process: "subprocess.Popen[bytes]", colour: str) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._terminal.line(name, line.decode("utf-8", "replace"), colour)
