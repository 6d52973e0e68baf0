"""`/api/subscriptions/ai/`: what a business has and has used."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from subscriptions.ai_billing import AIBillingService
from subscriptions.examples import credits as examples
from subscriptions.selectors import account
from subscriptions.serializers import billing
from subscriptions.services import trial


class CreditsView(BusinessView):
    @extend_schema(
        operation_id="ai_credits",
        tags=["credits"],
        summary="The balance, where it comes from and how long it lasts",
        responses=billing.CreditsSerializer,
        examples=[openapi.response(examples.CREDITS)],
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        held = account.account(business_id=self.business.pk, now=now)
        overview = {
            **vars(held),
            "has_monthly_addon": held.addon is not None,
            "monthly_addon_details": held.addon,
            "grants": account.live_grants(business_id=self.business.pk, now=now),
            "runway": account.runway(held=held, now=now),
        }
        return Response(billing.CreditsSerializer(overview).data)


class CheckView(BusinessView):
    @extend_schema(
        operation_id="ai_check",
        tags=["credits"],
        summary="Whether one use of a feature could be paid now",
        parameters=[OpenApiParameter("feature", str, required=True)],
        responses=billing.CheckSerializer,
        examples=[openapi.response(examples.CHECK)],
    )
    def get(self, request: Request) -> Response:
        feature = request.query_params.get("feature", "")
        check = AIBillingService.check_credits(
            business_id=self.business.pk, feature=feature, now=timezone.now()
        )
        body = {**vars(check), "ok": check.ok, "feature": feature}
        return Response(billing.CheckSerializer(body).data)


class TrialView(BusinessView):
    capabilities = {"POST": "buy"}

    @extend_schema(
        operation_id="ai_trial",
        tags=["credits"],
        summary="Start with free credits, once per business and person",
        request=None,
        responses={201: billing.TrialSerializer, 409: openapi.ErrorSerializer},
        examples=[openapi.response(examples.TRIAL, status=201)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        now = timezone.now()
        grant = trial.claim(
            business_id=self.business.pk,
            email=self.membership.user.email,
            phone=self.business.phone,
            now=now,
        )
        body = {
            "credits_added": grant.credits,
            "new_balance": account.account(business_id=self.business.pk, now=now).balance,
            "message": f"{grant.credits} free credits are yours.",
        }
        return Response(billing.TrialSerializer(body).data, status=201)


class UsageStatsView(BusinessView):
    @extend_schema(
        operation_id="ai_usage_stats",
        tags=["credits"],
        summary="What was used over the last days, by feature and by day",
        description="The period is whole calendar days in the business's time zone: today and the `days` - 1"
        " before it. The figures are exact up to this moment. `total_cost_ghs` is for platform staff.",
        parameters=[billing.UsageQuerySerializer],
        responses=billing.UsageStatsSerializer,
        examples=[openapi.response(examples.USAGE)],
    )
    def get(self, request: Request) -> Response:
        query = billing.UsageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        stats = AIBillingService.get_usage_stats(
            business_id=self.business.pk,
            days=query.validated_data["days"],
            now=timezone.now(),
            timezone=self.business.timezone,
        )
        if not request.user.is_staff:
            del stats["total_cost_ghs"]
        return Response(billing.UsageStatsSerializer(stats).data)
