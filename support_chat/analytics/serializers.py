"""What goes in and out of the chat's figures."""

from typing import Any

from rest_framework import serializers

from support_chat import languages
from support_chat.serializers import AssistantField


class SupportAnalyticsQuerySerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(
        required=False, default=30, min_value=1, max_value=366, help_text="Calendar days, today included."
    )
    assistant = AssistantField(required=False, help_text="Of this assistant alone.")
    language = serializers.ChoiceField(
        choices=sorted(languages.NAMES.items()),
        required=False,
        help_text="Conversations in this language alone.",
    )
    business_id = serializers.UUIDField(required=False, help_text="Of this business alone.")


def _percent(help_text: str = "") -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=2, allow_null=True, help_text=help_text or "Percent."
    )


def _cost(help_text: str = "", *, allow_null: bool = False) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=8, allow_null=allow_null, help_text=help_text
    )


class SupportAnswerShareSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="curated, model, search, none, staff or failed.")
    answers = serializers.IntegerField()
    share = _percent("Percent of all answers.")


class SupportTimeSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    median_s = _percent("Seconds.")
    p90_s = _percent("Seconds that 90% stay below.")


class SupportTimesSerializer(serializers.Serializer[Any]):
    first_text = SupportTimeSerializer(help_text="From the question to the first words of the bot.")
    whole_reply = SupportTimeSerializer(help_text="From the question to the end of the bot's reply.")
    staff_first_reply = SupportTimeSerializer(help_text="From the hand-off to the first words of staff.")


class SupportResolutionSerializer(serializers.Serializer[Any]):
    """How the conversations stand now. Over: ended, or nothing written for 24 hours."""

    without_human = serializers.IntegerField(
        help_text="Over, the last question was answered, never handed off."
    )
    with_human = serializers.IntegerField(help_text="Resolved by staff, or over and answered after a ticket.")
    unresolved = serializers.IntegerField(help_text="Over, the last question was not answered.")
    ongoing = serializers.IntegerField()
    resolved = serializers.IntegerField()
    rate = _percent("100 × resolved ÷ over.")
    rate_without_human = _percent("100 × without_human ÷ over.")
    reopened = serializers.IntegerField(help_text="Gone on with after staff had resolved them.")
    reopened_rate = _percent("100 × reopened ÷ ever resolved by staff.")


class SupportReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(help_text="user, model or failures.")
    tickets = serializers.IntegerField()


class SupportCategorySerializer(serializers.Serializer[Any]):
    category = serializers.CharField()
    tickets = serializers.IntegerField()


class SupportHandoffSerializer(serializers.Serializer[Any]):
    tickets = serializers.IntegerField()
    conversations = serializers.IntegerField()
    rate = _percent("Percent of the conversations.")
    reasons = SupportReasonSerializer(many=True)
    categories = SupportCategorySerializer(many=True)


class SupportRatingSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField()
    ratings = serializers.IntegerField()


class SupportCsatSerializer(serializers.Serializer[Any]):
    ratings = serializers.IntegerField()
    mean = _percent("1 to 5.")
    distribution = SupportRatingSerializer(many=True)


class SupportCostSerializer(serializers.Serializer[Any]):
    cost_usd = _cost()
    cost_ghs = _cost("At each day's rate.")
    cost_usd_per_conversation = _cost(allow_null=True)
    cost_ghs_per_conversation = _cost(allow_null=True)
    cost_usd_per_resolved = _cost("All cost ÷ resolved conversations.", allow_null=True)
    cost_ghs_per_resolved = _cost(allow_null=True)


class SupportLanguageSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    questions = serializers.IntegerField()
    share = _percent("Percent of the questions.")


class SupportAnswerCountsSerializer(serializers.Serializer[Any]):
    curated = serializers.IntegerField()
    model = serializers.IntegerField()
    search = serializers.IntegerField()
    none = serializers.IntegerField()
    staff = serializers.IntegerField()
    failed = serializers.IntegerField()


class SupportDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    conversations = serializers.IntegerField()
    begun = serializers.IntegerField()
    messages = serializers.IntegerField()
    answers = SupportAnswerCountsSerializer()
    cost_usd = _cost()
    cost_ghs = _cost()


class SupportIssueSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="The most typical question, without personal data.")
    questions = serializers.IntegerField()
    conversations = serializers.IntegerField()
    declined = serializers.IntegerField(help_text="Of the questions: the bot did not know.")
    from_search = serializers.IntegerField(help_text="Of the questions: our help as it is, no model.")


class SupportIssuesSerializer(serializers.Serializer[Any]):
    """The ten groups of most conversations; what only one conversation asks is not told."""

    read = serializers.IntegerField(help_text="Questions that were grouped: the newest, `at_most` of them.")
    at_most = serializers.IntegerField()
    groups = SupportIssueSerializer(many=True)


class SupportAnalyticsSerializer(serializers.Serializer[Any]):
    period_days = serializers.IntegerField()
    conversations = serializers.IntegerField(help_text="In which something was written in the period.")
    begun = serializers.IntegerField(help_text="Of which the first message is of the period.")
    messages = serializers.IntegerField()
    questions = serializers.IntegerField(help_text="Messages of users.")
    answers = SupportAnswerShareSerializer(many=True)
    times = SupportTimesSerializer()
    resolution = SupportResolutionSerializer()
    handoff = SupportHandoffSerializer()
    csat = SupportCsatSerializer()
    cost = SupportCostSerializer()
    languages = SupportLanguageSerializer(many=True)
    by_day = SupportDaySerializer(many=True, help_text="Days on which something was written.")
    issues = SupportIssuesSerializer(help_text="What people ask most.")
    gaps = SupportIssuesSerializer(help_text="What was declined, or answered with help as it is.")
