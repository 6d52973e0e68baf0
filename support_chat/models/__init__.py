from .attachments import Attachment, AttachmentContent
from .conversations import SupportConversation
from .desk import StaffView
from .figures import SupportFigures
from .knowledge import CannedAnswer, KnowledgeArticle, KnowledgePassage, KnowledgeQuestion, KnowledgeWord
from .messages import SupportMessage
from .quotas import ChatUse, GuestUse
from .tickets import SupportTicket
from .webhooks import ChatWebhook, ChatWebhookDelivery

__all__ = [
    "Attachment",
    "AttachmentContent",
    "CannedAnswer",
    "ChatUse",
    "ChatWebhook",
    "ChatWebhookDelivery",
    "GuestUse",
    "KnowledgeArticle",
    "KnowledgePassage",
    "KnowledgeQuestion",
    "KnowledgeWord",
    "StaffView",
    "SupportConversation",
    "SupportFigures",
    "SupportMessage",
    "SupportTicket",
]
