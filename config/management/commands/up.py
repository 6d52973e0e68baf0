"""The whole product on one machine, for a developer or a demonstration."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


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
        from config.up import CannotRun
        from config.up.run import Run  # what it needs is not installed in production

        try:
            Run(say=self.stdout.write, coloured=self.stdout.isatty()).until_stopped(
                port=port, sandbox_port=sandbox_port
            )
        except CannotRun as error:
            raise CommandError(str(error)) from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)
