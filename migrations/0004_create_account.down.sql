DROP TABLE portal.account_attempt, portal.account_invitation, portal.account_code, portal.account_factor, portal.account;
DROP FUNCTION portal.require_factor;
