"""What PostgreSQL itself enforces beyond constraints: what is final, what is in order, what came late."""

# The ledger can only grow; an issued receipt never changes.
FINAL = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a reversing entry instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_creditentry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_creditslice
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE FUNCTION receipt_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: an issued receipt never changes, a credit note corrects it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscriptions_receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_is_final();
"""
NOT_FINAL = """
DROP TRIGGER append_only ON subscriptions_receipt;
DROP FUNCTION receipt_is_final();
DROP TRIGGER append_only ON subscriptions_creditslice;
DROP TRIGGER append_only ON subscriptions_creditentry;
DROP FUNCTION ledger_is_append_only();
"""

# An entry is written with its account locked, but asked for the time before: one that had to wait would be dated
# before the one it waited for, and a balance at a moment would mean nothing. It is dated like that one.
ORDER = """
CREATE FUNCTION entries_are_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    previous timestamptz;
BEGIN
    SELECT created_at INTO previous FROM subscriptions_creditentry
     WHERE business_id = NEW.business_id ORDER BY business_id DESC, id DESC LIMIT 1;
    IF previous > NEW.created_at THEN
        NEW.created_at := previous;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entries_are_in_order BEFORE INSERT ON subscriptions_creditentry
    FOR EACH ROW EXECUTE FUNCTION entries_are_in_order();
"""
NO_ORDER = """
DROP TRIGGER entries_are_in_order ON subscriptions_creditentry;
DROP FUNCTION entries_are_in_order();
"""

# Notices a use that came after its time was summed up. Only waits while a time is being closed
# (`services/rollups.py`, which takes the same lock alone), and reads the watermark as of after that wait: each
# statement of a volatile function has a snapshot of its own. What a call needs is one look-up; an INSERT is
# prepared only for a late use. The lock is asked for in an expression because that costs less than a statement;
# its answer is never NULL.
MARK = """
CREATE FUNCTION usage_leaves_a_mark() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed timestamptz;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF pg_advisory_xact_lock_shared(743101, uuid_hash(OLD.business_id)) IS NULL THEN RETURN NULL; END IF;
        SELECT closing_until INTO closed FROM subscriptions_usagewatermark
         WHERE business_id = OLD.business_id;
        IF closed > OLD.created_at THEN
            INSERT INTO subscriptions_staleusage (business_id, created_at)
            VALUES (OLD.business_id, OLD.created_at);
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF pg_advisory_xact_lock_shared(743101, uuid_hash(NEW.business_id)) IS NULL THEN RETURN NULL; END IF;
        SELECT closing_until INTO closed FROM subscriptions_usagewatermark
         WHERE business_id = NEW.business_id;
        IF closed > NEW.created_at THEN
            INSERT INTO subscriptions_staleusage (business_id, created_at)
            VALUES (NEW.business_id, NEW.created_at);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_leaves_a_mark AFTER INSERT OR UPDATE OR DELETE ON subscriptions_aitransaction
    FOR EACH ROW EXECUTE FUNCTION usage_leaves_a_mark();
"""
NO_MARK = """
DROP TRIGGER usage_leaves_a_mark ON subscriptions_aitransaction;
DROP FUNCTION usage_leaves_a_mark();
"""
