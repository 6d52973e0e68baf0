from typing import Any

from django.db import models
from psycopg.types.json import Jsonb

from config.core import json


class DecimalJSONField(models.JSONField):
    """JSON whose numbers stay the decimals they were written as: PostgreSQL keeps them as `numeric`."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else Jsonb(value, dumps=json.dumps)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return json.loads(value) if isinstance(value, str | bytes) else value
