DROP INDEX oversight.alert_by_state;
DROP INDEX oversight.alert_to_mail;
ALTER TABLE oversight.alert DROP COLUMN mail_due, DROP COLUMN mail_tries, DROP COLUMN mailed_at;
