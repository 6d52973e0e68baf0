from config.core.invariants import Invariant

INVARIANTS = [
    Invariant(
        "a conversation is with staff exactly while it has an open ticket",
        """
        SELECT conversation.id, conversation.status, ticket.id AS ticket
          FROM support_chat_supportconversation conversation
          FULL JOIN (SELECT * FROM support_chat_supportticket WHERE status = 'open') ticket
            ON ticket.conversation_id = conversation.id
         WHERE (conversation.status = 'with_staff') <> (ticket.id IS NOT NULL)
        """,
    ),
    Invariant(
        # The sweeper gives one out again after 20 s, three times at most.
        "no reply of the chat waits longer than 10 minutes",
        "SELECT id, conversation_id, lease_until FROM support_chat_supportmessage"
        " WHERE status IN ('pending', 'streaming') AND lease_until < now() - interval '10 minutes'",
    ),
]
