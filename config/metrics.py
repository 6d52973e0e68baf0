"""`/metrics` for Prometheus: answers of the web, what waits to be done, credits in all, what is ready."""

from collections.abc import Iterator

import psycopg
import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config import ops
from config.core import metrics as web

log = structlog.get_logger("sika.ops")

# The queue of record: rows that somebody should have taken up by now, or soon. All have a partial index.
_WAITING = {
    "webhooks": "payments_webhookevent WHERE processed_at IS NULL",
    "alert_deliveries": "subscriptions_alertdelivery WHERE due_at <= now()",
    "holds": "subscriptions_credithold WHERE state = 'open'",
    "uncharged_answers": "ai_features_airequest WHERE status = 'answered'",
    "ai_jobs": "ai_features_aijob WHERE next_attempt_at <= now()",
    "chat_webhooks": "support_chat_chatwebhookdelivery WHERE due_at <= now()",
    "support_tickets": "support_chat_supportticket WHERE ended_at IS NULL",
}
_CREDITS = """
SELECT coalesce(sum(balance), 0), coalesce(sum(held), 0), coalesce(sum(debt), 0)
  FROM subscriptions_businessaicredits
"""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Only for who has METRICS_TOKEN; for everybody else, and without one, there is no such page."""
    told = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(told, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    registry = web.registry()
    registry.register(_Product())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Product(Collector):
    """Read from the database when somebody asks. What can't be read is left out, and said by `sika_ready`."""

    def collect(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("sika_ready", "1 while /readyz calls this part ok.", labels=["part"])
        for part, said in ops.parts().items():
            ready.add_metric([part], said == "ok")
        yield ready
        try:
            with ops.database() as database:
                yield from _read(database)
        except psycopg.Error as error:
            log.warning("metrics without the database", error=type(error).__name__)


def _read(database: "psycopg.Connection") -> Iterator[Metric]:
    waiting = GaugeMetricFamily("sika_waiting", "Rows that wait for work to be done.", labels=["what"])
    for what, rows in _WAITING.items():
        waiting.add_metric([what], _one(database, f"SELECT count(*) FROM {rows}")[0])  # noqa: S608
    yield waiting
    credits = GaugeMetricFamily("sika_credits", "Credits of all businesses together.", labels=["what"])
    for what, amount in zip(("balance", "held", "debt"), _one(database, _CREDITS), strict=True):
        credits.add_metric([what], float(amount))
    yield credits


def _one(database: "psycopg.Connection", statement: str) -> tuple:
    found = database.execute(statement).fetchone()
    assert found is not None
    return found
