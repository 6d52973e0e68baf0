"""For installations made before `0001_initial` left these indexes out."""

from django.db import migrations

_INDEXES = [
    "accounts_membership_business_id_4785d774",
    "accounts_storefront_business_id_8b6fb1f1",
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in _INDEXES], migrations.RunSQL.noop),
    ]
