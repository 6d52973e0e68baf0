"""What the columns of a report are, guessed from their headings and values where nobody says it."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

# How a column is read. Money and counts are added up, rates averaged; the values of names never leave.
ROLES = ("money", "count", "rate", "label", "name", "date", "ignore")
NUMERIC = ("money", "count", "rate")
ADDED_UP = ("money", "count")
TYPES = (
    *("sales", "products", "profit", "cash", "expenses", "purchases", "stock", "customers", "debts", "staff"),
    "other",
)
_PEOPLE_REPORTS = ("customers", "debts", "staff")
_MORE_IS_BETTER = ("sales", "products", "profit", "cash", "customers", "staff")
_LESS_IS_BETTER = ("expenses", "debts")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PEOPLE = _words(
    "customer client buyer debtor creditor guest patient student member user staff cashier employee seller"
    " salesperson salesman saleswoman waiter waitress attendant agent rep driver rider worker owner manager"
    " operator supplier vendor contact person by"
)
_REACHED_BY = _words("phone telephone tel mobile msisdn whatsapp email mail")
_CODES = _words("id code sku barcode ean no number num ref reference invoice receipt year tin account")
_RATES = _words(
    "price rate ratio percent percentage pct share margin average avg mean median unit each per markup"
)
_COUNTS = _words(
    "qty quantity quantities units pieces pcs items count number orders transactions sold bought visits"
    " customers clients invoices receipts stock kg litres hours days"
)
_MONEY = _words(
    "sales revenue amount turnover value cost costs profit income expense expenses spend spent paid payments"
    " discount discounts tax vat balance owed debt debts cash momo card refund refunds fee fees total"
    " subtotal takings earnings wage wages salary salaries rent commission tips credit debit ghs cedis loss"
    " losses"
)
_MAIN = _words("sales revenue turnover amount total income takings profit value")
_BAD = _words(
    "cost costs expense expenses discount discounts refund refunds return returns returned loss losses waste"
    " wasted damaged expired debt debts owed overdue shortage short fee fees complaints cancelled voids void"
    " unpaid arrears"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+|%")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,15}|[1-9]\d{0,2}(?:,\d{3}){1,5})(?:\.\d{1,20})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.{0,30})?")
_MONTH = re.compile(r"\d{4}-\d{2}")
_SUMS = _words("total totals subtotal sum") | {"grand total", "sub total", "sub-total", "overall total"}


def words_of(heading: str) -> list[str]:
    """`unitPrice` and `unit_price` are unit, price."""
    return _WORD.findall(_CAMEL.sub(" ", heading).casefold())


def guess(heading: str, values: Sequence[Any], report_type: str) -> str:
    """The role of a column; `values` are Decimal, text or None."""
    given = [value for value in values if value is not None]
    if not given:
        return "ignore"
    words = words_of(heading)
    is_code = bool(words) and words[-1] in _CODES
    is_numeric = all(number(value) is not None for value in given)
    has_numbers = any(isinstance(value, Decimal) for value in given)
    if _REACHED_BY.intersection(words):
        return "name"
    if _PEOPLE.intersection(words) and (is_code or not is_numeric):
        return "name"
    if is_code:
        return "label"
    if is_numeric or has_numbers:  # a text among numbers is then found to be wrong
        return _kind_of_number(words)
    if all(isinstance(value, str) and days(value) is not None for value in given):
        return "date"
    if words == ["name"] and report_type in _PEOPLE_REPORTS:
        return "name"
    return "label"


def _kind_of_number(words: Sequence[str]) -> str:
    """The last word that means something decides: `stock value` is money, `total orders` a count."""
    if words and words[0] in ("number", "no", "count"):
        return "count"
    if "%" in words or _RATES.intersection(words):
        return "rate"
    meant = [word for word in words if word in _MONEY or word in _COUNTS]
    return "money" if meant and meant[-1] in _MONEY else "count"


def is_main(heading: str) -> bool:
    """Whether a report is usually about this column."""
    return bool(_MAIN.intersection(words_of(heading)))


def better(heading: str, role: str, report_type: str) -> int:
    """1 when more of it is good, -1 when less is, 0 when nobody can say."""
    words = words_of(heading)
    if _BAD.intersection(words):
        return -1
    if role == "rate":
        return 1 if "margin" in words else 0
    if report_type in _LESS_IS_BETTER:
        return -1 if role == "money" else 0
    return 1 if report_type in _MORE_IS_BETTER else 0


def number(value: Any) -> Decimal | None:
    """A number, also one written as text: 1200.50 or 1,200.50. Codes such as 0012 are none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        return Decimal(value.replace(",", ""))
    return None


def days(text: str) -> tuple[date, date] | None:
    """The first and last day that a date means: 2026-11-21, with or without a time, or 2026-11."""
    try:
        if _MONTH.fullmatch(text):
            first = date.fromisoformat(f"{text}-01")
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).date()
            return day, day
    except ValueError:  # 2026-02-30
        return None
    return None


def is_sum(text: str) -> bool:
    """Whether a label says that its row is the sum of others."""
    return text.casefold().strip(" :.") in _SUMS
