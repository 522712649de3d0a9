package demo

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	lists "ribble/deploy/demo"
	"ribble/internal/consent"
	"ribble/internal/identity"
	"ribble/internal/record"
	"ribble/internal/register"
	"ribble/internal/sandbox"
	"ribble/internal/sandbox/story"
)

// operator is who loads the demo's lists and accounts.
var operator = identity.User{Issuer: "urn:ribble:operator", Subject: "demo"}

// Desk keeps the registers of the demo's portal.
func (d *Demo) Desk() *register.Desk { return d.app.Desk() }

// registers loads the lists and enters the objections of the demo, through the same code as the commands and the pages do.
func (d *Demo) registers(ctx context.Context, everybody bool) error {
	desk := d.app.Desk()
	if err := d.caseloads(ctx, desk, everybody); err != nil {
		return err
	}
	for _, kind := range []register.LoadKind{register.Staff, register.Listed} {
		if err := watch(ctx, desk, kind); err != nil {
			return err
		}
	}
	return object(ctx, desk)
}

// caseloads loads the shipped files, or everybody of the region for each organisation whose staff can sign in.
func (d *Demo) caseloads(ctx context.Context, desk *register.Desk, everybody bool) error {
	names, err := fs.Glob(lists.Files, "caseload-*.csv")
	if err != nil {
		return err
	}
	for _, name := range names {
		file, err := lists.Files.Open(name)
		if err != nil {
			return err
		}
		rows, err := register.ReadCaseload(file, time.Now())
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if everybody {
			rows = append(rows, d.everybody()...)
		}
		ods := strings.TrimSuffix(strings.TrimPrefix(name, "caseload-"), ".csv")
		if _, err := desk.LoadCaseload(ctx, operator, ods, rows); err != nil {
			return fmt.Errorf("loading %s: %w", name, err)
		}
	}
	return nil
}

// everybody are all people but those who show the rules.
func (d *Demo) everybody() []register.CaseloadRow {
	var rows []register.CaseloadRow
	for p := range d.Region.World.Everybody() {
		for _, number := range append(p.Superseded, p.NHSNumber) {
			if n, err := record.ParseNHSNumber(number); err == nil && p.Rule == "" {
				rows = append(rows, register.CaseloadRow{Number: n, Until: time.Now().Add(register.CaseloadLife)})
			}
		}
	}
	return rows
}

func watch(ctx context.Context, desk *register.Desk, kind register.LoadKind) error {
	file, err := lists.Files.Open(string(kind) + ".csv")
	if err != nil {
		return err
	}
	rows, err := register.ReadWatched(kind, file)
	if err != nil {
		return fmt.Errorf("reading %s.csv: %w", kind, err)
	}
	if _, err := desk.LoadWatched(ctx, operator, kind, rows); err != nil {
		return fmt.Errorf("loading %s.csv: %w", kind, err)
	}
	return nil
}

// object enters what two people have said, at the desk of the receptionist who may.
func object(ctx context.Context, desk *register.Desk) error {
	clerk := receptionist()
	for number, direction := range map[string]consent.Direction{story.ShutOut: consent.View, story.HeldBack: consent.Supply} {
		n, err := record.ParseNHSNumber(number)
		if err != nil {
			return err
		}
		e := consent.Entry{Organisation: "RZB", Sections: record.AllSections, Direction: direction, Stance: consent.Objected}
		if err := desk.Object(ctx, clerk, n, e); err != nil {
			return fmt.Errorf("entering an objection: %w", err)
		}
	}
	return nil
}

// receptionist is the persona who keeps the register of objections, as signed in.
func receptionist() identity.User {
	u := identity.User{Issuer: operator.Issuer}
	for _, p := range sandbox.Personas {
		if p.ID == "pickup" {
			r := p.Roles[0]
			u.Subject, u.SDSUserID, u.Name = p.UserID, p.UserID, p.Given+" "+p.Family
			u.Role = identity.Role{ProfileID: r.ID, Activities: r.ActivityCodes}
			u.Organisation = identity.Organisation{ODS: r.OrgCode, Name: r.OrgName}
		}
	}
	return u
}
