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


class InvalidSignature(DomainError):
    code = "invalid_signature"
    status_code = 401
    detail = "The signature is missing or wrong."


class UnclaimedPayment(RuntimeError):
    """Money came in that no part of the product waits for: a programming error, never a refusal."""
