"""The JSON of businesses, storefronts, members and API keys."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from config.core import time_zones
from config.core.phone import to_e164

from .models import ApiKey, Membership, Storefront
from .services.api_keys import SCOPES


class PhoneField(serializers.CharField):
    """In any usual spelling, out as E.164."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text:
            return text
        try:
            return to_e164(text)
        except ValueError:
            raise serializers.ValidationError(
                "Enter a phone number such as 0551234987 or +233551234987.", code="invalid_phone"
            ) from None


class TimezoneField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not time_zones.is_known(text):
            raise serializers.ValidationError(
                "Enter a time zone such as Africa/Accra.", code="invalid_timezone"
            )
        return text


class BusinessUpdateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False)
    phone = PhoneField(max_length=40, required=False, allow_blank=True)
    timezone = TimezoneField(required=False)


class BusinessCreateSerializer(BusinessUpdateSerializer):
    name = serializers.CharField(max_length=120)
    storefront = serializers.CharField(max_length=120, help_text="Name of the first storefront.")


class BusinessSerializer(serializers.ModelSerializer[Membership]):
    """A business as one of its members sees it."""

    id = serializers.UUIDField(source="business.pk")
    name = serializers.CharField(source="business.name")
    phone = serializers.CharField(source="business.phone")
    timezone = serializers.CharField(source="business.timezone")
    is_active = serializers.BooleanField(source="business.is_active")
    created_at = serializers.DateTimeField(source="business.created_at")

    class Meta:
        model = Membership
        fields = ["id", "name", "phone", "timezone", "is_active", "role", "created_at"]


class StorefrontSerializer(serializers.ModelSerializer[Storefront]):
    class Meta:
        model = Storefront
        fields = ["id", "name", "location", "is_active", "created_at"]
        read_only_fields = ["id", "is_active", "created_at"]


class MemberSerializer(serializers.ModelSerializer[Membership]):
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "is_active", "created_at"]


class ApiKeyCreateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES), min_length=1)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_scopes(self, value: list[str]) -> list[str]:
        return [scope for scope in SCOPES if scope in value]

    def validate_expires_at(self, value: Any) -> Any:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("Choose a moment in the future.", code="in_the_past")
        return value


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    created_by = serializers.EmailField(source="membership.user.email")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))

    class Meta:
        model = ApiKey
        fields = [
            *("id", "name", "prefix", "scopes", "created_by"),
            *("created_at", "expires_at", "last_used_at", "revoked_at"),
        ]


class NewApiKeySerializer(ApiKeySerializer):
    secret = serializers.CharField(help_text="Shown only here. Send it as `Authorization: Bearer …`.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "secret"]
