"""Fields that several features take."""

import re
from typing import Any

from rest_framework import serializers

from ai_features.privacy.normalise import clean


class Text(serializers.CharField):
    """A text with something in it that can be seen."""

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if not clean(text).strip():
            self.fail("blank")
        return text


class Name(serializers.CharField):
    """A name as an answer will show it: on one line, in one spelling, beginning with a letter or digit."""

    def to_internal_value(self, data: Any) -> str:
        name = clean(super().to_internal_value(data)).replace("\n", " ").replace("\t", " ")
        name = re.sub(r"^\W+", "", name).strip()
        if len(name) < 2:
            raise serializers.ValidationError("Give a name of at least two letters.", code="min_length")
        return name
