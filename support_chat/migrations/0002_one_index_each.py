"""For installations made before `0001_tables` left these indexes out."""

from django.db import migrations

_INDEXES = [
    "support_chat_knowledgepassage_article_id_a8d08c95",
]


class Migration(migrations.Migration):
    dependencies = [("support_chat", "0001_tables")]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in _INDEXES], migrations.RunSQL.noop),
    ]
