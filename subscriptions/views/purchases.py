"""`/api/subscriptions/ai/purchase/`, `verify-payment/` and `addon/`."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.idempotency import idempotent
from subscriptions.examples import addon as addon_examples
from subscriptions.examples import purchases as examples
from subscriptions.selectors import account
from subscriptions.selectors.addons import is_paid_for
from subscriptions.serializers import billing
from subscriptions.services import addons, purchases


class PurchaseView(BusinessView):
    capabilities = {"POST": "buy"}

    @extend_schema(
        operation_id="ai_purchase",
        tags=["credits"],
        summary="Order a pack; the credits come once the payment is verified",
        request=billing.PurchaseRequestSerializer,
        responses={
            201: billing.PurchaseSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request(examples.PURCHASE_REQUEST),
            openapi.response(examples.PURCHASE, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = billing.PurchaseRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        purchase = purchases.start(
            business_id=self.business.pk,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            amount_ghs=body.validated_data.pop("amount", None),
            now=timezone.now(),
            **{"callback_url": "", **body.validated_data},
        )
        return Response(billing.PurchaseSerializer(purchase).data, status=201)


class VerifyPaymentView(BusinessView):
    capabilities = {"POST": "buy"}

    @extend_schema(
        operation_id="ai_verify_payment",
        tags=["credits"],
        summary="Ask whether a payment has arrived; credits are added once, however often you ask",
        request=billing.VerifyRequestSerializer,
        responses={
            200: billing.VerifySerializer,
            202: billing.PendingSerializer,
            402: openapi.ErrorSerializer,
            404: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request({"reference": examples.REFERENCE}),
            openapi.response(examples.VERIFIED),
            openapi.response(examples.PENDING, name="Pending", status=202),
        ],
    )
    def post(self, request: Request) -> Response:
        body = billing.VerifyRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        outcome = purchases.verify(
            business_id=self.business.pk, reference=body.validated_data["reference"], now=now
        )
        if outcome.pending:
            return Response(
                {"success": False, "status": outcome.pending, "message": outcome.message}, status=202
            )
        balance = account.account(business_id=self.business.pk, now=now).balance
        answer = {
            "success": True,
            "credits_added": outcome.credits,
            "new_balance": balance,
            "message": outcome.message,
        }
        return Response(billing.VerifySerializer(answer).data)


class AddonSubscribeView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="ai_addon_subscribe",
        tags=["add-on"],
        summary="Order the monthly add-on; its credits come once the first month is paid",
        request=billing.AddonRequestSerializer,
        responses={
            201: billing.AddonSerializer,
            400: openapi.ErrorSerializer,
            402: openapi.ErrorSerializer,
            409: openapi.ErrorSerializer,
            503: openapi.ErrorSerializer,
        },
        examples=[
            openapi.request({"payment_method": "PAYSTACK"}),
            openapi.response(addon_examples.ADDON, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = billing.AddonRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        period = addons.subscribe(
            business_id=self.business.pk,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            now=now,
            **{"callback_url": "", **body.validated_data},
        )
        answer = {
            "addon_id": period.addon_id,
            "addon": period.addon,
            "payment": period.payment,
            "next_renewal": addons.period_start(now, 1),
        }
        return Response(billing.AddonSerializer(answer).data, status=201)


class AddonCancelView(BusinessView):
    capabilities = {"POST": "subscribe"}

    @extend_schema(
        operation_id="ai_addon_cancel",
        tags=["add-on"],
        summary="Stop renewing the add-on; paid credits stay until the period ends",
        request=billing.CancelRequestSerializer,
        responses={200: billing.CancelSerializer, 404: openapi.ErrorSerializer},
        examples=[openapi.request({"immediate": False}), openapi.response(addon_examples.CANCELLED)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = billing.CancelRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        immediate = body.validated_data["immediate"]
        now = timezone.now()
        addon = addons.cancel(business_id=self.business.pk, immediate=immediate, now=now)
        has_ended = addon.status == "CANCELLED"
        what = "has ended" if has_ended else "will not renew"
        kept = f" Its credits stay yours until {addon.period_end:%-d %B %Y}."
        answer = {
            "success": True,
            "cancelled_immediately": has_ended,
            "message": f"The add-on {what}.{kept if is_paid_for(addon, now) else ''}",
        }
        return Response(billing.CancelSerializer(answer).data)
