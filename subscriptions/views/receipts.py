"""`/api/subscriptions/ai/purchases/` and `ai/receipts/`: what was bought, and the paper for it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.pagination import page_of, paged
from subscriptions import receipts_pdf
from subscriptions.examples import purchases as examples
from subscriptions.models import Receipt
from subscriptions.selectors import purchases
from subscriptions.serializers import receipts as shapes

_NEEDS = {"GET": "statements", "HEAD": "statements"}
_PDF = {
    (200, "application/pdf"): OpenApiTypes.BINARY,
    403: openapi.ErrorSerializer,
    404: openapi.ErrorSerializer,
}
_NOT_FOUND = openapi.error("not_found", "Not found.", 404)


class ErrorsAsJson(DefaultContentNegotiation):
    """A client that accepts PDF alone still gets its errors, as JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class PurchasesView(BusinessView):
    capabilities = _NEEDS

    @extend_schema(
        operation_id="ai_purchase_list",
        tags=["credits"],
        summary="The packs that were ordered, newest first, with how each is paid",
        responses=page_of(shapes.PurchaseRowSerializer),
        examples=[openapi.page(examples.BOUGHT)],
    )
    def get(self, request: Request) -> Response:
        rows = purchases.purchases(business_id=self.business.pk, now=timezone.now())
        return paged(view=self, request=request, queryset=rows, serializer=shapes.PurchaseRowSerializer)


class PurchaseDetailView(BusinessView):
    capabilities = _NEEDS

    @extend_schema(
        operation_id="ai_purchase_detail",
        tags=["credits"],
        summary="One order with every attempt to pay for it and every refund",
        responses={200: shapes.PurchaseDetailSerializer, 404: openapi.ErrorSerializer},
        examples=[openapi.response(examples.BOUGHT_DETAIL), _NOT_FOUND],
    )
    def get(self, request: Request, purchase_id: UUID) -> Response:
        found = purchases.purchase(business_id=self.business.pk, purchase_id=purchase_id, now=timezone.now())
        return Response(shapes.PurchaseDetailSerializer(found).data)


class PurchaseReceiptView(BusinessView):
    capabilities = _NEEDS
    content_negotiation_class = ErrorsAsJson

    @extend_schema(
        operation_id="ai_purchase_receipt",
        tags=["credits"],
        summary="The receipt of a paid order, as a PDF",
        responses={**_PDF, 409: openapi.ErrorSerializer},
        examples=[
            openapi.error("not_paid_yet", "This purchase is not paid yet, so there is no receipt.", 409),
            _NOT_FOUND,
        ],
    )
    def get(self, request: Request, purchase_id: UUID) -> HttpResponse:
        return _download(purchases.receipt_of(business_id=self.business.pk, purchase_id=purchase_id))


class ReceiptsView(BusinessView):
    capabilities = _NEEDS

    @extend_schema(
        operation_id="ai_receipt_list",
        tags=["credits"],
        summary="Every receipt and credit note, of packs and add-on months, newest first",
        responses=page_of(shapes.TaxReceiptSerializer),
        examples=[openapi.page(examples.RECEIPT)],
    )
    def get(self, request: Request) -> Response:
        rows = purchases.receipts(business_id=self.business.pk)
        return paged(view=self, request=request, queryset=rows, serializer=shapes.TaxReceiptSerializer)


class ReceiptView(BusinessView):
    capabilities = _NEEDS

    @extend_schema(
        operation_id="ai_receipt_detail",
        tags=["credits"],
        summary="One receipt or credit note, with its taxes",
        responses={200: shapes.TaxReceiptSerializer, 404: openapi.ErrorSerializer},
        examples=[openapi.response(examples.RECEIPT), _NOT_FOUND],
    )
    def get(self, request: Request, number: str) -> Response:
        found = purchases.receipt(business_id=self.business.pk, number=number)
        return Response(shapes.TaxReceiptSerializer(found).data)


class ReceiptDocumentView(BusinessView):
    capabilities = _NEEDS
    content_negotiation_class = ErrorsAsJson

    @extend_schema(
        operation_id="ai_receipt_document",
        tags=["credits"],
        summary="One receipt or credit note, as a PDF",
        responses=_PDF,
        examples=[_NOT_FOUND],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        return _download(purchases.receipt(business_id=self.business.pk, number=number))


def _download(receipt: Receipt) -> HttpResponse:
    """Never kept by a cache: several people sign in on the browser of one till."""
    return HttpResponse(
        receipts_pdf.render(receipt=receipt),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{receipt.number}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )
