package config

import (
	"fmt"
	"strings"
	"time"
)

// setting is one row of the table from which both Load and Describe work, so that help and program cannot disagree.
type setting struct {
	name, help, def string
	need            need
	// secret settings may be given as a file instead (NAME_FILE), and their help never shows a value.
	secret bool
	read   func(l *loader, c *Config, value string)
}

type need int

const (
	optional need = iota
	required
)

var ownerSetting = setting{
	name: "RIBBLE_OWNER_DATABASE_URL", help: "Postgres URL of the role that owns the tables (ribble migrate only)", need: required, secret: true,
}

var settings = []setting{
	{name: "RIBBLE_LISTEN", help: "address to listen on", def: "127.0.0.1:8443", read: func(l *loader, c *Config, v string) { c.Listen = l.address(v) }},
	{name: "RIBBLE_PROXIES", help: "networks of proxies in front of Ribble, whose X-Forwarded-For is believed, comma separated", read: func(l *loader, c *Config, v string) { c.Proxies = l.networks(v) }},
	{name: "RIBBLE_OPS_LISTEN", help: "address for readiness and metrics", read: func(l *loader, c *Config, v string) { c.OpsListen = l.address(v) }},
	{name: "RIBBLE_PUBLIC_URL", help: "address users see, for example https://ribble.example.nhs.uk", need: required, read: func(l *loader, c *Config, v string) { c.PublicURL = l.origin(v) }},
	{name: "RIBBLE_TLS_CERT", help: "server certificate (PEM file); may be left out only on a loopback address", read: func(l *loader, c *Config, v string) { c.TLS = l.identity(v, "RIBBLE_TLS_KEY") }},
	{name: "RIBBLE_TLS_KEY", help: "its private key (PEM file)", read: func(l *loader, _ *Config, _ string) { l.partner("RIBBLE_TLS_CERT") }},
	{name: "RIBBLE_LOG_LEVEL", help: "least level logged: debug, info, warn or error", def: "info", read: func(l *loader, c *Config, v string) { c.LogLevel = l.level(v) }},

	{name: "RIBBLE_DATABASE_URL", help: "Postgres URL of the app role", need: required, secret: true, read: func(l *loader, c *Config, v string) { c.Database.App = l.databaseURL(v) }},
	{name: "RIBBLE_AUDIT_DATABASE_URL", help: "Postgres URL of the audit_append role", need: required, secret: true, read: func(l *loader, c *Config, v string) { c.Database.Audit = l.databaseURL(v) }},
	{name: "RIBBLE_VERIFIER_DATABASE_URL", help: "Postgres URL of the verifier role", need: required, secret: true, read: func(l *loader, c *Config, v string) { c.Database.Verifier = l.databaseURL(v) }},
	{name: "RIBBLE_IG_DATABASE_URL", help: "Postgres URL of the ig_reader role; without it officers see that there are alerts, but not about what", secret: true, read: func(l *loader, c *Config, v string) { c.Database.IGReader = l.databaseURL(v) }},
	{name: "RIBBLE_WITNESSES", help: "witnesses of the audit trail (JSON file); without one nothing outside the database proves its past", read: func(l *loader, c *Config, v string) { c.Witnesses = l.witnesses(v) }},

	{name: "RIBBLE_INDEX_KEY", help: "key file for the index of people in the audit trail", need: required, read: func(l *loader, c *Config, v string) { c.Keys.IndexFile = l.secretFile(v) }},
	{name: "RIBBLE_PERSON_KEY", help: "key file for identifiers in the audit trail", need: required, read: func(l *loader, c *Config, v string) { c.Keys.PersonFile = l.secretFile(v) }},
	{name: "RIBBLE_HANDLE_KEY", help: "key file for view handles and sign-in", need: required, read: func(l *loader, c *Config, v string) { c.Keys.Handle = append(c.Keys.Handle, l.key(v)) }},
	{name: "RIBBLE_HANDLE_KEY_PREVIOUS", help: "the key file before it, while it is being replaced", read: func(l *loader, c *Config, v string) { c.Keys.Handle = append(c.Keys.Handle, l.key(v)) }},
	{name: "RIBBLE_ACCOUNT_KEY", help: "key file for second factors of local accounts; without it there are none", read: func(l *loader, c *Config, v string) { c.Keys.Account = append(c.Keys.Account, l.key(v)) }},
	{name: "RIBBLE_ACCOUNT_KEY_PREVIOUS", help: "the key file before it: keep it for as long as factors it sealed are in use", read: func(l *loader, c *Config, v string) { c.Keys.Account = append(c.Keys.Account, l.key(v)) }},
	{name: "RIBBLE_ROW_KEY", help: "key file for the MACs of audit rows", need: required, read: func(l *loader, c *Config, v string) { c.Keys.RowFile = l.secretFile(v) }},
	{name: "RIBBLE_CHECKPOINT_KEY", help: "key file that signs audit checkpoints", need: required, read: func(l *loader, c *Config, v string) { c.Keys.CheckpointFile = l.secretFile(v) }},

	{name: "RIBBLE_DIRECTORY", help: "first content of the directory of organisations, agreements and feeds (directory.json): read while the database has none", read: func(l *loader, c *Config, v string) { c.DirectoryFile = l.file(v) }},
	{name: "RIBBLE_CLIENT_IDENTITIES", help: "folder of the certificates (NAME.crt) and keys (NAME.key) that feeds name as their client identity", read: func(l *loader, c *Config, v string) { c.ClientIdentities = l.folder(v) }},
	{name: "RIBBLE_PDS_URL", help: "base URL of the Personal Demographics Service", need: required, read: func(l *loader, c *Config, v string) { c.National.PDS = l.service(v) }},
	{name: "RIBBLE_SDS_URL", help: "base URL of the Spine Directory Service", need: required, read: func(l *loader, c *Config, v string) { c.National.SDS = l.service(v) }},
	{name: "RIBBLE_CONSUMER_ASID", help: "our accredited system id (ASID)", need: required, read: func(l *loader, c *Config, v string) { c.National.ASID = l.digits(v) }},
	{name: "RIBBLE_CONSUMER_ODS", help: "our ODS code as consumer", need: required, read: func(l *loader, c *Config, v string) { c.National.Organisation = l.ods(v) }},
	{name: "RIBBLE_NATIONAL_CA", help: "authority of the national services (PEM file)", need: required, read: func(l *loader, c *Config, v string) { c.National.Roots = l.authority(v) }},
	{name: "RIBBLE_NATIONAL_CERT", help: "our certificate towards them (PEM file)", need: required, read: func(l *loader, c *Config, v string) { c.National.Identity = l.identity(v, "RIBBLE_NATIONAL_KEY") }},
	{name: "RIBBLE_NATIONAL_KEY", help: "its private key (PEM file)", need: required, read: func(l *loader, _ *Config, _ string) { l.partner("RIBBLE_NATIONAL_CERT") }},
	{name: "RIBBLE_NATIONAL_NETWORKS", help: "networks their names may resolve to, comma separated", need: required, read: func(l *loader, c *Config, v string) { c.National.Networks = l.networks(v) }},

	{name: "RIBBLE_OIDC_PROVIDERS", help: "OpenID Connect providers (JSON file)", need: required, read: func(l *loader, c *Config, v string) { c.Providers = l.providers(v) }},
	{name: "RIBBLE_LAUNCHERS", help: "systems that may open Ribble with a person in context (JSON file)", read: func(l *loader, c *Config, v string) { c.Launchers = l.launchers(v) }},

	{name: "RIBBLE_TEST_PEOPLE", help: "test people agreed with the sources, for connection checks (JSON file)", read: func(l *loader, c *Config, v string) { c.TestPeopleFile = l.file(v) }},
	{name: "RIBBLE_NIGHTLY_CHECK", help: "time of day (UTC) at which one replica checks every connection on the test people, or off", def: "02:00", read: func(l *loader, c *Config, v string) { c.Nightly = l.timeOfDay(v) }},
	{name: "RIBBLE_PROFILES", help: "table of rights: activities, what they open, what organisations take away (JSON file); without it the shipped one", read: func(l *loader, c *Config, v string) { c.ProfilesFile = l.file(v) }},
	{name: "RIBBLE_PERMISSION_TO_VIEW", help: "on: people are asked before their record is viewed", def: "off", read: func(l *loader, c *Config, v string) { c.PermissionToView = l.onOff(v) }},
	{name: "RIBBLE_SENSITIVE", help: "manifest of sensitive code sets (JSON file); without it labels alone decide", read: func(l *loader, c *Config, v string) { c.SensitiveFile = l.file(v) }},
	{name: "RIBBLE_SENSITIVE_CANDIDATE", help: "another manifest, to count what it would hide or show in the records that are opened; it hides nothing", read: func(l *loader, c *Config, v string) { c.SensitiveCandidate = l.file(v) }},
	{name: "RIBBLE_SENSITIVE_WORDS", help: "words by which free text is searched for what no code says (list); without it nothing is searched", read: func(l *loader, c *Config, v string) { c.SensitiveWords = l.file(v) }},

	{name: "RIBBLE_WATCH_RULES", help: "rules that watch the audit trail (JSON file); without it the shipped ones", read: func(l *loader, c *Config, v string) { c.WatchRulesFile = l.file(v) }},
	{name: "RIBBLE_COLLECTORS", help: "systems that gather audit events of their organisation over FHIR (JSON file: name, organisation, token_sha256)", read: func(l *loader, c *Config, v string) { c.Collectors = l.collectors(v) }},
	{name: "RIBBLE_SMTP_SERVER", help: "mail server (host:port) that tells Privacy Officers of alerts: a reference and our address, nothing else", read: func(l *loader, c *Config, v string) { c.Mail.Server = l.address(v) }},
	{name: "RIBBLE_SMTP_FROM", help: "address the messages come from", read: func(l *loader, c *Config, v string) { c.Mail.From = l.email(v) }},
	{name: "RIBBLE_SMTP_USER", help: "user at the mail server, where it asks for one", read: func(_ *loader, c *Config, v string) { c.Mail.User = v }},
	{name: "RIBBLE_SMTP_PASSWORD", help: "password at the mail server", secret: true, read: func(_ *loader, c *Config, v string) { c.Mail.Password = Secret{text: v} }},
	{name: "RIBBLE_SMTP_CA", help: "authority of the mail server (PEM file); without it the system's", read: func(l *loader, c *Config, v string) { c.Mail.Roots = l.authority(v) }},
	{name: "RIBBLE_SMTP_TLS", help: "off: send without STARTTLS, for a relay on this machine", def: "on", read: func(l *loader, c *Config, v string) { c.Mail.Plain = !l.onOff(v) }},
	{name: "RIBBLE_ADMIN_EMAIL", help: "address at which the administrators of the region are told of agreements that end within 30, 14 and 3 days", read: func(l *loader, c *Config, v string) { c.Mail.Region = l.email(v) }},
	{name: "RIBBLE_MAIL_FOLDER", help: "folder that keeps the messages as files instead of sending them", read: func(_ *loader, c *Config, v string) { c.Mail.Folder = v }},

	{name: "RIBBLE_SOURCE_DEADLINE", help: "longest wait for one source", def: "8s", read: func(l *loader, c *Config, v string) {
		c.Limits.Source = l.duration(v, 100*time.Millisecond, time.Minute)
	}},
	{name: "RIBBLE_VIEW_DEADLINE", help: "longest time for a whole page", def: "10s", read: func(l *loader, c *Config, v string) { c.Limits.View = l.duration(v, 100*time.Millisecond, time.Minute) }},
	{name: "RIBBLE_SOFT_DEADLINE", help: "when a panel may be shown provisionally", def: "1.5s", read: func(l *loader, c *Config, v string) { c.Limits.Soft = l.duration(v, 0, time.Minute) }},
	{name: "RIBBLE_LOOK_LIMIT", help: "longest that a look may go on, the same on every replica; one without an outcome after twice that is written down as such", def: "5m", read: func(l *loader, c *Config, v string) {
		c.Limits.Look = l.duration(v, 10*time.Second, time.Hour)
	}},
	{name: "RIBBLE_MAX_ANSWER", help: "largest answer of one source, in bytes", def: "16777216", read: func(l *loader, c *Config, v string) { c.Limits.Answer = l.integer(v, 64<<10, 1<<30) }},
	{name: "RIBBLE_REGION", help: "name of the shared care record, at the foot of every page", def: "shared care record", read: func(_ *loader, c *Config, v string) { c.Region = v }},
	{name: "RIBBLE_SESSION_IDLE", help: "a session locks after this long without a request", def: "15m", read: func(l *loader, c *Config, v string) { c.Sessions.Idle = l.duration(v, time.Minute, time.Hour) }},
	{name: "RIBBLE_SESSION_LINGER", help: "a locked session ends after this long", def: "30m", read: func(l *loader, c *Config, v string) { c.Sessions.Linger = l.duration(v, time.Minute, 12*time.Hour) }},
	{name: "RIBBLE_SESSION_ABSOLUTE", help: "a session ends after this long whatever happens", def: "10h", read: func(l *loader, c *Config, v string) {
		c.Sessions.Absolute = l.duration(v, 10*time.Minute, 12*time.Hour)
	}},
	{name: "RIBBLE_SESSION_LIMITS", help: "other limits for some organisations (JSON file)", read: func(l *loader, c *Config, v string) { c.Sessions.ByOrganisation = l.sessionLimits(v, c.Sessions) }},
}

// Describe lists every setting with its meaning and default, for `ribble serve -help`.
func Describe() string {
	var b strings.Builder
	for _, s := range append(settings[:len(settings):len(settings)], ownerSetting) {
		fmt.Fprintf(&b, "%s\n    %s%s\n", s.name, s.help, note(s))
	}
	return b.String()
}

func note(s setting) string {
	switch {
	case s.secret && s.need == required:
		return " (required; or " + s.name + "_FILE)"
	case s.secret:
		return " (or " + s.name + "_FILE)"
	case s.need == required:
		return " (required)"
	case s.def != "":
		return " (default " + s.def + ")"
	default:
		return ""
	}
}
