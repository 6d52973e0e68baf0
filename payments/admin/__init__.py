"""Payments as platform staff see them, and the few things a person may do about one, each with a reason."""

from . import disputes, payments, refunds, settlements, webhooks

__all__ = ["disputes", "payments", "refunds", "settlements", "webhooks"]
