"""What staff see of the chat: figures over all conversations, and what people ask most."""

from .report import Scope, report

__all__ = ["Scope", "report"]
