ALTER TABLE portal.session DROP COLUMN in_context;
