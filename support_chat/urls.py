from django.urls import path

from support_chat.views import articles, attachments, chat, conversations, desk, guests, webhooks

urlpatterns = [
    path("chat", chat.ChatMessageView.as_view(), name="support-chat"),
    path("conversations/", conversations.ConversationsView.as_view()),
    path("conversations/<uuid:conversation_id>/", conversations.ConversationView.as_view()),
    path("conversations/<uuid:conversation_id>/messages/", conversations.MessagesView.as_view()),
    path("conversations/<uuid:conversation_id>/stream", chat.StreamView.as_view()),
    path("conversations/<uuid:conversation_id>/escalate", desk.EscalateView.as_view()),
    path("conversations/<uuid:conversation_id>/feedback", desk.FeedbackView.as_view()),
    path("conversations/<uuid:conversation_id>/close", conversations.CloseView.as_view()),
    path("attachments/", attachments.AttachmentsView.as_view()),
    path("attachments/<uuid:attachment_id>/", attachments.AttachmentView.as_view()),
    path("attachments/<uuid:attachment_id>/file", attachments.AttachmentFileView.as_view()),
    path("webhooks/", webhooks.WebhooksView.as_view()),
    path("webhooks/<uuid:webhook_id>/", webhooks.WebhookOneView.as_view()),
    path("webhooks/<uuid:webhook_id>/test/", webhooks.WebhookTestView.as_view()),
    path("webhooks/<uuid:webhook_id>/deliveries/", webhooks.WebhookDeliveriesView.as_view()),
    path("articles/", articles.ArticlesView.as_view()),
    path("articles/<slug:slug>/", articles.ArticleView.as_view()),
    path("quota/", conversations.QuotaView.as_view()),
    path("guest/", guests.GuestView.as_view()),
]
