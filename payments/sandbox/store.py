"""The transactions, in SQLite, so that a restarted sandbox remembers them."""

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Transaction:
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
    phone: str = ""
    network: str = ""
    prompt_until: float = 0.0
    wrong_codes: int = 0
    card: str = ""


class Store:
    """Each change is one committed statement under one lock."""

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(str(file) if file else ":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS transactions"
            " (number INTEGER PRIMARY KEY, reference TEXT UNIQUE, access_code TEXT UNIQUE, state TEXT)"
        )
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS things (kind TEXT, id TEXT, state TEXT, PRIMARY KEY (kind, id))"
        )
        self._database.commit()

    def add(self, transaction: Transaction) -> bool:
        """False when the reference is taken."""
        with self._lock, self._database:
            done = self._database.execute(
                "INSERT INTO transactions (reference, access_code, state) VALUES (?, ?, ?)"
                " ON CONFLICT (reference) DO NOTHING",
                (transaction.reference, transaction.access_code, json.dumps(asdict(transaction))),
            )
        return done.rowcount == 1

    def by_reference(self, reference: str) -> Transaction | None:
        return self._one("SELECT state FROM transactions WHERE reference = ?", reference)

    def by_access_code(self, access_code: str) -> Transaction | None:
        return self._one("SELECT state FROM transactions WHERE access_code = ?", access_code)

    def by_id(self, transaction_id: str) -> Transaction | None:
        return next((one for one in self.newest_first() if str(one.id) == transaction_id), None)

    def by_authorization(self, code: str) -> Transaction | None:
        """The paid transaction that made this authorization, unless it was forgotten."""
        if self.get("forgotten", code) is not None:
            return None
        paid = (one for one in self.newest_first() if one.paid_at)
        return next((one for one in paid if one.authorization.get("authorization_code") == code), None)

    def forget_authorization(self, code: str) -> bool:
        if self.by_authorization(code) is None:
            return False
        self.put("forgotten", code, {})
        return True

    def put(self, kind: str, id: str, state: dict[str, Any]) -> None:
        """Keeps a refund, a dispute or the like, in place of what had this id."""
        with self._lock, self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO things VALUES (?, ?, ?)",
                (kind, id, json.dumps(state)),
            )

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        with self._lock:
            sql = "SELECT state FROM things WHERE kind = ? AND id = ?"
            row = self._database.execute(sql, (kind, id)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        with self._lock:
            sql = "SELECT state FROM things WHERE kind = ? ORDER BY id DESC"
            rows = self._database.execute(sql, (kind,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def newest_first(self) -> list[Transaction]:
        with self._lock:
            rows = self._database.execute("SELECT state FROM transactions ORDER BY number DESC").fetchall()
        return [Transaction(**json.loads(row[0])) for row in rows]

    def change(self, reference: str, how: Callable[[Transaction], bool]) -> bool:
        """Applies `how` to the transaction unless that returns False. False when nothing changed."""
        with self._lock, self._database:
            transaction = self.by_reference(reference)
            if transaction is None or not how(transaction):
                return False
            self._database.execute(
                "UPDATE transactions SET state = ? WHERE reference = ?",
                (json.dumps(asdict(transaction)), reference),
            )
        return True

    def _one(self, sql: str, value: str) -> Transaction | None:
        with self._lock:
            row = self._database.execute(sql, (value,)).fetchone()
        return Transaction(**json.loads(row[0])) if row else None
