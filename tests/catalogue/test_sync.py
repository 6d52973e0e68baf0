"""Loading a file: what it writes, what it leaves alone, and what it refuses."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, transaction

from accounts.models import Role
from config.catalogue.sync import _LOCK, FOLDER, CatalogueError, sync
from config.catalogue.tables import TABLES
from config.core.dated import Change
from config.core.models import CatalogueSource
from subscriptions.models import CreditPack, Feature, FxRate
from subscriptions.selectors import catalogue

from .conftest import LATER, NOW, empty, everything

POS = FOLDER / "pos.toml"
PRICE = ("price_ghs = 80.00", "price_ghs = 85.00")
CUSTOM = (
    '[packs.CUSTOM]\nname = "Custom amount"\nmin_price_ghs = 10.00\nmax_price_ghs = 5000.00\ncredits = 1.00\n'
)
ENTRIES = 46


def pack(key: str, now: datetime) -> CreditPack:
    return catalogue.pack(type=key, now=now)


def row_count() -> int:
    return sum(table.model._default_manager.count() for table in TABLES)


def kinds(changes: list[Change]) -> list[tuple[str, str, str]]:
    return [(change.kind, change.section, change.key) for change in changes]


@pytest.mark.django_db
def test_the_first_load_adds_everything_and_the_second_nothing():
    empty()

    first = sync(path=POS, now=NOW)
    after = everything()
    second = sync(path=POS, now=LATER)

    assert {change.kind for change in first} == {"added"}
    assert len(first) == row_count() == ENTRIES
    assert second == []
    assert everything() == after


@pytest.mark.django_db
def test_a_changed_price_is_a_new_row_and_the_old_one_stays(edited):
    before = CreditPack.objects.filter(type="VALUE").values().get()

    changes = sync(path=edited(PRICE), now=NOW)

    assert kinds(changes) == [("changed", "packs", "VALUE")]
    assert changes[0].fields == {"price_ghs": (Decimal("80.00"), Decimal("85.00"))}
    old, new = CreditPack.objects.filter(type="VALUE").order_by("effective_from").values()
    assert old == before
    assert new == before | {"id": new["id"], "price_ghs": Decimal("85.00"), "effective_from": NOW}
    assert pack("VALUE", NOW - timedelta(microseconds=1)).price_ghs == Decimal("80.00")
    assert pack("VALUE", NOW).price_ghs == Decimal("85.00")


@pytest.mark.django_db
def test_a_dry_run_says_what_would_change_and_writes_nothing(edited):
    before = everything()

    changes = sync(path=edited(PRICE), now=NOW, dry_run=True)

    assert kinds(changes) == [("changed", "packs", "VALUE")]
    assert everything() == before


@pytest.mark.django_db
def test_a_dry_run_before_the_first_load_writes_nothing_either():
    empty()

    assert len(sync(path=POS, now=NOW, dry_run=True)) == ENTRIES
    assert not any(everything().values())


@pytest.mark.django_db
def test_a_removed_entry_is_withdrawn_and_comes_back(edited):
    without = edited((CUSTOM, ""))

    assert kinds(sync(path=without, now=NOW)) == [("withdrawn", "packs", "CUSTOM")]
    assert CreditPack.find("CUSTOM", NOW - timedelta(seconds=1)) is not None
    assert CreditPack.find("CUSTOM", NOW) is None
    assert sync(path=without, now=LATER) == []

    assert kinds(sync(path=POS, now=LATER)) == [("added", "packs", "CUSTOM")]
    assert pack("CUSTOM", LATER).max_price_ghs == Decimal("5000.00")
    assert CreditPack.objects.filter(type="CUSTOM").count() == 3


@pytest.mark.django_db
def test_an_entry_with_a_date_of_its_own_starts_then(edited):
    january = datetime(2027, 1, 1, tzinfo=UTC)
    path = edited(("price_ghs = 80.00", "price_ghs = 90.00\neffective_from = 2027-01-01"))

    changes = sync(path=path, now=NOW)

    assert [(change.key, change.effective_from) for change in changes] == [("VALUE", january)]
    assert pack("VALUE", january - timedelta(seconds=1)).price_ghs == Decimal("80.00")
    assert pack("VALUE", january).price_ghs == Decimal("90.00")
    assert sync(path=path, now=LATER) == []


@pytest.mark.django_db
def test_a_scheduled_price_can_be_corrected_and_called_off_before_it_starts(edited):
    scheduled = ("price_ghs = 80.00", "price_ghs = 90.00\neffective_from = 2027-01-01")
    corrected = ("price_ghs = 80.00", "price_ghs = 95.00\neffective_from = 2027-01-01")
    sync(path=edited(scheduled), now=NOW)

    sync(path=edited(corrected), now=LATER)

    future = CreditPack.objects.filter(type="VALUE", effective_from__gt=NOW)
    assert [row.price_ghs for row in future] == [Decimal("95.00")]


@pytest.mark.django_db
def test_a_date_in_the_past_never_rewrites_history(edited):
    sync(path=edited(("price_ghs = 80.00", "price_ghs = 90.00\neffective_from = 2026-03-01")), now=NOW)

    assert pack("VALUE", NOW - timedelta(seconds=1)).price_ghs == Decimal("80.00")
    assert pack("VALUE", NOW).price_ghs == Decimal("90.00")


@pytest.mark.django_db
def test_what_was_changed_elsewhere_stays_until_the_file_changes_the_same_entry(edited):
    FxRate.objects.create(currency="USD", ghs="15.80", effective_from=NOW)

    assert sync(path=POS, now=LATER) == []
    assert kinds(sync(path=edited(PRICE), now=LATER)) == [("changed", "packs", "VALUE")]
    assert catalogue.usd_to_ghs(now=LATER) == Decimal("15.80")

    changes = sync(path=edited(PRICE, ("ghs = 16.00", "ghs = 17.00")), now=LATER)

    assert kinds(changes) == [("changed", "fx_rates", "USD")]
    assert changes[0].fields["ghs"] == (Decimal("15.800000"), Decimal("17.00"))


@pytest.mark.django_db
def test_overwriting_puts_the_whole_file_in_force():
    FxRate.objects.create(currency="USD", ghs="15.80", effective_from=NOW)
    Feature.objects.create(
        slug="poems", name="Poems", description="Verse", credits=1, category="basic", model_class="small"
    )

    changes = sync(path=POS, now=LATER, overwrite=True)

    assert kinds(changes) == [("withdrawn", "features", "poems"), ("changed", "fx_rates", "USD")]
    assert catalogue.usd_to_ghs(now=LATER) == Decimal("16.00")
    assert sync(path=POS, now=LATER, overwrite=True) == []


@pytest.mark.django_db
def test_changing_market_swaps_the_roles():
    changes = sync(path=FOLDER / "events.toml", now=NOW)

    assert {change.section for change in changes} == {"roles"}
    assert [role.slug for role in Role.in_force(NOW) if role.is_owner] == ["admin"]
    assert Role.find("cashier", NOW) is None


BAD = [
    ((("[packs.STARTER]", "[bags.STARTER]"),), ["[bags] is not a section"]),
    ((("price_ghs = 80.00", "prise_ghs = 80.00"),), ["[packs.VALUE] unknown field 'prise_ghs'"]),
    ((("price_ghs = 80.00\n", ""),), ["[packs.VALUE] needs price_ghs, or min_price_ghs and max_price_ghs"]),
    (
        (("price_ghs = 80.00\n", "price_ghs = 80.00\nmin_price_ghs = 5\n"),),
        ["[packs.VALUE] has price_ghs and a price range; only one of them can hold"],
    ),
    (
        (("max_price_ghs = 5000.00", "max_price_ghs = 5.00"),),
        ["[packs.CUSTOM] min_price_ghs must not be above max_price_ghs"],
    ),
    ((("price_ghs = 80.00", "price_ghs = -80.00"),), ["[packs.VALUE] price_ghs must not be negative"]),
    ((("price_ghs = 80.00", "price_ghs = 0"),), ["[packs.VALUE] price_ghs must be more than zero"]),
    ((("price_ghs = 80.00", "price_ghs = nan"),), ["[packs.VALUE] price_ghs must be a finite number"]),
    ((("price_ghs = 80.00", 'price_ghs = "80"'),), ["[packs.VALUE] price_ghs must be a number"]),
    (
        (("price_ghs = 80.00", "price_ghs = 80.001"),),
        ["[packs.VALUE] price_ghs is refused: Ensure that there are no more than 2 decimal places."],
    ),
    ((("recommended = true", "recommended = 1"),), ["[packs.VALUE] recommended must be true or false"]),
    ((('name = "Value"\n', ""),), ["[packs.VALUE] name is missing"]),
    (
        (("credits = 0.20\ncategory", "credits = 0.00\ncategory"),),
        ["[features.report_summary] credits must be more than zero"],
    ),
    (
        (('needs_addon = true\nmodel_class = "large"', 'needs_addon = true\nmodel_class = "huge"'),),
        ["[features.portfolio_dashboard] model_class 'huge' has no [model_routes] entry"],
    ),
    (
        (('models_in_order = ["openai/gpt-6.1-terra", "openai/gpt-6.1-sol"]', "models_in_order = []"),),
        ["[model_routes.large] models_in_order is refused: This field cannot be blank."],
    ),
    (
        (('["openai/gpt-6-luna",', '["openai/gpt-7-luna",'),),
        ["[model_routes.small] 'openai/gpt-7-luna' has no price under [ai_models]"],
    ),
    (
        (("input_usd = 0.10\ncached_input_usd = 0.01", "input_usd = 0\ncached_input_usd = 0.01"),),
        ["[ai_models.openai/gpt-6-luna] input_usd must be more than zero"],
    ),
    (
        (('[ai_models."openai/gpt-4o-mini"]', "[ai_models.gpt-4o-mini]"),),
        ["[ai_models.gpt-4o-mini] the key must be provider/model, e.g. openai/gpt-6-luna"],
    ),
    (
        (('[ai_models."openai/gpt-4o-mini"]', '[ai_models."openai/gpt-4o-mini"]\nprovider = "x"'),),
        ["[ai_models.openai/gpt-4o-mini] unknown field 'provider'"],
    ),
    ((("is_owner = true", ""),), ["[roles] exactly one role must be is_owner; there are 0"]),
    (
        (('name = "Guest"', 'name = "Guest"\nis_owner = true'),),
        ["[roles] exactly one role must be is_owner; there are 2: guest, owner"],
    ),
    (
        (('["product_description", "inventory_forecast"]', '["poems"]'),),
        ["[roles.stock_keeper] unknown feature 'poems'"],
    ),
    (
        (("daily_ai_cost_usd = 0.50", 'daily_ai_cost_usd = 0.50\ncapabilities = ["fly", "buy"]'),),
        ["[roles.cashier] unknown capabilities: fly"],
    ),
    ((("[fx_rates.USD]", "[fx_rates.EUR]"),), ["[fx_rates] needs an entry 'USD'"]),
    ((("[free_credits.trial]", "[free_credits.welcome]"),), ["[free_credits] needs an entry 'trial'"]),
    (
        (("storefronts = 4", "storefronts = 5"),),
        ["[storefront_tariffs] needs one entry for each count from 1 up, and one for 0: each further one"],
    ),
    (
        (("effective_from = 2026-01-01\n", 'effective_from = "soon"\n'),),
        ["effective_from must be a date, e.g. 2026-01-01"],
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("replacements", "problems"), BAD)
def test_a_bad_file_is_refused_naming_table_key_and_field(edited, replacements, problems):
    before = everything()

    with pytest.raises(CatalogueError) as refused:
        sync(path=edited(*replacements), now=NOW)

    assert refused.value.problems == problems
    assert str(refused.value) == "\n".join(f"edited.toml: {problem}" for problem in problems)
    assert everything() == before


@pytest.mark.django_db
def test_every_problem_is_named_at_once(edited):
    with pytest.raises(CatalogueError) as refused:
        sync(path=edited(("price_ghs = 80.00", "price_ghs = -1"), ('name = "Guest"\n', "")), now=NOW)

    assert refused.value.problems == [
        "[packs.VALUE] price_ghs must not be negative",
        "[roles.guest] name is missing",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("packs = 3", "[packs] is missing or empty"),
        ("[packs]", "[packs] is missing or empty"),
        ("[packs]\nVALUE = 80", "[packs.VALUE] must be a table of fields"),
        ("[packs", "is not valid TOML: Expected ']' at the end of a table declaration (at end of document)"),
        ("extends = 'gone.toml'", "can't be read: No such file or directory"),
        (
            b"\xff",
            "is not valid TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path, content, problem):
    path = tmp_path / "bad.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(CatalogueError) as refused:
        sync(path=path, now=NOW)

    assert problem in refused.value.problems


@pytest.mark.django_db
def test_a_file_may_extend_one_other_and_no_chain(tmp_path, edited):
    edited(name="pos.toml")
    (tmp_path / "a.toml").write_text('extends = "pos.toml"\n[tax_rates.vat]\nname = "VAT"\nrate = 0.2\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')

    changes = sync(path=tmp_path / "a.toml", now=NOW)

    assert kinds(changes) == [
        ("changed", "tax_rates", "vat"),
        ("withdrawn", "tax_rates", "nhil"),
        ("withdrawn", "tax_rates", "getfund"),
    ]
    with pytest.raises(CatalogueError, match=r"b\.toml: extends a\.toml, which extends another file"):
        sync(path=tmp_path / "b.toml", now=LATER)


# --- two at once


def at_once(*calls):
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index, call):
        try:
            barrier.wait(10)
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_four_loads_at_once_add_each_row_once():
    empty()

    results = at_once(*[lambda: sync(path=POS, now=NOW)] * 4)

    assert sorted(len(changes) for changes in results) == [0, 0, 0, ENTRIES]
    assert row_count() == ENTRIES
    assert CatalogueSource.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_load_waits_for_the_one_before_it(edited):
    """The control: what the second load reads while the first has not committed is stale."""
    path, entered, go = edited(PRICE), threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            changes = sync(path=path, now=NOW)
            entered.set()
            assert go.wait(10)
            return changes

    def second():
        assert entered.wait(10)
        stale = sync(path=path, now=LATER, dry_run=True)
        threading.Timer(0.3, go.set).start()
        return stale, sync(path=path, now=LATER)

    one, (stale, two) = at_once(first, second)

    assert kinds(one) == kinds(stale) == [("changed", "packs", "VALUE")]
    assert two == []
    assert CreditPack.objects.filter(type="VALUE").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_failure_half_way_leaves_nothing(edited):
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE subscriptions_taxrate ADD CONSTRAINT broken CHECK (rate < 0.18)")
    try:
        with pytest.raises(Exception, match="broken"):
            sync(path=edited(PRICE, ("rate = 0.15", "rate = 0.19")), now=NOW)
        assert everything() == before
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE subscriptions_taxrate DROP CONSTRAINT broken")


@pytest.mark.django_db(transaction=True)
def test_a_load_that_can_not_have_the_lock_says_so():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])

        def blocked():
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '200ms'")
                sync(path=POS, now=NOW)

        (error,) = at_once(blocked)

    assert isinstance(error, OperationalError)
    assert "lock timeout" in str(error)


# --- the command


def run(*args: str) -> str:
    out = StringIO()
    call_command("sync_catalogue", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_shows_each_change(edited):
    path = edited(
        PRICE,
        (CUSTOM, '[packs.MEGA]\nname = "Mega"\nprice_ghs = 500.00\ncredits = 900.00\n'),
        ('features = ["report_summary", "customer_insight", "portfolio_dashboard"]', "features = []"),
    )

    dry = run("--file", str(path), "--dry-run")
    real = run("--file", str(path))
    again = run("--file", str(path))

    lines = [line.split(" (from ")[0] + line.partition(")")[2] for line in dry.splitlines()]
    assert lines == [
        "~ packs.VALUE: price_ghs 80.00 → 85.00",
        "+ packs.MEGA: name Mega, price_ghs 500.00, credits 900.00",
        "- packs.CUSTOM",
        "~ roles.partner: features [report_summary, customer_insight, portfolio_dashboard] → []",
        "edited.toml: 4 entries would change.",
    ]
    assert real.splitlines()[-1] == "edited.toml: 4 entries changed."
    assert again == "edited.toml: 0 entries changed.\n"


@pytest.mark.django_db
def test_the_command_says_what_it_left_alone_and_can_put_it_back():
    FxRate.objects.create(currency="USD", ghs="15.80", effective_from=NOW)

    assert run() == (
        "Kept as changed outside the file (--overwrite puts it back): fx_rates.USD\n"
        "pos.toml: 0 entries changed.\n"
    )
    assert "~ fx_rates.USD" in run("--overwrite")
    assert run("--verbosity", "0") == "pos.toml: 0 entries changed.\n"


@pytest.mark.django_db
def test_the_command_refuses_a_bad_file_and_an_unknown_market(edited, settings):
    with pytest.raises(CommandError) as refused:
        run("--file", str(edited(("price_ghs = 80.00", "price_ghs = -80.00"))))
    assert str(refused.value) == "edited.toml: [packs.VALUE] price_ghs must not be negative"
    assert refused.value.returncode == 1

    settings.MARKET = "evnts"
    with pytest.raises(CommandError, match="SIKA_MARKET=evnts has no catalogue; there are: events, pos"):
        run()


@pytest.mark.django_db
def test_a_field_that_is_new_to_a_table_changes_nothing_by_itself():
    """What an earlier version remembered of the file lacks it; changes from the admin stay all the same."""
    source = CatalogueSource.objects.get()
    for feature in source.content["features"].values():
        feature.pop("max_output_tokens")
    source.save()
    Feature.objects.create(
        **{**Feature.objects.filter(slug="report_summary").values().get(), "id": None, "credits": "0.30"}
        | {"effective_from": NOW - timedelta(days=1)}
    )

    changes = sync(path=FOLDER / "pos.toml", now=NOW)

    assert changes == []
    assert catalogue.feature(slug="report_summary", now=NOW).credits == Decimal("0.30")
