DROP TABLE portal.spent_token;
DROP TABLE portal.counter;
REVOKE UPDATE (token_hash, sid, authenticated_at, locked_at) ON portal.session FROM ribble_app;
DROP INDEX portal.session_by_user;
ALTER TABLE portal.session
    DROP COLUMN authenticated_at, DROP COLUMN locked_at, DROP COLUMN linger, DROP COLUMN address, DROP COLUMN agent, DROP COLUMN previous_at;
