"""The README's journey, verbatim, against the whole product: what a newcomer pastes is what is tested."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .product import ROOT, Product

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def told(product: Product, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """Every JSON line the journey printed. Only the addresses and the interpreter are put in place."""
    blocks = re.findall(r"```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 1
    script = tmp_path_factory.mktemp("journey") / "journey.sh"
    text = blocks[0].replace("http://127.0.0.1:8000", product.url)
    text = text.replace("http://127.0.0.1:8400", product.sandbox_url)
    script.write_text(text.replace(".venv/bin/python", sys.executable))
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", str(script)],
        cwd=ROOT,
        env={**product.environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_every_step_says_what_it_should(told: list[dict]) -> None:
    business, trial, first, again, approved, verified, verified_too, credits, usage = told
    assert business["role"] == "owner"
    assert (trial["credits_added"], trial["new_balance"]) == (5, 5)
    assert (first["source"], first["credits_charged"], first["new_balance"]) == ("ai", 0.1, 4.9)
    assert again == first
    assert approved["status"] is True
    for answer in (verified, verified_too):
        assert (answer["success"], answer["credits_added"], answer["new_balance"]) == (True, 100, 104.9)
    assert (credits["balance"], credits["total_purchased"], credits["total_used"]) == (104.9, 100, 0.1)
    assert [(grant["source"], grant["remaining"]) for grant in credits["grants"]] == [
        ("trial", 4.9),
        ("purchase", 100),
    ]
    assert (usage["current_balance"], usage["total_credits_used"], usage["total_requests"]) == (104.9, 0.1, 1)
    assert usage["feature_breakdown"][0]["feature"] == "product_description"
