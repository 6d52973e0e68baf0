"""What the report summary takes, what it asks of the model and what it delivers."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_features.facts import report_columns as columns
from ai_features.features.fields import Name
from ai_features.privacy.normalise import clean, fold

MAX_ROWS = 500
MAX_COLUMNS = 20
_MAX_HEADING = 60
_MAX_TEXT = 200
_BELOW = Decimal(1_000_000_000)  # longer numbers may be telephone numbers, which never leave
_MAX_DIGITS_IN_HEADING = 8
_ERRORS_SHOWN = 5
_FINEST = Decimal("0.0001")

Row = dict[str, Any]


@extend_schema_field(
    {"oneOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}], "nullable": True}
)
class Cell(serializers.Field):
    """A number, a text, yes or no, or nothing. Comes out as Decimal, text or None."""

    default_error_messages = {
        "invalid": "Send a number, a text, a date as 2026-11-21, or null.",
        "not_finite": "This is not a number. Send null where there is none.",
        "too_large": "Numbers are below 1,000,000,000; send thousands instead.",
        "too_long": f"At most {_MAX_TEXT} characters.",
    }

    def to_internal_value(self, data: Any) -> Decimal | str | None:
        if isinstance(data, bool):
            return "yes" if data else "no"
        if isinstance(data, str):
            text = clean(data).strip()
            if len(text) > _MAX_TEXT:
                self.fail("too_long")
            return text or None
        if not isinstance(data, int | float | Decimal):
            self.fail("invalid")
        return self._number(data)

    def _number(self, data: int | float | Decimal) -> Decimal:
        value = Decimal(repr(data)) if isinstance(data, float) else Decimal(data)
        if not value.is_finite():
            self.fail("not_finite")
        if abs(value) >= _BELOW:
            self.fail("too_large")
        return value.quantize(_FINEST, ROUND_HALF_UP)


class RowField(serializers.DictField):
    child = Cell(allow_null=True)

    def to_internal_value(self, data: Any) -> Row:
        row: Row = super().to_internal_value(data)
        for heading in row:
            problem = _heading_problem(heading)
            if problem:
                raise serializers.ValidationError({heading[:_MAX_HEADING]: [problem]}, code="invalid")
        return row


def _heading_problem(heading: str) -> str | None:
    if not heading.strip() or len(heading) > _MAX_HEADING:
        return f"Headings have 1 to {_MAX_HEADING} characters."
    if "@" in heading or sum(char.isdigit() for char in heading) > _MAX_DIGITS_IN_HEADING:
        return "A heading must not hold an e-mail address or a long number."
    return None


def _rows(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=RowField(),
        max_length=MAX_ROWS,
        required=False,
        error_messages={
            "max_length": "At most {max_length} rows. Group them by day or article, or send `totals` alone."
        },
        **options,
    )


class Period(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField(help_text="The last day that counts.")

    def validate(self, period: dict[str, date]) -> dict[str, date]:
        if not date(2000, 1, 1) <= period["start"] <= period["end"] < date(2100, 1, 1):
            raise serializers.ValidationError(
                {"end": "The last day must not be before the first, both from 2000 to 2099."}, code="invalid"
            )
        return period


class PreviousInput(serializers.Serializer):
    period = Period()
    rows = _rows(help_text="With the same headings.")
    totals = RowField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("rows") and not data.get("totals"):
            raise serializers.ValidationError({"rows": "Send rows or totals of the previous period."})
        return data


class ReportInput(serializers.Serializer):
    report_type = serializers.ChoiceField(columns.TYPES)
    title = serializers.CharField(max_length=120, required=False)
    period = Period()
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", default="GHS", error_messages={"invalid": "A code of three capitals, such as GHS."}
    )
    rows = _rows(help_text="Heading → value, at most 500 rows of 20 columns. No row of totals.")
    totals = RowField(
        required=False,
        help_text="Heading → number, of the whole report: instead of rows, or beside some of them.",
    )
    previous = PreviousInput(required=False)
    columns = serializers.DictField(
        child=serializers.ChoiceField(columns.ROLES),
        required=False,
        help_text="Heading → what it holds, where the guess is not right. Money and counts are added up, a "
        "`rate` (price, percentage, level on a day) is averaged. Mark customers and staff as `name`: those "
        "values never leave. Guessed so: customer, client, staff, cashier, supplier, phone, email and alike.",
    )
    measure = serializers.CharField(
        max_length=_MAX_HEADING,
        required=False,
        help_text="The heading that matters most; else the first of money.",
    )
    group_by = serializers.CharField(
        max_length=_MAX_HEADING,
        required=False,
        help_text="The heading that tells rows apart; else a label.",
    )
    names = serializers.ListField(
        child=Name(max_length=80),
        max_length=100,
        required=False,
        help_text="People who are named anywhere else, such as in headings or the title.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Gives every column its role and every value its type; what is to be ignored is gone."""
        if "rows" not in data and "totals" not in data:
            raise serializers.ValidationError({"rows": "Send rows, or totals."}, code="required")
        before = data.get("previous", {})
        if before and before["period"]["end"] >= data["period"]["start"]:
            raise serializers.ValidationError(
                {"previous": {"period": {"end": "This must be before the period starts."}}}, code="invalid"
            )
        roles = _roles(data)
        problems: dict[str, Any] = _convert(data, roles)
        if before:
            below = _convert(before, roles)
            problems |= {"previous": below} if below else {}
        if problems:
            raise serializers.ValidationError(problems, code="invalid")
        data["columns"] = {heading: role for heading, role in roles.items() if role != "ignore"}
        _check_choices(data)
        return data


