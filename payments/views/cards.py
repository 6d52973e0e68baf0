from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from config.core import openapi
from config.core.pagination import page_of, paged
from payments import examples, selectors
from payments.serializers import SavedCardSerializer
from payments.services import cards


class CardsView(BusinessView):
    capabilities = {"GET": "buy"}

    @extend_schema(
        operation_id="saved_cards",
        summary="Cards that can be charged again",
        responses={200: page_of(SavedCardSerializer), 403: openapi.ErrorSerializer},
        examples=[openapi.response(examples.CARDS)],
    )
    def get(self, request: Request) -> Response:
        saved = selectors.saved_cards(business_id=self.business.pk)
        return paged(view=self, request=request, queryset=saved, serializer=SavedCardSerializer)


class CardView(BusinessView):
    capabilities = {"DELETE": "buy"}

    @extend_schema(
        operation_id="saved_card_remove",
        summary="Remove a saved card; it is never charged again",
        responses={204: None, 403: openapi.ErrorSerializer, 404: openapi.ErrorSerializer},
    )
    def delete(self, request: Request, card_id: int) -> Response:
        cards.remove(card_id=card_id, business_id=self.business.pk, now=timezone.now())
        return Response(status=204)
