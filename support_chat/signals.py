"""What happens in conversations, announced inside the transaction in which it happens, with `now`."""

from django.dispatch import Signal

# conversation
conversation_created = Signal()
# message: a reply of the bot, or what staff wrote; finished, with its conversation
message_created = Signal()
# conversation, ticket
conversation_escalated = Signal()
# conversation: by staff
conversation_resolved = Signal()
