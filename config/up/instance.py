"""One `manage.py up` per data folder, and an end to what a killed one left behind."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from config.settings.engines import lock_file

from . import CannotRun

# The environment variable with the data folder that all processes of an `up`, and their children, carry.
MARK = "SIKA_UP"
LEFTOVER_SECONDS = 15
_LOCK_ATTEMPTS = 10  # a command that reads the addresses holds the lock for a moment


class Instance:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def publish(self, environment: dict[str, str]) -> None:
        """Tells commands in other terminals where this instance answers; see `adopt_addresses`."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "environment": environment}, self._file)
        self._file.flush()


@contextmanager
def only_one(data: Path) -> Iterator[Instance]:
    """Holds the data folder. The system lets go of it when this process ends, however it ends.

    Raises CannotRun, saying where the other one answers.
    """
    data.mkdir(parents=True, exist_ok=True)
    path = lock_file(data)
    path.touch()
    with path.open("r+") as file:
        for attempt in range(_LOCK_ATTEMPTS):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == _LOCK_ATTEMPTS - 1:
                    raise CannotRun(f"Sika already runs from this folder ({_who(file)}).") from None
                time.sleep(0.05)
        instance = Instance(file)
        instance.publish({})
        yield instance
        instance.publish({})


def _who(file: IO[str]) -> str:
    try:
        told = json.load(file)
        where = told["environment"].get("SIKA_PUBLIC_URL", "still starting")
        return f"{where}, process {told['pid']}"
    except (ValueError, KeyError):
        return "still starting"


def end_leftovers(data: Path) -> int:
    """Ends every process that an earlier `up` of this data folder started and left; returns how many.

    Only for the holder of the lock, before it starts its own processes or after it stopped them.
    """
    found = [
        process
        for process in psutil.process_iter(["environ"])
        if process.pid != os.getpid() and (process.info["environ"] or {}).get(MARK) == str(data)
    ]
    for process in found:
        _signal(process, "terminate")
    _, stubborn = psutil.wait_procs(found, timeout=LEFTOVER_SECONDS)
    for process in stubborn:
        _signal(process, "kill")
    psutil.wait_procs(stubborn, timeout=LEFTOVER_SECONDS)
    return len(found)


def _signal(process: psutil.Process, how: str) -> None:
    with suppress(psutil.NoSuchProcess):
        getattr(process, how)()
