"""Webhooks of a member: told of the member's own conversations, with the enterprise licence."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core.openapi import ErrorSerializer
from config.core.pagination import page_of, paged
from support_chat import webhook_examples as examples
from support_chat import webhook_serializers as serializers
from support_chat.services import askers, delivering, outbox, quotas, webhooks
from support_chat.types import Asker, Limits

from .document import READ_REFUSALS


class WebhookView(BusinessView):
    """No API key may: who holds one could send conversations away."""

    scopes: ClassVar[dict[str, str]] = {}

    asker: Asker

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if hasattr(self, "membership"):
            self.asker = askers.member(self.membership, self.role)

    def limits(self) -> Limits:
        return quotas.limits(asker=self.asker, now=timezone.now())


class WebhooksView(WebhookView):
    @extend_schema(
        operation_id="support_webhooks",
        summary="List your webhooks",
        tags=["Support"],
        responses={200: page_of(serializers.ChatWebhookSerializer), **READ_REFUSALS},
        examples=examples.LIST,
    )
    def get(self, request: Request) -> Response:
        mine = webhooks.of_asker(asker=self.asker)
        return paged(view=self, request=request, queryset=mine, serializer=serializers.ChatWebhookSerializer)

    @extend_schema(
        operation_id="support_webhook_create",
        summary="Be told of what happens in your conversations",
        tags=["Support"],
        request=serializers.WebhookCreateSerializer,
        responses={
            201: serializers.WebhookSecretSerializer,
            400: ErrorSerializer,
            409: ErrorSerializer,
            **READ_REFUSALS,
        },
        examples=examples.CREATE,
    )
    def post(self, request: Request) -> Response:
        """Each event is posted as JSON and signed: `Sika-Signature: t=…,v1=…`, where v1 is the hex
        HMAC-SHA256 of `t.body` with the secret. What is not answered with 2xx is tried again for 22 hours;
        `id` tells a repeat.
        """
        body = serializers.WebhookCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made, secret = webhooks.create(
            asker=self.asker, limits=self.limits(), now=timezone.now(), **body.validated_data
        )
        told = serializers.ChatWebhookSerializer(made).data
        return Response({**told, "secret": secret}, status=201)


class WebhookOneView(WebhookView):
    @extend_schema(
        operation_id="support_webhook",
        summary="See one webhook",
        tags=["Support"],
        responses={200: serializers.ChatWebhookSerializer, **READ_REFUSALS},
        examples=examples.ONE,
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        found = webhooks.find(asker=self.asker, webhook_id=webhook_id)
        return Response(serializers.ChatWebhookSerializer(found).data)

    @extend_schema(
        operation_id="support_webhook_change",
        summary="Change what a webhook is told of, or switch it off and on",
        tags=["Support"],
        request=serializers.WebhookChangeSerializer,
        responses={200: serializers.ChatWebhookSerializer, 400: ErrorSerializer, **READ_REFUSALS},
        examples=examples.CHANGE,
    )
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        body = serializers.WebhookChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changed = webhooks.change(asker=self.asker, webhook_id=webhook_id, **body.validated_data)
        return Response(serializers.ChatWebhookSerializer(changed).data)

    @extend_schema(
        operation_id="support_webhook_delete",
        summary="Delete a webhook, with its deliveries",
        tags=["Support"],
        responses={204: None, **READ_REFUSALS},
    )
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        webhooks.delete(asker=self.asker, webhook_id=webhook_id)
        return Response(status=204)


class WebhookTestView(WebhookView):
    @extend_schema(
        operation_id="support_webhook_test",
        summary="Send a webhook a ping, and see what it answers",
        tags=["Support"],
        request=None,
        responses={200: serializers.ChatDeliverySerializer, **READ_REFUSALS},
        examples=examples.TEST,
    )
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Sent at once, tried once."""
        now, found = timezone.now(), webhooks.find(asker=self.asker, webhook_id=webhook_id)
        webhooks.check_allowed(limits=self.limits())
        delivery = outbox.ping(webhook=found, now=now)
        delivering.deliver(delivery_id=delivery.pk, now=now)
        delivery.refresh_from_db()
        return Response(serializers.ChatDeliverySerializer(delivery).data)


class WebhookDeliveriesView(WebhookView):
    @extend_schema(
        operation_id="support_webhook_deliveries",
        summary="See what was sent to a webhook, and what became of it",
        tags=["Support"],
        responses={200: page_of(serializers.ChatDeliverySerializer), **READ_REFUSALS},
        examples=examples.DELIVERIES,
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """The newest first, 50 a page; kept for 30 days."""
        rows = webhooks.find(asker=self.asker, webhook_id=webhook_id).deliveries.defer("body")
        return paged(view=self, request=request, queryset=rows, serializer=serializers.ChatDeliverySerializer)
