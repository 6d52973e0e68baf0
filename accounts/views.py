"""`/api/business/`: businesses, storefronts, members, API keys."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.core import openapi
from config.core.pagination import page_of, paged
from config.core.rate_limit import check

from . import examples, selectors
from .access import BusinessView, chosen_business, person
from .serializers import (
    ApiKeyCreateSerializer,
    ApiKeySerializer,
    BusinessCreateSerializer,
    BusinessSerializer,
    BusinessUpdateSerializer,
    MemberSerializer,
    NewApiKeySerializer,
    StorefrontSerializer,
)
from .services import api_keys, businesses

PEOPLE_WRITE = {"GET": "read", "HEAD": "read"}


class BusinessesView(BusinessView):
    capabilities = {"PATCH": "manage"}
    scopes = PEOPLE_WRITE
    without_business = frozenset({"GET", "HEAD", "POST"})

    @extend_schema(
        tags=["business"],
        operation_id="business_list",
        summary="The businesses you belong to, with your role; only one when X-Business-ID names it",
        responses=page_of(BusinessSerializer),
        examples=[openapi.page(examples.BUSINESS)],
    )
    def get(self, request: Request) -> Response:
        mine = selectors.memberships_of(user_id=person(request).pk, business_id=chosen_business(request))
        return paged(view=self, request=request, queryset=mine, serializer=BusinessSerializer)

    @extend_schema(
        tags=["business"],
        operation_id="business_create",
        summary="Create a business with its first storefront; you become its owner",
        request=BusinessCreateSerializer,
        responses={201: BusinessSerializer},
        examples=[openapi.request(examples.NEW_BUSINESS), openapi.response(examples.BUSINESS)],
    )
    def post(self, request: Request) -> Response:
        body = BusinessCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        check(
            scope="new_business", identity=str(person(request).pk), limit=settings.RATE_LIMITS["new_business"]
        )
        membership = businesses.create(owner=person(request), now=timezone.now(), **body.validated_data)
        return Response(BusinessSerializer(membership).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        tags=["business"],
        operation_id="business_update",
        summary="Change name, phone or time zone",
        request=BusinessUpdateSerializer,
        responses=BusinessSerializer,
        examples=[
            openapi.request({"phone": "0551234987"}),
            openapi.response(examples.BUSINESS),
        ],
    )
    def patch(self, request: Request) -> Response:
        body = BusinessUpdateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.membership.business = businesses.update(business_id=self.business.pk, **body.validated_data)
        return Response(BusinessSerializer(self.membership).data)


class StorefrontsView(BusinessView):
    capabilities = {"POST": "manage"}
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["business"],
        operation_id="storefront_list",
        summary="The storefronts of the business",
        responses=page_of(StorefrontSerializer),
        examples=[openapi.page(examples.STOREFRONT)],
    )
    def get(self, request: Request) -> Response:
        rows = selectors.storefronts(business_id=self.business.pk)
        return paged(view=self, request=request, queryset=rows, serializer=StorefrontSerializer)

    @extend_schema(
        tags=["business"],
        operation_id="storefront_create",
        summary="Add a storefront",
        request=StorefrontSerializer,
        responses={201: StorefrontSerializer, 409: openapi.ErrorSerializer},
        examples=[
            openapi.request({"name": "Kaneshie branch", "location": "Accra"}),
            openapi.response(examples.STOREFRONT),
        ],
    )
    def post(self, request: Request) -> Response:
        body = StorefrontSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        added = businesses.add_storefront(
            business_id=self.business.pk, now=timezone.now(), **body.validated_data
        )
        return Response(StorefrontSerializer(added).data, status=status.HTTP_201_CREATED)


class MembersView(BusinessView):
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["business"],
        operation_id="member_list",
        summary="The members of the business, with their roles",
        responses=page_of(MemberSerializer),
        examples=[openapi.page(examples.MEMBER)],
    )
    def get(self, request: Request) -> Response:
        rows = selectors.members(business_id=self.business.pk)
        return paged(view=self, request=request, queryset=rows, serializer=MemberSerializer)


class ApiKeysView(BusinessView):
    capabilities = {"GET": "manage", "POST": "manage"}
    scopes = PEOPLE_WRITE

    @extend_schema(
        tags=["api keys"],
        operation_id="api_key_list",
        summary="The API keys of the business, without their secrets",
        responses=page_of(ApiKeySerializer),
        examples=[openapi.page(examples.API_KEY)],
    )
    def get(self, request: Request) -> Response:
        rows = selectors.api_keys(business_id=self.business.pk)
        return paged(view=self, request=request, queryset=rows, serializer=ApiKeySerializer)

    @extend_schema(
        tags=["api keys"],
        operation_id="api_key_create",
        summary="Create an API key that acts as you; its secret is shown only in this answer",
        request=ApiKeyCreateSerializer,
        responses={201: NewApiKeySerializer},
        examples=[openapi.request(examples.NEW_API_KEY), openapi.response(examples.CREATED_API_KEY)],
    )
    def post(self, request: Request) -> Response:
        body = ApiKeyCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key, secret = api_keys.create(membership=self.membership, now=timezone.now(), **body.validated_data)
        key.secret = secret  # type: ignore[attr-defined]  # not a field: it is never stored
        return Response(NewApiKeySerializer(key).data, status=status.HTTP_201_CREATED)


class ApiKeyView(BusinessView):
    capabilities = {"DELETE": "manage"}
    scopes = {}

    @extend_schema(
        tags=["api keys"],
        operation_id="api_key_revoke",
        summary="Revoke an API key at once; revoking it again changes nothing",
        responses={204: None},
        examples=[OpenApiExample("Revoked", status_codes=["204"], value=None)],
    )
    def delete(self, request: Request, key_id: UUID, **kwargs: Any) -> Response:
        api_keys.revoke(business_id=self.business.pk, key_id=key_id, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
