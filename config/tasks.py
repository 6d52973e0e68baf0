from celery import shared_task
from celery.signals import worker_ready

from config import ops


@shared_task(expires=30)  # an old one would tell of the past
def heartbeat() -> None:
    """Shows `/readyz` that the queue moves: beat asked, Redis carried, a worker ran it."""
    ops.note_worker()


@worker_ready.connect
def beat_at_once(**signal: object) -> None:
    """A worker that has just started shows itself without waiting for the schedule."""
    heartbeat.delay()
