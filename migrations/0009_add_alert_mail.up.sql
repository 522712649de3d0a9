-- Officers are told of new alerts by e-mail, once each, by whichever replica comes first. What was there before is told already.
ALTER TABLE oversight.alert
    ADD COLUMN mail_due   timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN mail_tries smallint    NOT NULL DEFAULT 0,
    ADD COLUMN mailed_at  timestamptz;
UPDATE oversight.alert SET mailed_at = now();
CREATE INDEX alert_to_mail ON oversight.alert (mail_due) WHERE mailed_at IS NULL;
CREATE INDEX alert_by_state ON oversight.alert (organisation, state, number);
GRANT UPDATE (mail_due, mail_tries, mailed_at) ON oversight.alert TO ribble_app;
