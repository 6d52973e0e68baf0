"""Bodies of `/api/business/alerts/` and `/preferences/`."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from subscriptions.models import Alert
from subscriptions.selectors.alerts import KINDS

from .billing import amount

MAX_THRESHOLD = Decimal(100_000)
_KINDS = [(kind.value, kind.label) for kind in KINDS]


class AlertSerializer(serializers.ModelSerializer[Alert]):
    is_read = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = [
            "id",
            "kind",
            "severity",
            "title",
            "text",
            "link",
            "data",
            "created_at",
            "is_read",
            "read_at",
        ]
        read_only_fields = fields
        extra_kwargs = {"data": {"help_text": "The figures behind the text, by kind."}}

    def get_is_read(self, alert: Alert) -> bool:
        return alert.read_at is not None


class AlertQuerySerializer(serializers.Serializer[Any]):
    unread = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="true: those not read; false: the others.",
    )
    kind = serializers.ChoiceField(choices=_KINDS, required=False)


class MarkedSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField(help_text="How many were unread.")


class EmailsSerializer(serializers.Serializer[Any]):
    """Which kinds of alerts are mailed."""

    low_credit = serializers.BooleanField(required=False)
    budget = serializers.BooleanField(required=False)
    expiry = serializers.BooleanField(required=False)
    unusual_spend = serializers.BooleanField(required=False)
    renewal = serializers.BooleanField(required=False)
    lapsed = serializers.BooleanField(required=False)
    licence = serializers.BooleanField(required=False)


class PreferencesSerializer(serializers.Serializer[Any]):
    low_credit_threshold = amount(help_text="You are told when fewer credits are available. 0: never.")
    emails = EmailsSerializer()
    email_managers = serializers.BooleanField(help_text="Mail to managers, too, not to owners alone.")
    webhook_is_set = serializers.BooleanField()
    webhook_host = serializers.CharField(allow_null=True, help_text="The address is never shown again.")


class PreferencesUpdateSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    low_credit_threshold = amount(required=False, min_value=Decimal(0), max_value=MAX_THRESHOLD)
    emails = EmailsSerializer(required=False)
    email_managers = serializers.BooleanField(required=False)
    webhook_url = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text='An https address that takes {"text": …}, e.g. a Slack webhook. Empty removes it.',
    )
