from decimal import Decimal

from config.core.errors import DomainError, PermissionRefused


class AddonRequired(PermissionRefused):
    code = "addon_required"
    detail = "This feature comes with the monthly add-on. Subscribe to it to use the feature."


class InputRefused(DomainError):
    """A text reads like orders to the AI. `errors` names the fields and the rules."""

    code = "input_refused"
    detail = (
        "A text reads like instructions to the AI instead of shop data. Change it and try again; it was free."
    )


class NotEnoughData(DomainError):
    """`missing` says what to add."""

    code = "not_enough_data"
    status_code = 422
    detail = "There is too little data for an answer. Nothing was charged."


class MarginFloor(DomainError):
    """No model of the class is cheap enough for the credits it would be paid with."""

    code = "margin_floor"
    status_code = 503
    detail = (
        "This feature can't be offered at its price right now. Nothing was charged and nothing is held; "
        "support has been told."
    )

    def __init__(self, *, lowest_cost_ghs: Decimal, revenue_ghs: Decimal) -> None:
        super().__init__()
        # Ours to know: not in the answer.
        self.lowest_cost_ghs, self.revenue_ghs = lowest_cost_ghs, revenue_ghs


class NoModel(DomainError):
    """Every model of the class has been shut down by its provider."""

    code = "no_model"
    status_code = 503
    detail = "This feature has no AI model in service right now. Nothing was charged; support has been told."


class ProviderUnavailable(DomainError):
    """No model answered in time. Carries retry_after, the pause that a failing model gets."""

    code = "provider_unavailable"
    status_code = 503
    detail = "The AI service does not answer at the moment. Nothing was charged; try again in half a minute."


class ProviderRefused(DomainError):
    """The provider turned the request down, so repeating it won't help."""

    code = "provider_refused"
    status_code = 502
    detail = "The AI service refused this request. Nothing was charged; change the text and try again."


class AnswerUnusable(DomainError):
    """The answer, also after one repair, broke its schema or contained figures that are not in the input."""

    code = "answer_unusable"
    status_code = 502
    detail = "The AI's answer did not pass our checks, so it is not shown. Nothing was charged; try again."


class PrivacyCheckFailed(DomainError):
    """The sanitiser failed; without it nothing leaves."""

    code = "privacy_check_failed"
    status_code = 503
    detail = "The text could not be checked for personal data, so it was not sent. Nothing was charged."
