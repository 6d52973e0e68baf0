"""The transactions, refunds and disputes, in SQLite, so that a restarted sandbox remembers them."""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

_ID = "json_extract(state, '$.id')"
_CODE = "json_extract(state, '$.authorization.authorization_code')"
_UNTIL = "json_extract(state, '$.prompt_until')"
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS transactions
 (number INTEGER PRIMARY KEY, reference TEXT UNIQUE, access_code TEXT UNIQUE, state TEXT);
CREATE TABLE IF NOT EXISTS things (kind TEXT, id TEXT, state TEXT, PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS by_id ON transactions ({_ID});
CREATE INDEX IF NOT EXISTS by_code ON transactions ({_CODE});
CREATE INDEX IF NOT EXISTS by_prompt ON transactions ({_UNTIL});
"""


@dataclass
class Transaction:
    """`status` is Paystack's; `step` is what a charge waits for ("" for nothing)."""

    reference: str
    access_code: str
    key: str
    id: int
    email: str
    amount: int
    currency: str
    callback_url: str
    channels: list[str]
    metadata: Any
    created_at: str
    status: str = "abandoned"  # what Paystack calls a page that nobody has paid on yet
    message: str | None = None
    gateway_response: str = "The transaction was not completed"
    channel: str = "card"
    paid_at: str | None = None
    fees: int | None = None
    authorization: dict[str, Any] = field(default_factory=dict)
    step: str = ""
    phone: str = ""
    network: str = ""
    prompt_until: float = 0.0
    wrong_codes: int = 0
    blocked_until: float = 0.0
    card: str = ""
    saved: dict[str, Any] = field(default_factory=dict)  # the authorization that is charged again


class Store:
    """Each change is one committed statement. `lock` may be held around several: it is re-entrant."""

    def __init__(self, file: Path | None) -> None:
        self.lock = threading.RLock()
        self._last_id = 0
        self._database = sqlite3.connect(str(file) if file else ":memory:", check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")  # a sandbox may forget when the power goes
        self._database.create_function("customer_id", 1, customer_id, deterministic=True)
        self._database.executescript(_SCHEMA)

    def next_id(self) -> int:
        """Grows, and is never the same again, not even after the state was thrown away."""
        with self.lock:
            self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
            return self._last_id

    def add(self, transaction: Transaction) -> bool:
        """False when the reference is taken."""
        with self.lock, self._database:
            done = self._database.execute(
                "INSERT INTO transactions (reference, access_code, state) VALUES (?, ?, ?)"
                " ON CONFLICT (reference) DO NOTHING",
                (transaction.reference, transaction.access_code, json.dumps(asdict(transaction))),
            )
        return done.rowcount == 1

    def by_reference(self, reference: str) -> Transaction | None:
        return self._first("reference = ?", reference)

    def by_access_code(self, access_code: str) -> Transaction | None:
        return self._first("access_code = ?", access_code)

    def by_id(self, transaction_id: str) -> Transaction | None:
        is_number = transaction_id.isascii() and transaction_id.isdigit() and len(transaction_id) < 19
        return self._first(f"{_ID} = ?", int(transaction_id)) if is_number else None

    def by_authorization(self, code: str) -> Transaction | None:
        """The paid transaction that made this authorization, unless it was forgotten."""
        if not code or self.get("forgotten", code) is not None:
            return None
        return self._first(f"{_CODE} = ?", code)

    def forget_authorization(self, code: str) -> bool:
        with self.lock:
            if self.by_authorization(code) is None:
                return False
            self.put("forgotten", code, {})
            return True

    def run_out(self, now: float) -> list[Transaction]:
        """Those whose prompt nobody answered in time."""
        where = f"{_UNTIL} > 0 AND {_UNTIL} < ? AND json_extract(state, '$.status') = 'ongoing'"
        return self.find(where, [now])

    def find(
        self, where: str = "TRUE", values: list[Any] | None = None, *, limit: int = -1, offset: int = 0
    ) -> list[Transaction]:
        """The newest first. `where` is code, never input."""
        sql = f"SELECT state FROM transactions WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?"  # noqa: S608
        with self.lock:
            rows = self._database.execute(sql, [*(values or []), limit, offset]).fetchall()
        return [_load(row[0]) for row in rows]

    def count(self, where: str, values: list[Any]) -> tuple[int, int]:
        """How many there are, and the sum of those paid, in pesewas."""
        paid = "json_extract(state, '$.status') = 'success'"
        volume = f"COALESCE(SUM(CASE WHEN {paid} THEN json_extract(state, '$.amount') END), 0)"
        sql = f"SELECT COUNT(*), {volume} FROM transactions WHERE {where}"  # noqa: S608
        with self.lock:
            total, sum_paid = self._database.execute(sql, values).fetchone()
        return int(total), int(sum_paid)

    def change(self, reference: str, how: Callable[[Transaction], bool | None]) -> bool:
        """Applies `how` to the transaction unless that returns False. False when nothing changed."""
        with self.lock, self._database:
            transaction = self.by_reference(reference)
            if transaction is None or how(transaction) is False:
                return False
            self._database.execute(
                "UPDATE transactions SET state = ? WHERE reference = ?",
                (json.dumps(asdict(transaction)), reference),
            )
        return True

    def put(self, kind: str, id: str, state: dict[str, Any]) -> None:
        """Keeps a refund, a dispute or the like, in place of what had this id."""
        with self.lock, self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO things VALUES (?, ?, ?)", (kind, id, json.dumps(state))
            )

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        with self.lock:
            sql = "SELECT state FROM things WHERE kind = ? AND id = ?"
            row = self._database.execute(sql, (kind, id)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """The newest first."""
        with self.lock:
            sql = "SELECT state FROM things WHERE kind = ? ORDER BY length(id) DESC, id DESC"
            rows = self._database.execute(sql, (kind,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def _first(self, where: str, value: Any) -> Transaction | None:
        sql = f"SELECT state FROM transactions WHERE {where} ORDER BY number LIMIT 1"  # noqa: S608
        with self.lock:
            row = self._database.execute(sql, (value,)).fetchone()
        return _load(row[0]) if row else None


def customer_id(email: str) -> int:
    """The same for the same address, always."""
    return int.from_bytes(hashlib.sha256(email.lower().encode()).digest()[:4]) % 10**9


def _load(state: str) -> Transaction:
    known = {one.name for one in fields(Transaction)}  # a file from before may know more
    return Transaction(**{name: value for name, value in json.loads(state).items() if name in known})
