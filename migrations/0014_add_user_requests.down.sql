REVOKE UPDATE (expires_at, confirmed_until, trained_on, lapse) ON portal.account FROM ribble_app;
DROP TRIGGER guard_account ON portal.account;
ALTER TABLE portal.account DROP CONSTRAINT account_request_fkey;
DROP TABLE portal.user_request CASCADE;
DROP FUNCTION portal.guard_account, portal.guard_request, portal.trail_says;
DROP INDEX portal.account_by_organisation;
ALTER TABLE portal.account DROP COLUMN expires_at, DROP COLUMN confirmed_until, DROP COLUMN trained_on, DROP COLUMN request, DROP COLUMN lapse;
