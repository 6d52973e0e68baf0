"""The whole product on one machine, for a developer or a demonstration."""

import signal
import sys
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import engines
from config.settings.base import env
from config.settings.engines import data_dir
from config.up import CannotRun, banner, children, instance, ports, readiness
from config.up.processes import Processes, Terminal

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked for the end before everything was up."""


class Command(BaseCommand):
    help = (
        "Start the whole product on this machine: PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL "
        "are set), migrations, catalogue, demo shop, sandbox, web, worker and beat. Ctrl-C stops it all."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=_port, help="of the web server; default: the first free one from 8000"
        )
        parser.add_argument("--sandbox-port", type=_port, help="default: the first free one from 8400")

    def handle(self, *args: Any, port: int | None, sandbox_port: int | None, **options: Any) -> None:
        if settings.SIKA_ENV == "production":
            raise CommandError("`up` is for one machine; docs/operations.md says how production runs.")
        self.asked_to_stop = threading.Event()
        for number in _STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            self._run(data_dir(), port, sandbox_port)
        except Stopped:
            pass
        except (CannotRun, engines.EngineError) as error:
            if not self.asked_to_stop.is_set():  # else the Ctrl-C itself may have ended what failed
                raise CommandError(str(error)) from None
        self.stdout.write("Sika has stopped; the next start finds the same data.")

    def _run(self, data: Path, port: int | None, sandbox_port: int | None) -> None:
        """Everything, from the lock to the last child; whatever was entered is left in the opposite order."""
        started = time.monotonic()
        with ExitStack() as stack:
            mine = stack.enter_context(instance.only_one(data))
            leftovers = instance.end_leftovers(data)
            if leftovers:
                self.stdout.write(f"Ended {leftovers} processes that an earlier run left behind.")
            addresses = children.Addresses(
                web_port=self._claim(stack, "web server", 8000, port, "--port"),
                sandbox_port=self._claim(stack, "sandbox", 8400, sandbox_port, "--sandbox-port"),
            )
            running = self._start_engines(stack, data)
            self._prepare()
            mine.publish(addresses.environment())
            processes = self._start_children(stack, data, addresses)
            readiness.wait(addresses.web, lambda: self._still_wanted(processes, running))
            processes.answering = True
            self.stdout.write(banner.ready(addresses, data, time.monotonic() - started))
            while not self.asked_to_stop.wait(0.2):
                _check_alive(processes, running)

    def _claim(self, stack: ExitStack, what: str, first: int, fixed: int | None, option: str) -> int:
        port = stack.enter_context(ports.claimed(first=first, fixed=fixed, option=option))
        if fixed is None and port != first:
            self.stdout.write(f"Port {first} is taken; the {what} uses {port}.")
        return port

    def _start_engines(self, stack: ExitStack, data: Path) -> engines.Engines:
        embedded = {"postgres": not env("DATABASE_URL"), "valkey": not env("REDIS_URL")}
        names = {"postgres": "PostgreSQL", "valkey": "Valkey"}
        self._step(f"{' and '.join(names[name] for name, ours in embedded.items() if ours) or 'no engine'}")
        return stack.enter_context(engines.running(data, **embedded))

    def _prepare(self) -> None:
        """Migrations, catalogue and demo in this process, which has imported everything already."""
        for what, command in (
            ("database tables", ["migrate"]),
            ("catalogue", ["sync_catalogue"]),
            ("demo shop", ["seed_demo"]),
        ):
            self._step(what)
            call_command(*command, verbosity=0)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one

    def _start_children(self, stack: ExitStack, data: Path, addresses: children.Addresses) -> Processes:
        self._step("sandbox, beat, worker and web")
        terminal = Terminal(sys.stdout, data / "up.log", width=len("sandbox"))
        stack.callback(terminal.close)
        stack.callback(instance.end_leftovers, data)
        processes = Processes(terminal)
        stack.callback(processes.stop)
        children.start_all(processes, data, addresses, coloured=self.stdout.isatty())
        return processes

    def _step(self, what: str) -> None:
        if self.asked_to_stop.is_set():
            raise Stopped
        self.stdout.write(f"  {what} ...")

    def _still_wanted(self, processes: Processes, running: engines.Engines) -> None:
        if self.asked_to_stop.is_set():
            raise Stopped
        _check_alive(processes, running)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Only a flag: an exception here could fall between the birth of a process and its being noted down.
        if not self.asked_to_stop.is_set():
            self.asked_to_stop.set()
            self.stdout.write("\nStopping; a task that runs may take up to a minute to finish.")


def _check_alive(processes: Processes, running: engines.Engines) -> None:
    ended = processes.first_ended()
    if ended is not None:
        raise CannotRun(f"{ended}; everything else was stopped. Its last lines are above and in up.log.")
    for name, engine in (("PostgreSQL", running.postgres), ("Valkey", running.valkey)):
        if engine is not None and engine.poll() is not None:
            raise CannotRun(
                f"{name} has ended; everything else was stopped. Read its log in the data folder."
            )


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)
