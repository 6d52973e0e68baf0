"""Gives each test a clean database with the catalogue in it, and audits the books after every one that used it."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure tests/benchmarks (make bench)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-benchmarks"):
        items[:] = [item for item in items if "benchmarks" not in item.path.parts]
