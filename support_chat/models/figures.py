from typing import ClassVar

from django.db import models
from django.db.models import QuerySet

from .conversations import SupportConversation


class _NoRows(models.Manager["SupportFigures"]):
    def get_queryset(self) -> QuerySet["SupportFigures"]:
        return super().get_queryset().none()


class SupportFigures(SupportConversation):
    """What the page of figures in the admin hangs on, with a permission of its own.

    It has no rows: who may see sums over all conversations may not thereby read one.
    """

    objects: ClassVar[models.Manager["SupportFigures"]] = _NoRows()

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = "figures"
