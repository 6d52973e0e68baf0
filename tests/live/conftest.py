import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .product import Product, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One group: the product is started once, however many processes run the tests.
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.xdist_group("live"))


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sika-up-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def running_product() -> Iterator[Product]:
    """The whole product with its demo shop, started once for all tests of this folder."""
    folder = Path(tempfile.mkdtemp(prefix="sika-live-"))
    with running(folder) as product:
        yield product
        assert product.stop() == 0
    shutil.rmtree(folder)
