// Package e2e holds the journeys of users through the whole program, in a real browser, against the synthetic region.
package e2e
