DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.event) THEN
        RAISE EXCEPTION 'the audit trail holds events and is not removed';
    END IF;
END $$;

DROP TABLE audit.event;
DROP TABLE audit.head;
DROP FUNCTION audit.append;
DROP FUNCTION audit.prepare;
DROP FUNCTION audit.prepare_month;
DROP FUNCTION audit.refuse_change;
DROP FUNCTION audit.refuse_shrinking;
DROP SCHEMA audit;
