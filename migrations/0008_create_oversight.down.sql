DROP TABLE oversight.listed, oversight.staff, oversight.source_tally, oversight.tally, oversight.progress, oversight.step;
DROP INDEX oversight.alert_of_user;
ALTER TABLE oversight.alert
    DROP COLUMN number, DROP COLUMN rule, DROP COLUMN rule_version, DROP COLUMN words, DROP COLUMN facts, DROP COLUMN score, DROP COLUMN user_issuer,
    DROP COLUMN user_subject, DROP COLUMN user_name, DROP COLUMN state, DROP COLUMN officer, DROP COLUMN officer_name, DROP COLUMN outcome;
DROP INDEX audit.event_by_time;
DROP INDEX audit.event_by_organisation;
