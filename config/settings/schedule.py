"""Everything that happens by itself, and how often. Each task is safe to run twice."""

from typing import Any

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "config.tasks.heartbeat", "schedule": 10},
}
