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


class UploadsNotInPlan(PermissionRefused):
    code = "uploads_not_in_plan"
    detail = "Uploading files comes with the pro licence. Nothing was stored."


class UploadsUsedUp(DomainError):
    """Carries limit."""

    code = "uploads_used_up"
    status_code = 429
    detail = "You have uploaded as many files in the last 24 hours as one person may. Try again later."


class AttachmentTooLarge(DomainError):
    """Carries limit_bytes."""

    code = "attachment_too_large"
    status_code = 413
    detail = "The file is too large. Send a smaller one, or the pages that matter."


class AttachmentType(DomainError):
    """Carries allowed, the media types."""

    code = "attachment_type_not_allowed"
    status_code = 415
    detail = "Files of this kind can't be read. Send a PNG, JPEG or WebP picture, a PDF, plain text or CSV."


class AttachmentRefused(DomainError):
    """The kind is right; what is in it is not. Carries reason."""

    code = "attachment_refused"
    status_code = 422
    detail = "The file is damaged, or not what it says it is. Save it anew and send it again."


class AttachmentUnknown(DomainError):
    """Also for another's. Carries attachments: those that are not there."""

    code = "attachment_unknown"
    status_code = 404
    detail = "An attachment is not there any more. Upload it again. Nothing was sent."


class AttachmentUsed(Conflict):
    code = "attachment_used"
    detail = (
        "An attachment was sent with an earlier message, which the assistant still knows. Nothing was sent."
    )


class DailyCostReached(DomainError):
    """Never answered with: the reply is then made of help articles, and carries the code."""

    code = "daily_cost_reached"
    status_code = 503
    detail = "No model is asked any more today. Help articles and staff still answer."


class LinkInvalid(PermissionRefused):
    code = "link_invalid"
    detail = "This link is not valid any more. Get a new one from GET /api/support/attachments/{id}/."


class IntegrationsNotInPlan(PermissionRefused):
    code = "integrations_not_in_plan"
    detail = "Webhooks come with the enterprise licence."


class TooManyWebhooks(Conflict):
    """Carries limit."""

    code = "webhooks_limit"
    detail = "You have as many webhooks as one member may. Delete one first."


class NotWithStaff(Conflict):
    """Carries status."""

    code = "not_with_staff"
    detail = "This conversation is not with staff any more. Nothing was sent or changed; take it over first."


class AssignedMeanwhile(Conflict):
    """Carries assigned_to: who has it now; null for nobody."""

    code = "assigned_meanwhile"
    detail = "Somebody else took or gave this ticket meanwhile. Look who has it before you take it."
