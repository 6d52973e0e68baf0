"""manage.py check_models: what is wrong with the models in use is shown, told once, and an exit code."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ai_features import providers
from ai_features.providers.base import ProviderFailed
from ai_features.services import model_check
from config.core.models import forget_dated
from subscriptions.models import AIModel, Alert, ModelRoute

pytestmark = pytest.mark.django_db

LUNA, NANO, TERRA, SOL = (
    "openai/gpt-6-luna",
    "openai/gpt-5.4-nano",
    "openai/gpt-6.1-terra",
    "openai/gpt-6.1-sol",
)
ENDS = date(2027, 1, 14)


def run(*args: str) -> tuple[str, str]:
    """What it printed, and what it failed with ('' when it didn't)."""
    out, failure = StringIO(), ""
    forget_dated()
    try:
        call_command("check_models", *args, stdout=out)
    except CommandError as error:
        failure = str(error)
    return out.getvalue(), failure


def states(*, now: datetime, reach: bool = False) -> dict[str, tuple[str, str]]:
    forget_dated()
    return {model.slug: (model.state, model.problem) for model in model_check.check(now=now, reach=reach)}


def test_all_is_well(model_provider: Any) -> None:
    out, failure = run("--reach")

    assert failure == ""
    assert out.splitlines()[1:] == [
        f"ok       {LUNA:<28} small            0.1 / 0.01 / 0.5       -",
        f"ok       {NANO:<28} small            0.2 / 0.02 / 1.25      -",
        f"ok       {TERRA:<28} large            1 / 0.05 / 5           -",
        f"ok       {SOL:<28} large            2 / 0.1 / 10           -",
        "0 new alerts.",
    ]
    assert model_provider.calls() == []  # the list is free: no completion was asked for


def test_a_model_that_ends_is_told_once_before_and_once_after() -> None:
    AIModel.objects.filter(slug=NANO).update(shutdown_on=ENDS)

    def as_of(day: str) -> tuple[str, str, int]:
        before = Alert.objects.count()
        line = next(line for line in run("--as-of", day)[0].splitlines() if NANO in line)
        failure = run("--as-of", day)[1]
        return line.split()[0], failure, Alert.objects.count() - before

    assert as_of("2026-12-14") == ("ok", "", 0)
    assert as_of("2026-12-15") == ("warning", "", 1)
    assert as_of("2027-01-14T23:59") == ("warning", "", 0)
    assert as_of("2027-01-15") == ("error", "1 of 4 models can't be used; see above.", 1)
    before, after = Alert.objects.order_by("pk")
    assert (before.kind, before.severity, before.key, before.title) == (
        "model_shutdown",
        "warning",
        f"model_shutdown:{NANO}:2027-01-14",
        f"{NANO} ends on 2027-01-14",
    )
    assert (after.severity, after.title) == ("critical", f"{NANO} ended on 2027-01-14")
    assert "route 'small', and skipped now" in after.text

    AIModel.objects.filter(slug=NANO).update(shutdown_on=date(2027, 2, 1))
    assert as_of("2027-01-20") == ("warning", "", 1)  # another date is another warning


def test_a_model_that_no_route_names_may_end(model_provider: Any) -> None:
    assert set(states(now=datetime(2027, 6, 1, tzinfo=UTC))) == {LUNA, NANO, TERRA, SOL}


def test_a_model_without_a_price() -> None:
    AIModel.objects.filter(slug=LUNA).update(is_active=False)

    out, failure = run()

    assert f"error    {LUNA:<28} small            none                   -  it has no price" in out
    assert (failure, Alert.objects.get().kind) == ("1 of 4 models can't be used; see above.", "margin_floor")


def test_a_dry_run_tells_nobody() -> None:
    AIModel.objects.filter(slug=LUNA).update(is_active=False)
    assert run("--dry-run")[1] == "1 of 4 models can't be used; see above."
    assert not Alert.objects.exists()


def test_what_the_provider_does_not_list_and_a_company_that_is_not_built_in(model_provider: Any) -> None:
    for slug, provider, name in (("openai/gpt-7", "openai", "gpt-7"), ("acme/one", "acme", "one")):
        AIModel.objects.create(
            slug=slug, provider=provider, name=name, input_usd=1, cached_input_usd=0, output_usd=1
        )
    ModelRoute.objects.filter(slug="small").update(models_in_order=[LUNA, "openai/gpt-7", "acme/one"])

    found = states(now=timezone.now(), reach=True)

    assert found[LUNA] == ("ok", "")
    assert found["openai/gpt-7"] == ("error", "its provider does not list it")
    assert found["acme/one"] == ("error", "its provider can't be asked (unknown_provider:acme)")
    now = timezone.now()
    assert [model_check.check_and_tell(now=now) for _ in range(2)] == [2, 0]
    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["model_shutdown", "provider_down"]


def test_a_provider_that_is_away(settings: Any) -> None:
    settings.AI_PROVIDERS = {"openai": {"base_url": "http://127.0.0.1:1/v1", "api_key": ""}}
    out, failure = run("--reach")

    assert out.count("its provider can't be asked (connection)") == 4
    assert failure == "4 of 4 models can't be used; see above."
    assert Alert.objects.get().key == f"provider_down:openai:{timezone.now().date()}"


def test_a_list_that_is_none(settings: Any, model_provider: Any) -> None:
    elsewhere = model_provider.url.replace("/v1", "/elsewhere")
    settings.AI_PROVIDERS = {"openai": {"base_url": elsewhere, "api_key": ""}}
    with pytest.raises(ProviderFailed, match="http_404"):
        providers.find("openai").list_models(deadline=10**12)


def test_a_time_that_is_none() -> None:
    refusal = "Error: argument --as-of: 'soon' is not a time, e.g. 2026-12-01T00:00Z"
    assert run("--as-of", "soon") == ("", refusal)
