"""Many items of one feature in the background."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import BusinessView
from accounts.errors import RoleNotAllowed
from ai_features import examples, selectors, serializers
from ai_features.features import FEATURES
from ai_features.models import AIJob
from ai_features.services import jobs
from config.core import openapi
from config.core.idempotency import idempotent
from config.core.pagination import page_of, paged
from subscriptions.errors import UnknownFeature

from .document import IDEMPOTENCY_KEY, READ_REFUSALS, REFUSALS, require_key


class JobView(BusinessView):
    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "ai"}

    def job(self, job_id: UUID) -> AIJob:
        return selectors.get_job(
            job_id=job_id, business_id=self.business.pk, membership_id=self.membership.pk
        )


class JobsView(JobView):
    @extend_schema(
        summary="Your jobs",
        operation_id="ai_jobs",
        tags=["AI"],
        responses={200: page_of(serializers.JobSummarySerializer), **READ_REFUSALS},
        examples=[openapi.page(examples.JOB_SUMMARY)],
    )
    def get(self, request: Request) -> Response:
        mine = selectors.jobs(business_id=self.business.pk, membership_id=self.membership.pk)
        return paged(view=self, request=request, queryset=mine, serializer=serializers.JobSummarySerializer)

    @extend_schema(
        summary="Answer up to fifty items of one feature in the background; what is delivered is charged",
        operation_id="ai_job_create",
        tags=["AI"],
        parameters=[IDEMPOTENCY_KEY],
        request=serializers.JobCreateSerializer,
        responses={201: serializers.JobSerializer, **REFUSALS},
        examples=[openapi.request(examples.NEW_JOB), openapi.response(examples.JOB)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        require_key(request)
        body = serializers.JobCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        slug = body.validated_data["feature"]
        if slug not in FEATURES:
            raise UnknownFeature
        if self.role is None or slug not in self.role.features:
            raise RoleNotAllowed(feature=slug)
        job = jobs.create(
            business_id=self.business.pk,
            membership_id=self.membership.pk,
            feature=FEATURES[slug],
            items=body.validated_data["items"],
            now=timezone.now(),
        )
        return Response(serializers.JobSerializer(self.job(job.pk)).data, status=status.HTTP_201_CREATED)


class JobDetailView(JobView):
    @extend_schema(
        summary="How far a job is, with what is delivered so far",
        operation_id="ai_job",
        tags=["AI"],
        responses={200: serializers.JobSerializer, **READ_REFUSALS},
        examples=[openapi.response(examples.JOB)],
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(serializers.JobSerializer(self.job(job_id)).data)


class JobCancelView(JobView):
    @extend_schema(
        summary="Begin nothing more of a job; what is delivered stays",
        operation_id="ai_job_cancel",
        tags=["AI"],
        request=None,
        responses={200: serializers.JobSerializer, **READ_REFUSALS},
        examples=[openapi.response(examples.JOB)],
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        jobs.cancel(job=self.job(job_id), now=timezone.now())
        return Response(serializers.JobSerializer(self.job(job_id)).data)
