// Package archtest holds the rules of the code base as tests: who may import whom, what every section must have, and how large anything may grow.
package archtest
