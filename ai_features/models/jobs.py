import uuid

from django.db import models
from django.db.models import Q


class AIJob(models.Model):
    """Up to fifty items of one feature, answered in the background, part by part."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    ENDED = (Status.DONE, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    feature = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    total = models.PositiveSmallIntegerField(help_text="Items.")
    sealed_items = models.TextField(
        editable=False, blank=True, help_text="What was asked, encrypted; gone once the job has ended."
    )
    next_attempt_at = models.DateTimeField(
        null=True, help_text="Whoever looks from then on may take it up; empty once it has ended."
    )
    cancel_requested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "AI job"
        constraints = [
            models.CheckConstraint(
                name="ai_job_due_until_ended",
                condition=Q(
                    status__in=["queued", "running"], next_attempt_at__isnull=False, finished_at__isnull=True
                )
                & ~Q(sealed_items="")
                | Q(
                    status__in=["done", "cancelled"],
                    next_attempt_at__isnull=True,
                    finished_at__isnull=False,
                    sealed_items="",
                ),
            ),
            models.CheckConstraint(name="ai_job_size", condition=Q(total__gte=1, total__lte=50)),
        ]
        indexes = [
            models.Index(fields=["business", "-created_at", "-id"], name="ai_job_of_business"),
            models.Index(
                fields=["next_attempt_at"], name="ai_job_due", condition=Q(next_attempt_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total} × {self.feature}, {self.status}"


class AIJobPart(models.Model):
    """The items of a job that share one call. Its Idempotency-Key is made of job and place."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    job = models.ForeignKey(AIJob, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveSmallIntegerField()
    size = models.PositiveSmallIntegerField(help_text="Items.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    request = models.ForeignKey("ai_features.AIRequest", models.SET_NULL, null=True, related_name="+")
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "part of an AI job"
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="ai_job_part_once"),
            models.CheckConstraint(
                name="ai_job_part_status",
                condition=Q(status__in=["waiting", "cancelled"], request__isnull=True)
                | Q(status="done")
                | Q(status="failed", request__isnull=True) & ~Q(error_code=""),
            ),
        ]

    def __str__(self) -> str:
        return f"part {self.number} of {self.job_id}"

    @property
    def key(self) -> str:
        return f"job:{self.job_id}:{self.number}"
