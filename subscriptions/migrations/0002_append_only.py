"""The ledger can only grow: PostgreSQL refuses UPDATE and DELETE on entries and their slices."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a reversing entry instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_creditentry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_creditslice
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
"""
BACKWARD = """
DROP TRIGGER append_only ON subscriptions_creditslice;
DROP TRIGGER append_only ON subscriptions_creditentry;
DROP FUNCTION ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
