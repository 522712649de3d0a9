// Package demo holds what the demo is made of as an operator would load it: the directory and test people of its region, caseloads of the organisations whose
// staff can sign in, staff, and the confidential list.
package demo

import "embed"

// Files are the lists: caseload-ODS.csv, staff.csv and listed.csv, in the form of `ribble caseload import` and `ribble watch import`.
//
//go:embed *.csv
var Files embed.FS

// DirectoryFile is the whole region of the demo in the form of `ribble directory export`: an example to read and to import. Its addresses are invented; the
// demo's own are ports of this machine, and so its directory comes from the sandbox, which a test holds against this file.
const DirectoryFile = "directory.json"

// TestPeopleFile lists the test people whom the demo's sources have agreed on, in the form of RIBBLE_TEST_PEOPLE.
const TestPeopleFile = "test-people.json"

// Region holds both.
//
//go:embed directory.json test-people.json
var Region embed.FS

// Sensitive holds the folder "sensitive": an invented manifest of sensitive code sets, with the files that it names and a list of words.
//
//go:embed sensitive
var Sensitive embed.FS
