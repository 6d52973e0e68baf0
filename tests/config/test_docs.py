"""What the documents list is what the code has."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.settings.schedule import CELERY_BEAT_SCHEDULE

from .commands import ROOT

OURS = ("accounts", "ai_features", "config", "payments", "subscriptions", "support_chat")
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# A path may be told from the folder that its neighbours in the sentence name.
FOLDERS = (
    *(".", "ai_features", "ai_features/services", "config", "config/catalogue", "payments"),
    *("payments/providers", "payments/providers/paystack", "payments/services"),
    *("subscriptions", "subscriptions/services", "tests", "tests/faults", "tests/payments"),
)
GONE = {"asgi.py"}  # named because it is not there


def section(name: str, title: str) -> str:
    text = (ROOT / "docs" / name).read_text()
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def source(*apps: str) -> str:
    files = (file for app in apps for file in (ROOT / app).rglob("*.py"))
    return "\n".join(file.read_text() for file in files)


def test_every_command_is_in_operations() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS}
    told = set(re.findall(r"^\| `(\w+)", section("operations.md", "Commands"), re.MULTILINE))
    assert told - {"migrate"} == ours


def test_every_scheduled_task_is_in_operations() -> None:
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|", section("operations.md", "What runs by itself"), re.MULTILINE)
    told = re.findall(r"`(\w+)`", "".join(rows))
    assert sorted(told) == sorted(entry["task"].rpartition(".")[2] for entry in CELERY_BEAT_SCHEDULE.values())


def test_every_alarm_is_in_operations() -> None:
    raised = set(re.findall(r'(?:raise_alert|_alarm)\(\s*"(\w+)"', source("payments", "subscriptions")))
    chapter = section("operations.md", "When money needs a person")
    first_columns = re.findall(r"^\|([^|]+)\|[^|]+\|[^|]+\|$", chapter, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", "".join(first_columns))) == raised


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = set(re.findall(r"`([a-z][a-z_/]*\.(?:py|toml|yml|md))`", document.read_text()))
    there = {name for name in named if any((ROOT / folder / name).is_file() for folder in FOLDERS)}
    assert named - there - GONE == set()


def test_every_constraint_that_decisions_name_exists() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text()
    lists = re.findall(r"(?:constraints?|trigger) ((?:`\w+`(?:, )?)+)", text)
    named = {name for one in lists for name in re.findall(r"`(\w+)`", one)}
    code = source(*OURS)
    assert {"payment_one_prompt_per_phone", "append_only"} <= named
    assert {name for name in named if name not in code} == set()


def test_every_decision_has_its_four_lines() -> None:
    decisions = (ROOT / "docs" / "decisions.md").read_text().split("\n## ")[1:]
    for decision in decisions:
        title, _, lines = decision.partition("\n")
        assert re.findall(r"^- (\w+):", lines, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequence",
            "Enforced",
        ], title
