"""Serves the stand-ins for Paystack and for the model provider on this machine."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ai_features import sandbox as ai_sandbox
from config.core.loopback import App, Server
from config.settings.engines import data_dir
from payments import sandbox as payments_sandbox


class Command(BaseCommand):
    help = "Serve the sandboxes of the payment company and the model provider, on 127.0.0.1 only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8400, help="default 8400; 0 picks a free one")
        parser.add_argument(
            "--webhook-url",
            default=f"{settings.PUBLIC_URL}/api/payments/webhooks/paystack/",
            help="where signed webhooks go; on this machine (default: %(default)s)",
        )
        parser.add_argument(
            "--state", default=str(data_dir() / "sandbox.sqlite3"), help="file of transactions; empty: memory"
        )

    def handle(self, *args: Any, port: int, webhook_url: str, state: str, **options: Any) -> None:
        if settings.SIKA_ENV == "production":
            raise CommandError("The sandbox approves any payment; it does not run with SIKA_ENV=production.")
        state_file = Path(state) if state else None
        if state_file is not None:
            state_file.parent.mkdir(parents=True, exist_ok=True)
        mounts: dict[str, App] = {
            "/paystack": payments_sandbox.build(webhook_url=webhook_url, state_file=state_file),
            "/openai/v1": ai_sandbox.app,
            "/anthropic": ai_sandbox.anthropic_app,
        }
        try:
            server = Server(mounts, port=port)
        except OSError as error:
            raise CommandError(
                f"Port {port} can't be used ({error.strerror}); choose one with --port."
            ) from None
        self.stdout.write(f"Sandbox at {server.url}: {', '.join(mounts)}. Ctrl-C ends it.")
        self.stdout.write(f"Play the payer and the bank at {server.url}/paystack/_sandbox/")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # `up` ends it like a Ctrl-C does
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Sandbox ended.")
        finally:
            server.stop()
