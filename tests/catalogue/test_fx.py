"""manage.py set_fx_rate: a dated row, never an edit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from subscriptions.errors import InvalidRate
from subscriptions.models import FxRate
from subscriptions.selectors import catalogue
from subscriptions.services import fx

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command("set_fx_rate", *args, stdout=out)
    return out.getvalue()


def test_a_new_rate_counts_from_now_and_the_old_one_stays():
    before = timezone.now()

    line = run("usd", "15.80")

    assert catalogue.usd_to_ghs(now=before) == Decimal("16.00")
    assert catalogue.usd_to_ghs(now=timezone.now()) == Decimal("15.80")
    row = FxRate.objects.latest("effective_from")
    assert before <= row.effective_from <= timezone.now()
    assert line == f"1 USD is 15.80 GHS from {row.effective_from:%Y-%m-%d %H:%M} UTC (before: 16).\n"
    assert row.source == "set_fx_rate"


def test_a_rate_can_be_set_for_later_and_only_tried_out():
    assert run("USD", "15.80", "--from", "2030-01-01T00:00+00:00", "--dry-run") == (
        "1 USD would be 15.80 GHS from 2030-01-01 00:00 UTC (before: 16).\n"
    )
    assert FxRate.objects.count() == 1

    run("USD", "15.80", "--from", "2030-01-01")

    start = datetime(2030, 1, 1, tzinfo=UTC)
    assert catalogue.usd_to_ghs(now=start - timedelta(seconds=1)) == Decimal("16.00")
    assert catalogue.usd_to_ghs(now=start) == Decimal("15.80")
    with pytest.raises(CommandError, match="There is a USD rate from 2030-01-01 00:00:00 already"):
        run("USD", "15.90", "--from", "2030-01-01")
    assert FxRate.objects.count() == 2


def test_the_same_rate_again_says_that_it_was_looked_at():
    run("USD", "16")

    assert FxRate.objects.count() == 2


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        (("USD", "0"), "A rate is a number of cedis greater than 0 and below 1,000,000."),
        (("USD", "-3"), "A rate is a number of cedis greater than 0 and below 1,000,000."),
        (("USD", "NaN"), "A rate is a number of cedis greater than 0 and below 1,000,000."),
        (("USD", "1000000"), "A rate is a number of cedis greater than 0 and below 1,000,000."),
        (("USD", "15.8000001"), "A rate has at most 6 decimals."),
        (("DOLLAR", "15.80"), "'DOLLAR' is not a currency code such as USD."),
        (("USD", "much"), "Error: argument ghs: 'much' is not a number"),
        (
            ("USD", "15.80", "--from", "soon"),
            "Error: argument --from: 'soon' is not a time, e.g. 2026-12-01T00:00Z",
        ),
    ],
)
@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_a_rate_that_can_not_be_is_refused(args, refusal, dry_run):
    with pytest.raises(CommandError) as refused:
        run(*dry_run, "--", *args) if args[1] == "-3" else run(*args, *dry_run)

    assert str(refused.value) == refusal
    assert FxRate.objects.count() == 1


def test_the_service_refuses_the_same():
    with pytest.raises(InvalidRate):
        fx.set_rate(currency="usd", ghs=Decimal(15), effective_from=timezone.now(), source="x")
