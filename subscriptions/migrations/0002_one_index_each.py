"""For installations made before `0001_tables` left these indexes out and gave the unique keys names."""

from django.db import migrations

_INDEXES = [
    "subscriptions_addonperiod_addon_id_c51437b3",
    "subscriptions_aicreditpurchase_business_id_458ef52b",
    "subscriptions_aitransaction_business_id_aa08ca1b",
    "subscriptions_alert_business_id_c5fda6c9",
    "subscriptions_alertdelivery_alert_id_009e2dc0",
    "subscriptions_creditentry_business_id_0ffdcda8",
    "subscriptions_creditentry_key_221226a8_like",
    "subscriptions_creditgrant_key_40edd4c8_like",
    "subscriptions_creditslice_entry_id_caaa022d",
    "subscriptions_receipt_number_be7345bc_like",
    "subscriptions_usagecounter_membership_id_6e21de0f",
]
_RENAMED = [
    ("subscriptions_creditentry", "subscriptions_creditentry_key_key", "entry_once_per_cause"),
    ("subscriptions_creditgrant", "subscriptions_creditgrant_key_key", "grant_once_per_cause"),
    ("subscriptions_receipt", "subscriptions_receipt_number_key", "receipt_number_once"),
]
_RENAME = """
DO $$ BEGIN
    ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new};
EXCEPTION WHEN undefined_object THEN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_tables")]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in _INDEXES], migrations.RunSQL.noop),
        migrations.RunSQL(
            [_RENAME.format(table=table, old=old, new=new) for table, old, new in _RENAMED],
            migrations.RunSQL.noop,
        ),
    ]
