"""The shape of a report summary: the model's words, and beside them what was computed here."""

from typing import Any

from rest_framework import serializers

from ai_features.facts.report_columns import NUMERIC


def _number(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, **options)


def _percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=1, **options)


def _lines(most: int, help_text: str, least: int = 0) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=400), min_length=least, max_length=most, help_text=help_text
    )


class ReportOutput(serializers.Serializer):
    """The model's words."""

    headline = serializers.CharField(max_length=200, help_text="One line: the main figure and how it moved.")
    summary = serializers.CharField(max_length=2000, help_text="Three to six sentences for the owner.")
    highlights = _lines(6, "What went well, the weightiest first, one sentence each.")
    risks = _lines(6, "What went badly or needs a look, the weightiest first. Empty when nothing does.")
    actions = _lines(6, "What to do next, the most useful first, one sentence each.", least=1)


class ReportAbout(serializers.Serializer):
    type = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    start = serializers.DateField()
    end = serializers.DateField()
    previous_start = serializers.DateField(allow_null=True)
    previous_end = serializers.DateField(allow_null=True)
    currency = serializers.CharField()
    rows = serializers.IntegerField()


class ReportTotal(serializers.Serializer):
    column = serializers.CharField()
    role = serializers.ChoiceField(NUMERIC, help_text="Money and counts are added up, rates averaged.")
    value = _number(allow_null=True)
    previous = _number(allow_null=True)
    change = _number(allow_null=True)
    change_percent = _percent(allow_null=True, help_text="Null unless the previous one is above 0.")
    per_day_percent = _percent(allow_null=True, help_text="Change per day, when the periods differ.")
    reading = serializers.ChoiceField(["good", "bad", "neutral"])


class ReportLeader(serializers.Serializer):
    name = serializers.CharField()
    value = _number()
    share_percent = _percent(allow_null=True)


class ReportMover(serializers.Serializer):
    name = serializers.CharField()
    value = _number()
    previous = _number()
    change = _number()
    change_percent = _percent(allow_null=True)


class ReportOutlier(serializers.Serializer):
    column = serializers.CharField()
    where = serializers.CharField(help_text="A day or a label.")
    value = _number()
    usual = _number(help_text="The median; of its own weekday where weekdays differ.")
    z = _percent(help_text="Modified z-score; an outlier is beyond 3.5.")


class ReportTrend(serializers.Serializer):
    direction = serializers.ChoiceField(["rising", "falling", "none"])
    per = serializers.ChoiceField(["day", "week", "month"])
    slope = _number(help_text="Change for each day, week or month.")
    points = serializers.IntegerField()
    method = serializers.CharField()


class ReportWeekday(serializers.Serializer):
    weekday = serializers.CharField()
    value = _number()
    days = serializers.IntegerField()


class ReportWeekdays(serializers.Serializer):
    clear = serializers.BooleanField(help_text="Whether weekdays differ more than chance explains.")
    best = serializers.CharField(allow_null=True)
    weakest = serializers.CharField(allow_null=True)
    typical = ReportWeekday(many=True, help_text="The median of each.")
    method = serializers.CharField()


class ReportFigures(serializers.Serializer):
    report = ReportAbout()
    measure = serializers.CharField(help_text="The column of leaders, movers, trend and weekdays.")
    group_by = serializers.CharField(allow_null=True, help_text="What leaders and movers are.")
    totals = ReportTotal(many=True)
    top = ReportLeader(many=True)
    bottom = ReportLeader(many=True, help_text="The smallest first; none that is among the top.")
    risers = ReportMover(many=True)
    fallers = ReportMover(many=True)
    outliers = ReportOutlier(many=True)
    trend = ReportTrend(allow_null=True)
    weekdays = ReportWeekdays(allow_null=True)
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What could not be computed, and why."
    )


class ReportResult(ReportOutput):
    figures = ReportFigures()