def _headings(rows: list[Row]) -> list[str]:
    """In the order of their first rows. Raises ValidationError."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    if len(headings) > MAX_COLUMNS:
        detail = f"At most {MAX_COLUMNS} different headings; there are {len(headings)}."
        raise serializers.ValidationError({"rows": detail}, code="max_length")
    # Those that look alike would become one when names and odd letters are replaced.
    looks = [fold(clean(heading)).strip().casefold() for heading in headings]
    twice = [heading for place, heading in enumerate(headings) if looks[place] in looks[:place]]
    if twice:
        detail = f"Two headings look alike: {', '.join(twice)}. Use one."
        raise serializers.ValidationError({"rows": detail}, code="invalid")
    return headings


def _roles(data: dict[str, Any]) -> dict[str, str]:
    """Heading → role. Raises ValidationError."""
    before, given = data.get("previous", {}), data.get("columns", {})
    sums = [data.get("totals", {}), before.get("totals", {})]
    rows = [*data.get("rows", ()), *before.get("rows", ()), *sums]
    headings = _headings(rows)
    unknown = [heading for heading in given if heading not in headings]
    if unknown:
        raise serializers.ValidationError({"columns": {unknown[0]: "No row has this heading."}})
    roles = {
        heading: given.get(heading)
        or columns.guess(heading, [row.get(heading) for row in rows], data["report_type"])
        for heading in headings
    }
    dated = [heading for heading, role in roles.items() if role == "date"]
    marked = [heading for heading in dated if heading in given]
    if len(marked) > 1:
        raise serializers.ValidationError({"columns": {marked[1]: "One column of dates, please."}})
    for heading in dated:
        if heading != (marked or dated)[0]:
            roles[heading] = "ignore"
    return roles


def _convert(part: dict[str, Any], roles: dict[str, str]) -> dict[str, Any]:
    """Puts typed values into `rows` and `totals`; returns what is wrong by place."""
    period = part["period"]
    problems: dict[str, Any] = {}
    for place, row in enumerate(part.get("rows", ())):
        wrong = dict(_convert_row(row, roles, period))
        if wrong and len(problems) < _ERRORS_SHOWN:
            problems[str(place)] = wrong
    found: dict[str, Any] = {"rows": problems} if problems else {}
    if part.get("totals"):
        kept = {heading: role if role in columns.NUMERIC else "count" for heading, role in roles.items()}
        kept |= {heading: "ignore" for heading, role in roles.items() if role == "ignore"}
        wrong = dict(_convert_row(part["totals"], kept, period))
        found |= {"totals": wrong} if wrong else {}
    return found


def _convert_row(row: Row, roles: dict[str, str], period: dict[str, date]) -> Iterator[tuple[str, list[str]]]:
    for heading in list(row):
        role, value = roles[heading], row[heading]
        if role == "ignore" or value is None:
            del row[heading]
            continue
        row[heading], problem = _converted(value, role, period)
        if problem:
            yield heading, [problem]


def _converted(value: Any, role: str, period: dict[str, date]) -> tuple[Any, str | None]:
    if role in columns.NUMERIC:
        number = columns.number(value)
        if number is None:
            return None, "Send a number such as 1200.50, or null; or mark the column as `label` in `columns`."
        if abs(number) >= _BELOW:
            return None, "Numbers are below 1,000,000,000; send thousands instead."
        return number.quantize(_FINEST, ROUND_HALF_UP), None
    text = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    if role == "date":
        return _day(text, period)
    if columns.is_sum(text):
        return None, "This looks like a row of totals: leave it out, or send it as `totals`."
    if role == "name":
        return _name(text)
    return text, None


def _day(text: str, period: dict[str, date]) -> tuple[date | None, str | None]:
    span = columns.days(text)
    if span is None:
        return None, "Send a date as 2026-11-21, or a month as 2026-11."
    if span[1] < period["start"] or span[0] > period["end"]:
        return None, f"This is not within the period, {period['start']} to {period['end']}."
    return span[0], None


def _name(text: str) -> tuple[str | None, str | None]:
    """As tokens need it: see `fields.Name`. A dash stands for nobody."""
    if not any(char.isalnum() for char in text):
        return None, None
    try:
        return str(Name(max_length=_MAX_TEXT).run_validation(text)), None
    except serializers.ValidationError:
        return None, "Give a name of at least two letters, or null."


def _check_choices(data: dict[str, Any]) -> None:
    wanted = {
        "measure": (columns.NUMERIC, "of numbers"),
        "group_by": (("label", "name"), "of labels or names"),
    }
    for field, (roles, kind) in wanted.items():
        if field in data and data["columns"].get(data[field]) not in roles:
            fitting = [heading for heading, role in data["columns"].items() if role in roles]
            detail = f"No column {kind} has this heading. There are: {', '.join(fitting) or 'none'}."
            raise serializers.ValidationError({field: detail}, code="invalid")
