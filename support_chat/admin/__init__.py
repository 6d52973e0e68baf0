"""The chat as platform staff see it."""

from . import attachments, webhooks

__all__ = ["attachments", "webhooks"]
