package main

import (
	"context"
	"strings"
	"testing"

	"weir/cmd/weir/archivecmd"
	"weir/internal/archive/evidence"
	"weir/internal/config"
	"weir/internal/control/archiving"
	"weir/internal/fault"
)

// hostileArchive is an archive whose findings say hostile things.
func hostileArchive() archivecmd.Engine {
	return archivecmd.Engine{
		Version: "0.1.0",
		Check: func(context.Context, config.Config, archivecmd.CheckOptions) (*archiving.Verified, error) {
			v := filled[archiving.Verified]()
			v.OK, v.Proof, v.Findings = false, "own", []archiving.Finding{filled[archiving.Finding]()}
			return &v, nil
		},
		Export: func(context.Context, config.Config, evidence.Options) (*evidence.Summary, error) {
			s := filled[evidence.Summary]()
			return &s, nil
		},
	}
}

// hostileList is what an archive with hostile names has. Codes of faults are weir's own.
func hostileList() archiving.List {
	l := filled[archiving.List]()
	l.Faults = []*fault.Error{{Code: "archive-segment", What: hostile, Where: hostile, Why: hostile}}
	return l
}

func TestArchive_IsThere(t *testing.T) {
	out, msg, code := hostileShell(100).run(t, "archive", "verify")
	if code != 1 || !strings.HasPrefix(out, "TAMPERED: 1 finding in ") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, msg)
	}
}
