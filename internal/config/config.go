// Package config reads the service's settings from the environment and from files into one typed struct, reporting every
// problem at once.
package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is every setting of `ribble serve`. A Config that Load gave without an error is complete: every file it names has
// been read, and secrets print as "[redacted]".
type Config struct {
	// Listen is the address (host:port) the portal listens on.
	Listen string
	// OpsListen is the address for readiness and metrics, apart from the users' one; empty means none.
	OpsListen string
	// PublicURL is the address users see: scheme and host, no path.
	PublicURL *url.URL
	// Proxies are the networks of our own proxies, whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// TLS is the server's own certificate. It is absent only when Listen is a loopback address: for the demo, or behind a
	// proxy on the same host.
	TLS *Identity
	// LogLevel is the least level that is logged.
	LogLevel slog.Level

	Database Database
	Keys     Keys
	// Witnesses confirm the audit trail from outside.
	Witnesses []Witness
	// DirectoryFile names the participating organisations and their feeds (directory.json); it is read when the database has none yet.
	DirectoryFile string
	// ClientIdentities is the folder of the certificates and keys that feeds name; empty for none.
	ClientIdentities string
	National         National
	// TestPeopleFile lists the test people for connection checks; empty where there are none.
	TestPeopleFile string
	// Nightly is the time of day (UTC) at which every connection is checked; negative for never.
	Nightly time.Duration
	// ProfilesFile is the table of rights, SensitiveFile the manifest of sensitive code sets; each empty for what is shipped.
	ProfilesFile, SensitiveFile string
	// SensitiveCandidate is a manifest to be tried out, SensitiveWords the list by which free text is searched; each empty for none.
	SensitiveCandidate, SensitiveWords string
	// WatchRulesFile is the set of rules that watch the audit trail; empty for the shipped one.
	WatchRulesFile string
	Mail           Mail
	// PermissionToView says that people are asked before their record is viewed.
	PermissionToView bool
	// Providers are the OpenID Connect providers users may sign in with, in the order shown.
	Providers []Provider
	// Collectors are the systems that gather audit events of their organisations.
	Collectors []Collector
	// Launchers are the systems that may open Ribble with a person in context.
	Launchers []Launcher
	Limits    Limits
	Sessions  Sessions
	// Region names the shared care record at the foot of every page.
	Region string
}

// Database holds one connection URL for each Postgres role, so that no pool can do what another's role may.
type Database struct {
	// App is for the directory, users, sessions and consent.
	App Secret
	// Audit may append to the audit trail and nothing else.
	Audit Secret
	// IGReader may read the audit trail, for officers; empty where the portal has no leave to.
	IGReader Secret
	// Verifier may read the audit trail, to sign for it.
	Verifier Secret
}

// Mail says how officers are told of alerts; without a server and a folder they are not.
type Mail struct {
	// Region is where the administrators of the region are told of agreements that end; empty for nowhere.
	Region string
	// Server is the host and port of a mail server, From the sender's address, User and Password sign in where it asks for that.
	Server, From, User string
	Password           Secret
	// Roots is the authority of its certificate, the system's where none is given; Plain sends without TLS.
	Roots Authority
	Plain bool
	// Folder keeps messages as files instead: for the demo.
	Folder string
}

// Keys are the service's own secrets, each from a file that only its user may read.
type Keys struct {
	// IndexFile holds the keys of the HMAC by which audit rows find a person without naming one, PersonFile those that encrypt identifiers in
	// audit rows; package audit reads both.
	IndexFile, PersonFile string
	// Handle seals view handles, document handles and login transactions; the first seals, the second still opens.
	Handle []Key
	// Account seals the second factors of local accounts, for as long as these last; the first seals, the second still opens. Without one there
	// are no local accounts.
	Account []Key
	// RowFile holds the keys of the MAC that guards each audit row until a checkpoint covers it; package audit reads it.
	RowFile string
	// CheckpointFile holds the Ed25519 keys that sign audit checkpoints; package checkpoint reads it.
	CheckpointFile string
}

// National says how the Personal Demographics Service and the Spine Directory are reached.
type National struct {
	PDS, SDS *url.URL
	// ASID is the accredited system id that this portal presents as consumer.
	ASID string
	// Organisation is the ODS code that this portal presents as consumer.
	Organisation string
	// Roots is the pinned authority; Identity the client certificate.
	Roots    Authority
	Identity *Identity
	// Networks are the addresses both services may resolve to.
	Networks []netip.Prefix
}

// Limits bound a view in time and size.
type Limits struct {
	// Source is how long one source may take; View how long the whole page; Soft when a panel may be shown provisionally.
	Source, View, Soft time.Duration
	// Look is how long a look may go on in all, from its intent to the last part shown.
	Look time.Duration
	// Answer is the largest decoded answer of one source, in bytes.
	Answer int64
}

// Sessions bound a session in time.
type Sessions struct {
	// Idle is how long one stays open without a request; Linger how long it then waits, locked, for its user; Absolute its end whatever happens.
	Idle, Linger, Absolute time.Duration
	// ByOrganisation holds other limits for some organisations, by ODS code.
	ByOrganisation map[string]SessionLimits
}

// SessionLimits are the limits of one organisation.
type SessionLimits struct{ Idle, Linger, Absolute time.Duration }

// For gives the limits of an organisation's sessions.
func (s Sessions) For(ods string) SessionLimits {
	if own, ok := s.ByOrganisation[ods]; ok {
		return own
	}
	return SessionLimits{s.Idle, s.Linger, s.Absolute}
}

// Problems is every fault found in the settings, each a sentence that names the setting but never its value.
type Problems []string

// Error gives one problem a line.
func (p Problems) Error() string { return "the settings have problems:\n  " + strings.Join(p, "\n  ") }

// Load reads every setting through lookup (os.LookupEnv in the program) and every file they name. The error is a Problems
// that holds all faults at once, so that an operator mends them in one round.
func Load(lookup func(string) (string, bool)) (Config, error) {
	l := &loader{lookup: lookup}
	var c Config
	for _, s := range settings {
		if value, ok := l.value(s); ok {
			l.current = s.name
			s.read(l, &c, value)
		}
	}
	l.together(&c)
	if len(l.problems) > 0 {
		return Config{}, l.problems
	}
	return c, nil
}

// OwnerURL reads the one setting of `ribble migrate`: the connection URL of the role that owns the tables. The serving
// program never reads it.
func OwnerURL(lookup func(string) (string, bool)) (Secret, error) {
	l := &loader{lookup: lookup}
	value, _ := l.value(ownerSetting)
	l.current = ownerSetting.name
	url := l.databaseURL(value)
	if len(l.problems) > 0 {
		return Secret{}, l.problems
	}
	return url, nil
}
