from .conversations import SupportConversation
from .desk import StaffView
from .knowledge import CannedAnswer, KnowledgeArticle, KnowledgePassage, KnowledgeQuestion, KnowledgeWord
from .messages import SupportMessage
from .quotas import ChatUse, GuestUse
from .tickets import SupportTicket

__all__ = [
    "CannedAnswer",
    "ChatUse",
    "GuestUse",
    "KnowledgeArticle",
    "KnowledgePassage",
    "KnowledgeQuestion",
    "KnowledgeWord",
    "StaffView",
    "SupportConversation",
    "SupportMessage",
    "SupportTicket",
]
