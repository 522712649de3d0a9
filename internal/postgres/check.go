package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"ribble/migrations"
)

// ErrUnsafe is in the error of every start-up check that found the database other than it must be.
var ErrUnsafe = errors.New("the database is not as it must be")

// rights is exactly what each role of the service may do; one more is as wrong as one less.
var rights = map[Role][]string{
	App: {
		"column directory.change.checked UPDATE",
		"column directory.change.decided_at UPDATE",
		"column directory.change.decided_event UPDATE",
		"column directory.change.decided_issuer UPDATE",
		"column directory.change.decided_name UPDATE",
		"column directory.change.decided_org UPDATE",
		"column directory.change.decided_subject UPDATE",
		"column directory.change.state UPDATE",
		"column directory.change.words UPDATE",
		"column directory.feed_health.answered UPDATE",
		"column directory.feed_health.asked UPDATE",
		"column directory.feed_health.last_good UPDATE",
		"column directory.feed_health.late UPDATE",
		"column directory.feed_health.times UPDATE",
		"column oversight.alert.closed_at UPDATE",
		"column oversight.alert.facts UPDATE",
		"column oversight.alert.mail_due UPDATE",
		"column oversight.alert.mail_tries UPDATE",
		"column oversight.alert.mailed_at UPDATE",
		"column oversight.alert.officer UPDATE",
		"column oversight.alert.officer_name UPDATE",
		"column oversight.alert.outcome UPDATE",
		"column oversight.alert.rule UPDATE",
		"column oversight.alert.rule_version UPDATE",
		"column oversight.alert.score UPDATE",
		"column oversight.alert.state UPDATE",
		"column oversight.alert.user_issuer UPDATE",
		"column oversight.alert.user_name UPDATE",
		"column oversight.alert.user_subject UPDATE",
		"column oversight.alert.words UPDATE",
		"column oversight.letter.mail_due UPDATE",
		"column oversight.letter.mail_tries UPDATE",
		"column oversight.letter.mailed_at UPDATE",
		"column oversight.problem.answered_at UPDATE",
		"column oversight.problem.answered_by UPDATE",
		"column oversight.problem.outcome UPDATE",
		"column oversight.problem.seen_at UPDATE",
		"column oversight.problem.seen_by UPDATE",
		"column oversight.problem.state UPDATE",
		"column oversight.progress.rules UPDATE",
		"column oversight.progress.sequence UPDATE",
		"column oversight.progress.settled UPDATE",
		"column oversight.rules.decided_at UPDATE",
		"column oversight.rules.decided_event UPDATE",
		"column oversight.rules.decided_issuer UPDATE",
		"column oversight.rules.decided_name UPDATE",
		"column oversight.rules.decided_org UPDATE",
		"column oversight.rules.decided_subject UPDATE",
		"column oversight.rules.state UPDATE",
		"column oversight.source_tally.n UPDATE",
		"column oversight.tally.n UPDATE",
		"column portal.account.changed_at UPDATE",
		"column portal.account.confirmed_until UPDATE",
		"column portal.account.expires_at UPDATE",
		"column portal.account.lapse UPDATE",
		"column portal.account.passphrase UPDATE",
		"column portal.account.status UPDATE",
		"column portal.account.trained_on UPDATE",
		"column portal.account.version UPDATE",
		"column portal.account_code.used_at UPDATE",
		"column portal.account_factor.credential UPDATE",
		"column portal.account_factor.last_step UPDATE",
		"column portal.account_factor.used_at UPDATE",
		"column portal.account_invitation.used_at UPDATE",
		"column portal.session.authenticated_at UPDATE",
		"column portal.session.ended_at UPDATE",
		"column portal.session.idle_until UPDATE",
		"column portal.session.locked_at UPDATE",
		"column portal.session.sid UPDATE",
		"column portal.session.token_hash UPDATE",
		"column portal.user_request.account UPDATE",
		"column portal.user_request.decided_at UPDATE",
		"column portal.user_request.decided_event UPDATE",
		"column portal.user_request.decider_issuer UPDATE",
		"column portal.user_request.decider_name UPDATE",
		"column portal.user_request.decider_subject UPDATE",
		"column portal.user_request.role UPDATE",
		"column portal.user_request.sponsor_issuer UPDATE",
		"column portal.user_request.sponsor_name UPDATE",
		"column portal.user_request.sponsor_subject UPDATE",
		"column portal.user_request.sponsored_at UPDATE",
		"column portal.user_request.sponsored_event UPDATE",
		"column portal.user_request.state UPDATE",
		"column portal.user_request.trained_on UPDATE",
		"column portal.user_request.until UPDATE",
		"column portal.user_request.words UPDATE",
		"column register.consent.ended_at UPDATE",
		"column register.override.ended_at UPDATE",
		"schema directory USAGE",
		"schema migration USAGE",
		"schema oversight USAGE",
		"schema portal USAGE",
		"schema register USAGE",
		"table directory.change INSERT",
		"table directory.change SELECT",
		"table directory.change_entry INSERT",
		"table directory.change_entry SELECT",
		"table directory.connection_check INSERT",
		"table directory.connection_check SELECT",
		"table directory.entry SELECT",
		"table directory.feed_health DELETE",
		"table directory.feed_health INSERT",
		"table directory.feed_health SELECT",
		"table directory.head SELECT",
		"table migration.applied SELECT",
		"table oversight.alert INSERT",
		"table oversight.alert SELECT",
		"table oversight.letter INSERT",
		"table oversight.letter SELECT",
		"table oversight.listed DELETE",
		"table oversight.listed INSERT",
		"table oversight.listed SELECT",
		"table oversight.problem INSERT",
		"table oversight.problem SELECT",
		"table oversight.progress SELECT",
		"table oversight.rules INSERT",
		"table oversight.rules SELECT",
		"table oversight.source_tally INSERT",
		"table oversight.source_tally SELECT",
		"table oversight.staff DELETE",
		"table oversight.staff INSERT",
		"table oversight.staff SELECT",
		"table oversight.step INSERT",
		"table oversight.step SELECT",
		"table oversight.tally INSERT",
		"table oversight.tally SELECT",
		"table portal.account INSERT",
		"table portal.account SELECT",
		"table portal.account_attempt DELETE",
		"table portal.account_attempt INSERT",
		"table portal.account_attempt SELECT",
		"table portal.account_code DELETE",
		"table portal.account_code INSERT",
		"table portal.account_code SELECT",
		"table portal.account_factor DELETE",
		"table portal.account_factor INSERT",
		"table portal.account_factor SELECT",
		"table portal.account_invitation DELETE",
		"table portal.account_invitation INSERT",
		"table portal.account_invitation SELECT",
		"table portal.counter DELETE",
		"table portal.counter INSERT",
		"table portal.counter SELECT",
		"table portal.counter UPDATE",
		"table portal.person_key INSERT",
		"table portal.person_key SELECT",
		"table portal.session DELETE",
		"table portal.session INSERT",
		"table portal.session SELECT",
		"table portal.spent_token DELETE",
		"table portal.spent_token INSERT",
		"table portal.spent_token SELECT",
		"table portal.user_request DELETE",
		"table portal.user_request INSERT",
		"table portal.user_request SELECT",
		"table register.consent INSERT",
		"table register.consent SELECT",
		"table register.override INSERT",
		"table register.override SELECT",
		"table register.permission DELETE",
		"table register.permission INSERT",
		"table register.permission SELECT",
		"table register.relationship DELETE",
		"table register.relationship INSERT",
		"table register.relationship SELECT",
		"table register.watched DELETE",
		"table register.watched INSERT",
		"table register.watched SELECT",
	},
	AuditAppend: {
		"function audit.add_checkpoint EXECUTE",
		"function audit.append EXECUTE",
		"function audit.refer EXECUTE",
		"schema audit USAGE",
		"schema migration USAGE",
		"table migration.applied SELECT",
	},
	IGReader: auditReader,
	Verifier: auditReader,
}

