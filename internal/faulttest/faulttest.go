// Package faulttest opens records through the whole program while its sources, its database and its visitors misbehave, and reads every page that comes.
package faulttest
