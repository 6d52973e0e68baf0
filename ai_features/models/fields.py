from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from psycopg.types.json import Jsonb

from config.core import json


class DecimalJSONField(models.JSONField):
    """JSON whose numbers stay the decimals they were written as: PostgreSQL keeps them as `numeric`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"encoder": DjangoJSONEncoder, **kwargs})  # for the admin, which shows it

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {key: value for key, value in kwargs.items() if key != "encoder"}

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else Jsonb(value, dumps=json.dumps)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return json.loads(value) if isinstance(value, str | bytes) else value
