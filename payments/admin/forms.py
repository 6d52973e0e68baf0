from decimal import Decimal

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.core.admin_forms import ReasonForm
from payments.types import RefundStatus, ReviewDecision

MAX_FILE_BYTES = 5 * 1024 * 1024
_SIGNS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


class RefundForm(ReasonForm):
    amount_ghs = forms.DecimalField(
        label="Amount in cedis",
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal"}),
    )
    field_order = ["amount_ghs", "reason"]


class ReviewForm(ReasonForm):
    decision = forms.ChoiceField(choices=ReviewDecision.choices, widget=UnfoldAdminRadioSelectWidget)
    field_order = ["decision", "reason"]


class BankAccountForm(ReasonForm):
    account_number = forms.RegexField(
        r"^\d{6,20}$",
        error_messages={"invalid": "Digits only, 6 to 20 of them."},
        help_text="Sent to the gateway, not kept here.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    bank_id = forms.RegexField(
        r"^\d{1,10}$",
        label="Bank id",
        error_messages={"invalid": "The number that the gateway's list of banks gives."},
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    field_order = ["account_number", "bank_id", "reason"]


class OutcomeForm(ReasonForm):
    outcome = forms.ChoiceField(
        choices=[
            (RefundStatus.PROCESSED, "The payer has the money back"),
            (RefundStatus.FAILED, "The money stays with us"),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )
    field_order = ["outcome", "reason"]


class AcceptDisputeForm(ReasonForm):
    refund_ghs = forms.DecimalField(
        label="Goes back to the payer, in cedis",
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal"}),
    )
    message = forms.CharField(
        max_length=500,
        label="Message to the bank",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    field_order = ["refund_ghs", "message", "reason"]


class DeclineDisputeForm(ReasonForm):
    message = forms.CharField(
        max_length=500, label="Message to the bank", widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    customer_name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget)
    customer_email = forms.EmailField(widget=UnfoldAdminEmailInputWidget)
    customer_phone = forms.CharField(max_length=20, widget=UnfoldAdminTextInputWidget)
    service_details = forms.CharField(
        max_length=500,
        help_text="What was sold, when it was delivered, how it was used.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    file = forms.FileField(
        label="Evidence",
        help_text="A PDF, PNG or JPEG of at most 5 MB.",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    field_order = [
        "message",
        "customer_name",
        "customer_email",
        "customer_phone",
        "service_details",
        "file",
        "reason",
    ]

    def clean_file(self) -> tuple[str, bytes]:
        """A name of our own and the content; what it is, its first bytes say, not its name."""
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Send a smaller one.")
        content = file.read()
        kind = next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), None)
        if kind is None:
            raise forms.ValidationError("This is not a PDF, PNG or JPEG. Send the evidence as one of these.")
        return f"evidence.{kind}", content
