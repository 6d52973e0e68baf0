"""What a renewal costs in our books, beside the bare grant of its credits."""

import json

from .conftest import last_line
from .report import add

RENEWALS = 10_000


def test_renewals_beside_bare_grants(server: str) -> None:
    """10,000 renewals that take turns with as many grants, fifty of the one and fifty of the other.

    Bar: booking a paid month costs at most 4 grants. What comes before it, so that its card is charged once,
    is two more commits: told, not demanded. Ten minutes or more, half of them to sell the first months.
    """
    last_line(server, "renewals", "prepare", str(RENEWALS))
    ms = json.loads(last_line(server, "renewals", "measure", str(RENEWALS)))
    grant, decided, settled = ms["grant"], ms["decide"], ms["settle"]
    for what, ours, bar, holds in (
        ("a paid month of the add-on booked", settled, "<= 4", settled <= 4 * grant),
        ("the same, decided and claimed before", settled + decided, "for comparison", True),
    ):
        add(what, "bare ledger.grant", ours=ours, theirs=grant, bar=bar, holds=holds, unit="ms")
    assert settled <= 4 * grant