var auditReader = []string{
	"schema audit USAGE",
	"schema migration USAGE",
	"table audit.agent SELECT",
	"table audit.checkpoint SELECT",
	"table audit.event SELECT",
	"table audit.head SELECT",
	"table audit.tile SELECT",
	"table audit.word SELECT",
	"table migration.applied SELECT",
}

// checkRoles checks every role that the service uses, all at once: starting must not take long. The error holds what is wrong with each.
func checkRoles(ctx context.Context, c Config) error {
	urls := map[Role]string{App: c.AppURL, AuditAppend: c.AuditURL}
	for role, url := range map[Role]string{IGReader: c.IGReaderURL, Verifier: c.VerifierURL} {
		if url != "" {
			urls[role] = url
		}
	}
	results := make(chan error, len(urls))
	for role, url := range urls {
		go func() { results <- checkRole(ctx, role, url) }()
	}
	var all error
	for range urls {
		all = errors.Join(all, <-results)
	}
	return all
}

// checkRole signs in as the role and compares what the server says with what must be.
func checkRole(ctx context.Context, role Role, url string) error {
	conn, err := connect(ctx, url)
	if err != nil {
		return fmt.Errorf("checking the role %s: %w", role, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, check := range []func(context.Context, *pgx.Conn, Role) ([]string, error){checkAttributes, checkRights, checkSchema, checkGuards} {
		faults, err := check(ctx, conn, role)
		if err != nil {
			return fmt.Errorf("checking the role %s: %w", role, err)
		}
		if len(faults) > 0 {
			return fmt.Errorf("%w: role %s: %s", ErrUnsafe, role, strings.Join(faults, "; "))
		}
	}
	return nil
}

// checkAttributes finds powers that no grant limits.
func checkAttributes(ctx context.Context, conn *pgx.Conn, _ Role) ([]string, error) {
	const query = `
SELECT name FROM pg_roles r, LATERAL (VALUES
    ('is a superuser', r.rolsuper), ('may bypass row security', r.rolbypassrls), ('may create roles', r.rolcreaterole),
    ('may create databases', r.rolcreatedb), ('may replicate', r.rolreplication),
    ('is a member of another role', EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)),
    ('is not the role that signed in', current_user <> session_user)) AS power (name, held)
WHERE r.rolname = current_user AND power.held`
	return texts(ctx, conn, query)
}

// heldRights lists what the signed-in role may do; to whom it owes it does not matter: grants to PUBLIC count. What PostgreSQL or an
// extension brought is left out, as no part of this schema; it is left out first (MATERIALIZED), because asking for rights on
// thousands of system functions would take most of the time it takes to start.
const heldRights = `
WITH own AS MATERIALIZED (
    SELECT oid, nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), relation AS MATERIALIZED (
    SELECT c.oid, c.relkind, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN own n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), function AS MATERIALIZED (
    SELECT f.oid, n.nspname || '.' || f.proname AS name FROM pg_proc f JOIN own n ON n.oid = f.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
)
SELECT 'table ' || r.name || ' ' || p
FROM relation r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
WHERE r.relkind <> 'S' AND has_table_privilege(r.oid, p)
UNION ALL
SELECT 'column ' || r.name || '.' || a.attname || ' ' || p
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p
WHERE r.relkind <> 'S' AND a.attnum > 0 AND a.attacl IS NOT NULL AND NOT a.attisdropped
    AND NOT has_table_privilege(r.oid, p) AND has_column_privilege(r.oid, a.attnum, p)
UNION ALL
SELECT 'sequence ' || r.name || ' ' || p
FROM relation r, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p
WHERE r.relkind = 'S' AND has_sequence_privilege(r.oid, p)
UNION ALL
SELECT 'function ' || f.name || ' EXECUTE' FROM function f WHERE has_function_privilege(f.oid, 'EXECUTE')
UNION ALL
SELECT 'schema ' || n.nspname || ' ' || p
FROM own n, unnest(ARRAY['USAGE', 'CREATE']) AS p
WHERE has_schema_privilege(n.oid, p) AND NOT (n.nspname = 'public' AND p = 'USAGE')
UNION ALL
SELECT 'database ' || p FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS p WHERE has_database_privilege(current_database(), p)`

// checkRights compares the rights held with the list above.
func checkRights(ctx context.Context, conn *pgx.Conn, role Role) ([]string, error) {
	held, err := texts(ctx, conn, heldRights)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, right := range rights[role] {
		if !slices.Contains(held, right) {
			faults = append(faults, "lacks "+right)
		}
	}
	for _, right := range held {
		if !slices.Contains(rights[role], right) {
			faults = append(faults, "must not have "+right)
		}
	}
	slices.Sort(faults)
	return faults, nil
}

// checkSchema compares the migrations applied with those of this program.
func checkSchema(ctx context.Context, conn *pgx.Conn, _ Role) ([]string, error) {
	all, err := loadMigrations(migrations.Files)
	if err != nil {
		return nil, err
	}
	done, err := checkHistory(ctx, conn, all)
	if err != nil {
		return []string{err.Error()}, nil
	}
	if done < len(all) {
		return []string{fmt.Sprintf("the schema is at migration %04d and must be at %04d: run the migrations", done, len(all))}, nil
	}
	return nil, nil
}

// checkGuards finds tables of the audit trail, of the directory, of the rules and of the users whose triggers are missing, off, or skipped under session_replication_role, and an
// append function that runs with a superuser's rights.
func checkGuards(ctx context.Context, conn *pgx.Conn, _ Role) ([]string, error) {
	const query = `
SELECT 'the guard of audit.' || c.relname || ' is missing or off'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') AND NOT EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_change' AND t.tgenabled = 'A')
UNION ALL
SELECT 'the guard ' || guard.name || ' of ' || guard.of || ' is missing or off'
FROM (VALUES ('directory.entry', 'refuse_change'), ('directory.change_entry', 'refuse_change'), ('directory.change', 'refuse_change'), ('directory.change', 'propose'),
    ('directory.change', 'decide'), ('portal.user_request', 'guard_request'), ('portal.account', 'guard_account'),
    ('oversight.rules', 'propose'), ('oversight.rules', 'decide'), ('oversight.rules', 'refuse_change')) AS guard (of, name)
WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = guard.of AND t.tgname = guard.name AND t.tgenabled = 'A')
UNION ALL
SELECT 'audit.' || f.proname || ' belongs to a superuser'
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_roles r ON r.oid = f.proowner
WHERE n.nspname = 'audit' AND f.proname IN ('append', 'refer', 'add_checkpoint') AND r.rolsuper`
	return texts(ctx, conn, query)
}

func texts(ctx context.Context, conn *pgx.Conn, query string) ([]string, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
