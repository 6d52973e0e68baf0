from .conversations import SupportConversation
from .desk import StaffView
from .messages import SupportMessage
from .quotas import ChatUse, GuestUse
from .tickets import SupportTicket

__all__ = ["ChatUse", "GuestUse", "SupportConversation", "SupportMessage", "SupportTicket"]
