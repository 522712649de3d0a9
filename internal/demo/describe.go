package demo

import (
	"fmt"
	"io"
	"strings"

	"ribble/internal/sandbox"
)

// Describe tells whoever started the demo where it is, who can sign in, and whose records are worth opening.
func (d *Demo) Describe(out io.Writer) {
	fmt.Fprintf(out, "READY %s\n\n", d.URL)
	fmt.Fprintln(out, "Sign in with “Care Identity (sandbox)” as one of:")
	for _, p := range sandbox.Personas {
		fmt.Fprintf(out, "  %-22s %s\n", p.Title+" "+p.Given+" "+p.Family, p.About)
	}
	d.describeAccount(out)
	fmt.Fprintln(out, "\nPeople to open (NHS number, name, what their record shows):")
	for _, n := range d.Region.World.Notable() {
		fmt.Fprintf(out, "  %s  %-34s %s\n", n.NHSNumber, n.Name, n.Shows)
	}
	fmt.Fprintln(out, "\nPeople who show who may see what:")
	for _, n := range d.Region.World.Ruled() {
		fmt.Fprintf(out, "  %s  %-34s %s\n", n.NHSNumber, n.Name, n.Shows)
	}
	k := d.Region.Unregistered()
	fmt.Fprintf(out, "\nA hospital that nobody has registered yet, to be brought on as docs/guide-admin.md tells:\n  %s (%s), Privacy Officer %s, record desk %s\n  address %s, networks %s, supplies %s\n  test person 999 141 1690; tester 900100000002; pilot organisation RZB\n",
		k.Name, k.ODS, k.Officer, k.Phone, k.Endpoint, strings.Join(k.Networks, ", "), strings.Join(k.Sections, ", "))
	fmt.Fprintf(out, "\nOr open somebody from a hospital's own records system: %s\n(its signing keys, for a launch by hand: %s; see docs/guide-launch.md)\n", d.Region.Records.Origin, d.dir)
	fmt.Fprintf(out, "\nTo make a source slow or failing: %s/sources\nCtrl-C ends everything.\n", d.Region.ControlURL)
}
