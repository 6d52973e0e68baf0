"""For installations made before `0001_tables` left these indexes out and gave the unique keys names."""

from django.db import migrations

_INDEXES = [
    "payments_payment_business_id_1979d8ad",
    "payments_payment_reference_1d502039_like",
]
_RENAMED = [
    ("payments_payment", "payments_payment_reference_key", "payment_reference_once"),
]
_RENAME = """
DO $$ BEGIN
    ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new};
EXCEPTION WHEN undefined_object THEN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_tables")]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in _INDEXES], migrations.RunSQL.noop),
        migrations.RunSQL(
            [_RENAME.format(table=table, old=old, new=new) for table, old, new in _RENAMED],
            migrations.RunSQL.noop,
        ),
    ]
