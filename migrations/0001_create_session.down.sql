DROP TABLE portal.session;
DROP SCHEMA portal;
