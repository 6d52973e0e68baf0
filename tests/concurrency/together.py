"""Calls at the same moment, each in a thread with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import override_settings


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call returned or raised, in the order of the calls. Their gateway may be slow, too."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(30)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    patient = override_settings(PAYSTACK_READ_SECONDS=len(calls) * settings.PAYSTACK_READ_SECONDS)
    with patient, ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
