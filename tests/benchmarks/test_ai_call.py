"""The whole AI call beside the same provider asked directly, and a cache hit beside `/healthz`."""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import requests

from tests.live.product import Product, running

from .report import add

CONNECTIONS = 16
CALLS_EACH = 12
MODEL = "gpt-6-luna"


def test_ai_call_beside_the_provider() -> None:
    """16 connections, 12 calls each after one to warm up. Median and 95th percentile in milliseconds.

    Bars: at most 25 ms added to the median, 60 ms to the 95th percentile; a cache hit at most 6 × `/healthz`.
    Told, not demanded: client, web, worker, sandbox and database share the machine's cores.
    """
    with tempfile.TemporaryDirectory(prefix="sika-bench-") as folder, running(Path(folder)) as product:
        shops = [_sign_up(product, number) for number in range(CONNECTIONS)]
        clients = [_client(product) for _ in range(CONNECTIONS)]
        direct = _measure(lambda number, turn: _ask_directly(clients[number], f"Soap {number} {turn}"))
        ours = _measure(lambda number, turn: _describe(product, shops[number], f"Soap {number} {turn}"))
        alive = _measure(lambda number, turn: shops[number].get(f"{product.url}/healthz", timeout=30))
        cached = _measure(lambda number, turn: _describe(product, shops[number], f"Soap {number} 0"))
    for name, rank, bar in (("p50", 0.50, 25), ("p95", 0.95, 60)):
        added = _at(ours, rank) - _at(direct, rank)
        add(
            f"AI call, {name}, {CONNECTIONS} connections (added {added:.1f} ms)",
            "the provider asked directly",
            ours=_at(ours, rank),
            theirs=_at(direct, rank),
            bar=f"added <= {bar} ms",
            holds=added <= bar,
            unit="ms",
        )
    hit, health = _at(cached, 0.5), _at(alive, 0.5)
    add("cache hit, p50", "/healthz", ours=hit, theirs=health, bar="<= 6", holds=hit <= 6 * health, unit="ms")


def _sign_up(product: Product, number: int) -> requests.Session:
    shop = requests.Session()
    answer = shop.post(
        f"{product.url}/api/auth/app/v1/auth/signup",
        json={"email": f"bench-{number}@shop.example", "password": "correct-horse-battery"},
        timeout=30,
    ).json()
    shop.headers["Authorization"] = f"Bearer {answer['meta']['access_token']}"
    for path, body in (
        ("/api/business/", {"name": f"Shop {number}", "storefront": "Main"}),
        ("/api/subscriptions/ai/trial/", {}),
    ):
        reply = shop.post(f"{product.url}{path}", json=body, timeout=30)
        assert reply.status_code == 201, reply.text
    return shop


def _describe(product: Product, shop: requests.Session, name: str) -> None:
    reply = shop.post(f"{product.url}/api/ai/product-description/", json={"name": name}, timeout=30)
    assert reply.status_code == 200, reply.text


def _client(product: Product) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{product.sandbox_url}/openai/v1", api_key="sandbox", max_retries=0)


def _ask_directly(client: openai.OpenAI, name: str) -> None:
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": f"Describe {name}"}])


def _measure(call: Callable[[int, int], Any]) -> list[float]:
    """Milliseconds of every call, sorted."""

    def one_connection(number: int) -> list[float]:
        call(number, 0)
        taken = []
        for turn in range(1, CALLS_EACH + 1):
            started = time.perf_counter()
            call(number, turn)
            taken.append((time.perf_counter() - started) * 1000)
        return taken

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sorted(taken for part in pool.map(one_connection, range(CONNECTIONS)) for taken in part)


def _at(taken: list[float], rank: float) -> float:
    return statistics.quantiles(taken, n=100)[round(rank * 100) - 1]
