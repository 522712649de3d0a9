// Package migrations embeds the numbered SQL files that make the database; internal/postgres applies them.
//
// A file NNNN_verb_noun.up.sql never changes once released: its SHA-256 is kept beside its number in the database. Each
// migration must let the previous release go on working. Grants stand beside the tables they open, and the portal refuses to
// start when they are not exactly so.
package migrations

import "embed"

// Files holds every migration.
//
//go:embed *.sql
var Files embed.FS
