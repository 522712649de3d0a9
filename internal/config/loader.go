package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// loader reads settings one by one and gathers what is wrong with them. Its readers give the zero value after a problem.
type loader struct {
	lookup   func(string) (string, bool)
	current  string
	problems Problems
}

func (l *loader) problem(format string, args ...any) {
	l.problems = append(l.problems, l.current+": "+fmt.Sprintf(format, args...))
}

// value finds a setting's text: from the environment, from the file beside it, or its default. Empty counts as not given.
func (l *loader) value(s setting) (string, bool) {
	l.current = s.name
	value := l.text(s.name)
	if s.secret {
		if path := l.text(s.name + "_FILE"); path != "" {
			if value != "" {
				l.problem("give either it or %s_FILE, not both", s.name)
			}
			value = strings.TrimSpace(string(l.secretText(path)))
		}
	}
	if value == "" {
		value = s.def
	}
	if value == "" && s.need == required {
		l.problem("is required: %s", s.help)
	}
	return value, value != ""
}

func (l *loader) text(name string) string {
	if v, ok := l.lookup(name); ok {
		return v
	}
	return ""
}

// together checks what no single setting shows.
func (l *loader) together(c *Config) {
	l.current = "RIBBLE_PUBLIC_URL"
	if c.PublicURL != nil && c.PublicURL.Scheme == "http" && c.TLS != nil {
		l.problem("must be https, since a server certificate is given")
	}
	l.current = "RIBBLE_LISTEN"
	if c.TLS == nil && c.Listen != "" && !loopbackHost(hostOf(c.Listen)) {
		l.problem("without RIBBLE_TLS_CERT it must be a loopback address")
	}
	l.current = "RIBBLE_VIEW_DEADLINE"
	if c.Limits.View < c.Limits.Source {
		l.problem("must not be shorter than RIBBLE_SOURCE_DEADLINE")
	}
	l.current = "RIBBLE_SOFT_DEADLINE"
	if c.Limits.Soft > c.Limits.View {
		l.problem("must not be longer than RIBBLE_VIEW_DEADLINE")
	}
	l.current = "RIBBLE_LOOK_LIMIT"
	if c.Limits.Look < c.Limits.View {
		l.problem("must not be shorter than RIBBLE_VIEW_DEADLINE")
	}
	l.current = "RIBBLE_SESSION_IDLE"
	if c.Sessions.Idle > c.Sessions.Absolute {
		l.problem("must not be longer than RIBBLE_SESSION_ABSOLUTE")
	}
	l.current = "RIBBLE_SMTP_FROM"
	if c.Mail.Server != "" && c.Mail.From == "" {
		l.problem("must be given with RIBBLE_SMTP_SERVER")
	}
	l.distinct(c)
}

// distinct refuses one secret in two places: whoever learns it in one would then hold the other.
func (l *loader) distinct(c *Config) {
	seen := map[string]bool{}
	l.current = "RIBBLE_INDEX_KEY, RIBBLE_PERSON_KEY, RIBBLE_ROW_KEY, RIBBLE_CHECKPOINT_KEY, RIBBLE_HANDLE_KEY, RIBBLE_ACCOUNT_KEY"
	for _, k := range slices.Concat(c.Keys.Handle, c.Keys.Account) {
		if len(k.bytes) > 0 && seen[string(k.bytes)] {
			l.problem("every key must differ from every other")
			return
		}
		seen[string(k.bytes)] = true
	}
	files := map[string]bool{}
	for _, f := range []string{c.Keys.IndexFile, c.Keys.PersonFile, c.Keys.RowFile, c.Keys.CheckpointFile} {
		if f != "" && files[f] {
			l.problem("every key must differ from every other")
		}
		files[f] = true
	}
	l.current = "RIBBLE_AUDIT_DATABASE_URL"
	if c.Database.App.text != "" && c.Database.App.text == c.Database.Audit.text {
		l.problem("must be another role than RIBBLE_DATABASE_URL's")
	}
}

// partner reports a setting that is given without the one it belongs to.
func (l *loader) partner(name string) {
	if l.text(name) == "" {
		l.problem("is given without %s", name)
	}
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func (l *loader) address(v string) string {
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		l.problem("must be host:port")
		return ""
	}
	return v
}

// safeURL says whether u is an https address, or http on a loopback host.
func safeURL(u *url.URL) bool {
	if u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Hostname())
}

func (l *loader) service(v string) *url.URL {
	u, err := url.Parse(v)
	if err != nil || !safeURL(u) || u.RawQuery != "" {
		l.problem("must be an https address without query (http only on a loopback host)")
		return nil
	}
	return u
}

func (l *loader) origin(v string) *url.URL {
	u := l.service(v)
	if u != nil && strings.Trim(u.Path, "/") != "" {
		l.problem("must have no path")
		return nil
	}
	if u != nil {
		u.Path = ""
	}
	return u
}

func (l *loader) level(v string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(v)); err != nil {
		l.problem("must be debug, info, warn or error")
	}
	return level
}

// onOff reads a switch.
func (l *loader) onOff(v string) bool {
	if v != "on" && v != "off" {
		l.problem("must be on or off")
	}
	return v == "on"
}

func (l *loader) databaseURL(v string) Secret {
	if v == "" {
		return Secret{}
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.User.Username() == "" {
		l.problem("must be a postgres:// URL with a user")
		return Secret{}
	}
	return Secret{text: v}
}

func (l *loader) email(v string) string {
	if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
		l.problem("must be an e-mail address")
	}
	return v
}

func (l *loader) duration(v string, low, high time.Duration) time.Duration {
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		l.problem("must be a time from %v to %v, for example 8s", low, high)
		return 0
	}
	return d
}

// timeOfDay reads hours and minutes; off is negative.
func (l *loader) timeOfDay(v string) time.Duration {
	if v == "off" {
		return -1
	}
	at, err := time.Parse("15:04", v)
	if err != nil {
		l.problem("must be a time of day such as 02:00, or off")
		return -1
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
}

func (l *loader) integer(v string, low, high int64) int64 {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high {
		l.problem("must be a whole number from %d to %d", low, high)
		return 0
	}
	return n
}

var (
	digits  = regexp.MustCompile(`^[0-9]{6,20}$`)
	odsCode = regexp.MustCompile(`^[A-Z0-9]{3,10}$`)
)

func (l *loader) digits(v string) string { return l.matching(v, digits, "must be 6 to 20 digits") }

func (l *loader) ods(v string) string {
	return l.matching(v, odsCode, "must be an ODS code: 3 to 10 capital letters and digits")
}

func (l *loader) matching(v string, form *regexp.Regexp, text string) string {
	if !form.MatchString(v) {
		l.problem("%s", text)
		return ""
	}
	return v
}

func (l *loader) networks(v string) []netip.Prefix {
	var out []netip.Prefix
	for item := range strings.SplitSeq(v, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(item))
		if err != nil || p != p.Masked() {
			l.problem("must be networks such as 10.1.0.0/16, comma separated")
			return nil
		}
		out = append(out, p)
	}
	return out
}
