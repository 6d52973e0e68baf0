"""The shape of a portfolio dashboard: the model's words, and beside them what was computed here."""

from typing import Any

from rest_framework import serializers


def _ghs(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, **options)


def _percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=8, decimal_places=2, **options)


class PortfolioOutput(serializers.Serializer):
    """The model's words."""

    headline = serializers.CharField(max_length=200, help_text="One line on the health of the portfolio.")
    executive_summary = serializers.CharField(
        max_length=2000, help_text="Four to seven sentences for the owner: state, trend, what matters most."
    )
    risks = serializers.ListField(
        child=serializers.CharField(max_length=400), min_length=1, max_length=5, help_text="Weightiest first."
    )
    actions = serializers.ListField(
        child=serializers.CharField(max_length=400),
        min_length=1,
        max_length=5,
        help_text="What to do next, the most useful first, one sentence each.",
    )


class PortfolioPart(serializers.Serializer):
    name = serializers.CharField()
    points = serializers.IntegerField()
    maximum = serializers.IntegerField()
    measure = _percent(help_text="What the points are given for: a percentage, days, or the HHI.")


class PortfolioHealth(serializers.Serializer):
    score = serializers.IntegerField(help_text="The sum of the points of the parts.")
    highest_score = serializers.IntegerField()
    grade = serializers.ChoiceField(["healthy", "watch", "at risk"])
    parts = PortfolioPart(many=True)


class PortfolioTotals(serializers.Serializer):
    receivables_ghs = _ghs()
    debtors = serializers.IntegerField()
    overdue_ghs = _ghs()
    overdue_percent = _percent()


class PortfolioBucket(serializers.Serializer):
    bucket = serializers.CharField()
    amount_ghs = _ghs()
    percent = _percent()


class PortfolioDay(serializers.Serializer):
    day = serializers.DateField()
    overdue_percent = _percent()
    dso_days = _ghs(allow_null=True)


class PortfolioDSO(serializers.Serializer):
    """Receivables ÷ credit sales × days of these sales."""

    days = _ghs()
    best_possible_days = _ghs(help_text="The same of what is not due yet.")
    delinquent_days = _ghs(help_text="The difference: what late payment adds.")
    credit_sales_ghs = _ghs()
    sales_days = serializers.IntegerField()


class PortfolioRollRate(serializers.Serializer):
    bucket = serializers.CharField()
    rolls_percent = _percent(help_text="The share that is in a later bucket 30 days on.")


class PortfolioConcentration(serializers.Serializer):
    top_5_percent = _percent()
    largest_percent = _percent()
    hhi = serializers.IntegerField(help_text="Herfindahl-Hirschman index, 0 to 10,000.")


class PortfolioBucketLoss(serializers.Serializer):
    bucket = serializers.CharField()
    loss_percent = _percent()
    loss_ghs = _ghs()


class PortfolioLoss(serializers.Serializer):
    """By provision matrix."""

    total_ghs = _ghs()
    percent = _percent()
    rates = serializers.ChoiceField(["given", "default"])
    by_bucket = PortfolioBucketLoss(many=True)


class PortfolioUtilisation(serializers.Serializer):
    limits_ghs = _ghs()
    used_ghs = _ghs()
    percent = _percent()
    lines = serializers.IntegerField()
    over_limit = serializers.IntegerField(help_text="Customers who owe more than their limit.")


class PortfolioPeriod(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField()
    expected_ghs = _ghs()
    falls_due_ghs = _ghs()


class PortfolioCash(serializers.Serializer):
    """What today's receivables bring in; new sales are not in it."""

    method = serializers.ChoiceField(["roll_rates", "due_dates"])
    expected_ghs = _ghs()
    periods = PortfolioPeriod(many=True)


class PortfolioSeries(serializers.Serializer):
    name = serializers.CharField()
    values = serializers.ListField(child=_ghs(allow_null=True))


class PortfolioChart(serializers.Serializer):
    """As many values in each series as there are labels."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(["bar", "stacked_bar", "line", "pie"])
    unit = serializers.CharField(help_text="GHS, % or days.")
    labels = serializers.ListField(child=serializers.CharField())
    series = PortfolioSeries(many=True)


class PortfolioWatched(serializers.Serializer):
    customer = serializers.CharField()
    open_ghs = _ghs()
    overdue_ghs = _ghs()
    oldest_days = serializers.IntegerField()
    expected_loss_ghs = _ghs()
    over_limit_ghs = _ghs()
    why = serializers.CharField()


class PortfolioResult(PortfolioOutput):
    """With what was computed here."""

    as_of = serializers.DateField()
    health = PortfolioHealth()
    totals = PortfolioTotals()
    ageing = PortfolioBucket(many=True, help_text="By days past due.")
    trend = PortfolioDay(many=True, help_text="Every 30 days, back to 180, the oldest first.")
    dso = PortfolioDSO(allow_null=True)
    roll_rates = PortfolioRollRate(many=True)
    concentration = PortfolioConcentration()
    expected_loss = PortfolioLoss()
    utilisation = PortfolioUtilisation(allow_null=True)
    cash_forecast = PortfolioCash()
    watch_list = PortfolioWatched(many=True)
    charts = PortfolioChart(many=True)
    notes = serializers.ListField(child=serializers.CharField(), help_text="What is missing and why.")
