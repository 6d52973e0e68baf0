from config.core.errors import Conflict, DomainError


class PaymentMethodUnavailable(DomainError):
    code = "payment_method_unavailable"
    detail = "This payment method is not offered. Choose another one."


class GatewayUnavailable(DomainError):
    """The payment company can't be asked right now. No money was taken by this call."""

    code = "gateway_unavailable"
    status_code = 503
    detail = "The payment company can't be reached. No money was taken; try again in a moment."


class PaymentRejected(DomainError):
    """The payment company refused to start the payment, for a reason in its own words."""

    code = "payment_rejected"
    detail = "The payment company refused this payment."


class PaymentClosed(Conflict):
    code = "payment_closed"
    detail = "This payment is already finished. Start a new one."


class PromptOpen(Conflict):
    """Carries `reference` (when it is the caller's own) and `expires_at`."""

    code = "prompt_open"
    detail = "A payment prompt is already open on this phone. Approve or cancel it there first."


class TooManyAttempts(Conflict):
    code = "too_many_attempts"
    detail = "This was tried too often. Start a new order."


class CodeRefused(DomainError):
    code = "code_refused"
    detail = "That code was not accepted. Check it and enter it again."


class NoCodeExpected(Conflict):
    code = "no_code_expected"
    detail = "This payment is not waiting for a code."


class CardUnusable(DomainError):
    code = "card_unusable"
    detail = "This card can't be charged any more. Pay with another one."


class RefundInProgress(Conflict):
    code = "refund_in_progress"
    detail = "A refund of this payment is already under way."


class NotRefundable(Conflict):
    code = "not_refundable"
    detail = "This payment can't be refunded."


class RefundTooLarge(DomainError):
    """Carries `refundable`: what is left to give back, in cedis."""

    code = "refund_too_large"
    detail = "That is more than what is left of this payment."


class RefundFinished(Conflict):
    code = "refund_finished"
    detail = "This refund has ended already."


class NoAccountWanted(Conflict):
    code = "no_account_wanted"
    detail = "The payment company does not ask for a bank account for this refund."


class RefundUnconfirmed(Conflict):
    code = "refund_unconfirmed"
    detail = "It is not known yet whether this refund was made. Wait until it needs attention."


class DisputeClosed(Conflict):
    code = "dispute_closed"
    detail = "This dispute is answered or decided already."


class DisputeAnsweredThere(Conflict):
    code = "dispute_answered_there"
    detail = "This dispute can't be answered here."


class EvidenceRequired(DomainError):
    code = "evidence_required"
    detail = "To decline a dispute, say what was sold to whom and add a file that shows it."


class NotInReview(Conflict):
    code = "not_in_review"
    detail = "Nothing is to be decided about this payment."


class ReviewRefused(Conflict):
    """The decision does not fit what the gateway says now. The text says what does."""

    code = "review_refused"
    detail = "The payment company's answer does not allow this decision."


class NotADeadLetter(Conflict):
    code = "not_a_dead_letter"
    detail = "This event was acted upon. Nothing is left to replay."


class ReasonRequired(DomainError):
    code = "reason_required"
    detail = "Say why, in at most 300 characters."


class SourceRefused(DomainError):
    code = "source_refused"
    status_code = 403
    detail = "Deliveries are not accepted from this address."


class InvalidSignature(DomainError):
    code = "invalid_signature"
    status_code = 401
    detail = "The signature is missing or wrong."


class UnclaimedPayment(RuntimeError):
    """Money came in that no part of the product waits for: a programming error, never a refusal."""
