"""For installations made before `0001_tables` left these indexes out."""

from django.db import migrations

_INDEXES = [
    "ai_features_airequest_business_id_18174eff",
    "ai_features_aijob_business_id_e5ce782c",
    "ai_features_aijobpart_job_id_ce071148",
    "ai_features_falsepositive_business_id_5ffd3d42",
]


class Migration(migrations.Migration):
    dependencies = [("ai_features", "0001_tables")]

    operations = [
        migrations.RunSQL([f"DROP INDEX IF EXISTS {name}" for name in _INDEXES], migrations.RunSQL.noop),
    ]
