from config.core.errors import Conflict, DomainError, PermissionRefused


class ChatLimitReached(DomainError):
    """Carries limit, used, resets_at (ISO 8601) and retry_after (seconds). Nothing was counted or stored."""

    status_code = 429


class ChatDayUsedUp(ChatLimitReached):
    code = "daily_limit"
    detail = "You have sent as many messages today as your support-chat licence allows. Wait, or upgrade."


class ChatHourUsedUp(ChatLimitReached):
    code = "hourly_limit"
    detail = "You have sent as many messages this hour as your support-chat licence allows. Wait, or upgrade."


class GuestLimitReached(ChatLimitReached):
    code = "guest_limit"
    detail = "You have sent as many messages as a guest may in 24 hours. Sign in to go on, or wait."


class ConversationFull(Conflict):
    """Carries limit and `continue_from`: send it to go on in a new conversation that knows this one."""

    code = "conversation_limit"
    detail = (
        "This conversation has as many messages as your licence allows. Send `continue_from` instead of "
        "`conversation_id` to go on in a new one, which knows the summary of this one."
    )


class TooManyOpen(Conflict):
    """Carries limit."""

    code = "open_conversations_limit"
    detail = "You have as many open conversations as your licence allows. Close one, or upgrade."


class ConversationClosed(Conflict):
    code = "conversation_closed"
    detail = "This conversation is closed. Leave out `conversation_id` to begin a new one."


class AssistantNotAllowed(PermissionRefused):
    """Carries assistants: those that the licence and the role allow."""

    code = "assistant_not_allowed"
    detail = "Your licence or your role does not have this assistant."


class StreamingNotInPlan(PermissionRefused):
    code = "streaming_not_in_plan"
    detail = "Streaming comes with the pro licence. Ask without `Accept: text/event-stream`."


class GuestTokenInvalid(DomainError):
    code = "guest_token_invalid"
    status_code = 401
    detail = "This guest token is not valid any more. Get a new one from POST /api/support/guest/."


class NotWithStaff(Conflict):
    """Carries status."""

    code = "not_with_staff"
    detail = "This conversation is not with staff any more. Nothing was sent or changed; take it over first."


class AssignedMeanwhile(Conflict):
    """Carries assigned_to: who has it now; null for nobody."""

    code = "assigned_meanwhile"
    detail = "Somebody else took or gave this ticket meanwhile. Look who has it before you take it."
