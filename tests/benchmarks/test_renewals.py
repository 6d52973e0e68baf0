"""What a renewal costs in our books, beside the bare grant of its credits."""

from .conftest import run_worker
from .report import add

MEASURED = 250
ROUNDS = 4


def test_renewals_beside_bare_grants(server: str) -> None:
    """1,000 renewals in four rounds that take turns with as many grants; the middle one counts.

    Bar: booking a paid month costs at most 4 grants. What comes before it, so that its card is charged once,
    is two more commits: told, not demanded.
    """

    def measured(what: str) -> float:
        return run_worker(server, what, str(MEASURED), module="renewals")

    run_worker(server, "prepare", str(MEASURED * ROUNDS), module="renewals")
    rounds = [(measured("grants"), measured("decide"), measured("settle")) for _ in range(ROUNDS)]
    grant, decided, settled = sorted(rounds, key=lambda one: one[2] / one[0])[ROUNDS // 2]
    for what, ours, bar, holds in (
        ("a paid month of the add-on booked", settled, "<= 4", settled <= 4 * grant),
        ("the same, decided and claimed before", settled + decided, "for comparison", True),
    ):
        add(what, "bare ledger.grant", ours=ours, theirs=grant, bar=bar, holds=holds, unit="ms")
    assert settled <= 4 * grant
