"""The platform admin's view of people, businesses and keys. Allauth's own tables look the same."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from .models import ApiKey, Business, Membership, Storefront, User
from .services import api_keys


class LookOnly(ModelAdmin):
    """Rows that come about elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]
    readonly_fields = ["created_at"]
    tab = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # untick "is active": the books name members


class StorefrontInline(TabularInline):
    model = Storefront
    extra = 0
    readonly_fields = ["created_at"]
    tab = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["-date_joined"]
    list_display = ["email", "name", "phone", "is_staff", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "date_joined"]
    search_fields = ["email", "name", "phone"]
    readonly_fields = ["date_joined", "last_login"]
    filter_horizontal = ["user_permissions"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "phone"]}),
        ("Access", {"fields": ["is_active", "is_staff", "is_superuser", "user_permissions"]}),
        ("Dates", {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]


@admin.register(Business)
class BusinessAdmin(ModelAdmin):
    list_display = ["name", "phone", "member_count", "storefront_count", "is_active", "created_at"]
    list_filter = ["is_active", "created_at"]
    search_fields = ["name", "phone", "memberships__user__email", "=id"]
    date_hierarchy = "created_at"
    readonly_fields = ["id", "created_at"]
    inlines = [MembershipInline, StorefrontInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Business]:
        counts = {
            "members": Count("memberships", distinct=True),
            "shops": Count("storefronts", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # untick "is active": the books name it

    @admin.display(description="Members", ordering="members")
    def member_count(self, business: Any) -> int:
        return int(business.members)

    @admin.display(description="Storefronts", ordering="shops")
    def storefront_count(self, business: Any) -> int:
        return int(business.shops)


@admin.register(ApiKey)
class ApiKeyAdmin(LookOnly):
    list_display = [
        "name",
        "prefix",
        "business",
        "scopes",
        "created_at",
        "last_used_at",
        "expires_at",
        "live",
    ]
    list_filter = ["created_at", "revoked_at"]
    list_select_related = ["membership__business"]
    search_fields = ["name", "prefix", "membership__business__name", "membership__user__email"]
    exclude = ["key_hash"]
    actions = ["revoke"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Business", ordering="membership__business__name")
    def business(self, key: ApiKey) -> str:
        return key.membership.business.name

    @admin.display(description="Live", boolean=True)
    def live(self, key: ApiKey) -> bool:
        return key.revoked_at is None and (key.expires_at is None or key.expires_at > timezone.now())

    @admin.action(description="Revoke at once", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        for key in queryset.select_related("membership"):
            api_keys.revoke(business_id=key.membership.business_id, key_id=key.pk, now=now)
            self.log_change(request, key, "Revoked.")
        self.message_user(request, f"Revoked: {queryset.count()}.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_apikey"))


for model in (EmailAddress, UserSession, Authenticator, SocialAccount, SocialApp, SocialToken, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(EmailAddress)
class EmailAddressAdmin(ModelAdmin):
    list_display = ["email", "user", "verified", "primary"]
    list_filter = ["verified", "primary"]
    list_select_related = ["user"]
    search_fields = ["email", "user__email"]
    autocomplete_fields = ["user"]


@admin.register(UserSession)
class DeviceAdmin(LookOnly):
    list_display = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "ip", "user_agent"]
    fields = ["user", "ip", "user_agent", "created_at", "last_seen_at"]  # never the session's key
    actions = ["sign_out"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # would leave the session itself alive

    @admin.action(description="Sign these devices out at once", permissions=["sign_out"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        devices = list(queryset)
        for device in devices:
            self.log_deletion(request, [device])
            device.end()
        self.message_user(request, f"Signed out: {len(devices)}.")

    def has_sign_out_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("usersessions.delete_usersession"))


@admin.register(Authenticator)
class AuthenticatorAdmin(LookOnly):
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]  # never the secret
