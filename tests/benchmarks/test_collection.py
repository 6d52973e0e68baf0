"""The largest collection analysis, five thousand debtors, beside a tenth of it: whole calls."""

import json
import time
from typing import Any

import pytest
from django.test import override_settings

from tests.ai_features.conftest import Shop
from tests.ai_features.conftest import sandbox as sandbox

from .report import add

MANY, FEW = 5000, 500


@pytest.mark.django_db
def test_a_full_analysis_beside_a_tenth_of_it(model_provider: Any) -> None:
    """Bar: at most 12 × the time for 10 × the debtors. A prompt of the same length, within a third."""
    shop = Shop(credits="50.00")
    sizes, seconds, prompts = [], [], []
    with override_settings(AI_TIMEOUT_SECONDS=30):
        for count in (FEW, MANY):
            rows = [
                {
                    "name": f"Customer {number:04}",
                    "code": f"C-{number:04}",
                    "balance": 100 + number / 4,
                    "days_overdue": number % 150,
                    "broken_promises": number % 3,
                    "last_contact": "2026-11-01",
                    "promised_on": "2026-11-30",
                }
                for number in range(count)
            ]
            body = {"as_of": "2026-11-21", "debtors": rows}
            started = time.perf_counter()
            answer = shop.client.post("/api/ai/collection-analysis/", body)
            seconds.append(time.perf_counter() - started)
            assert (answer.status_code, answer.json()["source"]) == (200, "ai"), answer.content[:500]
            assert len(answer.json()["result"]["plan"]) == count
            sizes.append((len(json.dumps(body)), len(answer.content)))
            prompts.append(len(model_provider.calls()[-1]["messages"][1]["content"]))
    print(f"\nbytes in and out: {sizes}; prompt: {prompts} characters")
    add(
        f"collection analysis, {MANY} debtors",
        f"{FEW} debtors",
        ours=seconds[1],
        theirs=seconds[0],
        bar="<= 12",
        holds=seconds[1] <= 12 * seconds[0],
        unit="s",
    )
