"""The support chat's pages in the admin."""

from . import conversations, tickets, views

__all__ = ["conversations", "tickets", "views"]
