package app

import (
	"log/slog"
	"time"

	"ribble/internal/audit"
	"ribble/internal/config"
	"ribble/internal/identity"
	"ribble/internal/identity/launch"
	"ribble/internal/seal"
)

// launches is for the systems that open Ribble with a person in context.
func launches(c config.Config, sealer *seal.Sealer, used identity.Spender, trail *audit.Trail, log *slog.Logger) launch.Config {
	out := launch.Config{PublicURL: c.PublicURL.String(), Sealer: sealer, Spender: used, Auditor: trail, Log: log, Now: time.Now}
	for _, l := range c.Launchers {
		entry := launch.Launcher{
			ID: l.ID, Name: l.Name, Issuer: l.Issuer, Organisation: identity.Organisation(l.Organisation), Level: l.Level, Activities: l.Activities,
			Algorithms: l.Algorithms, Keys: l.Keys, KeysURL: l.KeysURL, Roots: l.Roots.Pool(),
		}
		for _, r := range l.Roles {
			entry.Roles = append(entry.Roles, launch.Role(r))
		}
		if s := l.Smart; s != nil {
			entry.Smart = &launch.Smart{
				ClientID: s.ClientID, OpenIDIssuer: s.OpenIDIssuer, Key: s.Key.Signer(), KeyID: s.KeyID, KeyAlgorithm: s.KeyAlgorithm,
			}
		}
		out.Launchers = append(out.Launchers, entry)
	}
	return out
}
