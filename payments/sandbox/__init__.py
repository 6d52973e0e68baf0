"""A stateful stand-in for Paystack on its own wire contract, for machines without an account there.

Standard library only, and loopback only. `build()` gives an app for `config.core.loopback.Server`.
Any key that starts with `sk_test_` is accepted; webhooks are signed with the key that opened the transaction.
What the payer, the bank and the network do is told to it under `/_sandbox/`, by hand on the page there or by
calls: see `control.py`.
"""

import time
from pathlib import Path

from config.core.loopback import App

from . import cards, charges, checkout, control, disputes, listings, outcomes, refunds, transactions, watch
from .delivery import Deliveries
from .guard import Guard
from .script import Script
from .store import Store


def build(*, webhook_url: str = "", state_file: Path | None = None, timeout_s: float = 60) -> App:
    """`webhook_url` ("" only records what would be sent); state in memory without a file.

    `timeout_s` is for how long a call that meets a timeout is left without an answer, until told otherwise.
    """
    app = App()
    store, script = Store(state_file), Script(webhook_url=webhook_url, timeout_s=timeout_s)
    deliveries = Deliveries(script)
    guarded = Guard(store, script, lambda: outcomes.expire(store, deliveries, time.time()))
    transactions.register(app, store, script, guarded)
    charges.register(app, store, script, deliveries, guarded)
    cards.register(app, store, script, deliveries, guarded)
    refunds.register(app, store, script, deliveries, guarded)
    disputes.register(app, store, deliveries, guarded)
    listings.register(app, store, script, guarded)
    checkout.register(app, store, script, deliveries)
    control.register(app, store, script, deliveries)
    watch.register(app, store, script, deliveries)
    return app
