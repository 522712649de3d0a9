// Package demo holds the demo's lists as an operator would load them: caseloads of the organisations whose staff can sign in, staff, and the confidential list.
package demo

import "embed"

// Files are the lists: caseload-ODS.csv, staff.csv and listed.csv, in the form of `ribble caseload import` and `ribble watch import`.
//
//go:embed *.csv
var Files embed.FS

// Sensitive holds the folder "sensitive": an invented manifest of sensitive code sets, with the files that it names and a list of words.
//
//go:embed sensitive
var Sensitive embed.FS
