"""A stateful stand-in for Paystack on its own wire contract, for machines without an account there.

Standard library only, and loopback only. `build()` gives an app for `config.core.loopback.Server`.
Any key that starts with `sk_test_` is accepted; webhooks are signed with the key that opened the transaction.
What it should do wrong is told to it under `/_sandbox/`, see `control.py`.
"""

from pathlib import Path

from config.core.loopback import App

from . import api, charges, checkout, control, disputes, listings, refunds, steering
from .delivery import Deliveries
from .script import Script
from .store import Store


def build(*, webhook_url: str = "", state_file: Path | None = None) -> App:
    """`webhook_url` ("" only records what would be sent); state in memory without a file."""
    app = App()
    store, script = Store(state_file), Script(webhook_url=webhook_url)
    deliveries = Deliveries(script)
    api.register(app, store, script)
    charges.register(app, store, script, deliveries)
    refunds.register(app, store, script, deliveries)
    disputes.register(app, store, script, deliveries)
    checkout.register(app, store, script, deliveries)
    listings.register(app, store, script)
    steering.register(app, store, script, deliveries)
    control.register(app, store, script, deliveries)
    return app
