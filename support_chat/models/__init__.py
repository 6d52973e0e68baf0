from .conversations import SupportConversation
from .messages import SupportMessage
from .quotas import ChatUse
from .tickets import SupportTicket

__all__ = ["ChatUse", "SupportConversation", "SupportMessage", "SupportTicket"]
