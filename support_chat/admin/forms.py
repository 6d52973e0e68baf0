from django import forms

from support_chat.models import SupportTicket
from support_chat.serializers import LONGEST_MESSAGE
from support_chat.services.assistants import CATEGORIES


class ReplyForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_MESSAGE)
    key = forms.RegexField(r"^[A-Za-z0-9-]{8,64}$")


class AssignForm(forms.Form):
    """`seen`: who had it on the page where the button was."""

    seen = forms.IntegerField(required=False)


class ClassifyForm(forms.Form):
    priority = forms.ChoiceField(choices=SupportTicket.Priority.choices)
    category = forms.ChoiceField(choices=[(name, name.replace("_", " ")) for name in CATEGORIES])


class NothingForm(forms.Form):
    pass
