package archivecmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/cmd/weir/ui"
	"weir/internal/control/retaining"
	"weir/internal/retention"
)

// rule is a policy with one law that nobody has read.
func rule() retaining.PolicyAnswer {
	return retaining.PolicyAnswer{Text: "zone: \"UTC\"\n", Zone: "UTC", Policy: retention.PolicyFacts{Version: strings.Repeat("ab", 32), Since: noon, Enforce: true}, Later: 40,
		Classes: []retention.ClassFacts{{Name: "pci-10.5.1", Keep: "12 months", DeleteBy: "2 years", Status: "memory", Checked: "never", Law: retention.Text{En: "PCI DSS v4"}, Article: "10.5.1"}, {Name: "standard", Keep: "90 days"}},
		Plan: []retaining.PlanLine{{Path: "class=a/day=2026-01-01/s-1.parquet", Class: "a", Day: "2026-01-01", Why: retention.Due, Due: noon, Rows: 1200, Bytes: 2048},
			{Path: "class=b/day=2026-01-01/s-1.parquet", Class: "b", Day: "2026-01-01", Why: retention.Held, Due: noon, DeleteBy: noon, Holds: []string{"H1"}, Detail: "it cannot be read"}}}
}

func TestPolicyShow(t *testing.T) {
	b := &keeper{policy: rule()}
	out, notes, err := desk{b: b, tty: true}.run(t, (*commands).policyShowSpec)
	if err != nil || !strings.Contains(out, "pci-10.5.1  12 months  2 years    memory  never    PCI DSS v4  10.5.1") || !strings.Contains(notes, "policy abababababab, in force since") {
		t.Errorf("%q %q %v", out, notes, err)
	}
	out, notes, err = desk{b: b, tty: true}.run(t, (*commands).policyShowSpec, "--plan")
	if err != nil || !strings.Contains(b.raw, `"plan":true`) || !strings.Contains(out, "held") || !strings.Contains(out, "H1, it cannot be read") || !strings.Contains(notes, "due: 1 segment; kept though over, or nobody knows: 1; later: 40") {
		t.Errorf("%q %q %v", out, notes, err)
	}
	if out, _, _ = (desk{b: b}).run(t, (*commands).policyShowSpec, "--text"); out != "zone: \"UTC\"\n" {
		t.Errorf("%q", out)
	}
	if out, _, _ = (desk{b: b, json: true}).run(t, (*commands).policyShowSpec); !strings.Contains(out, `"later":40`) {
		t.Errorf("%q", out)
	}
	for _, tc := range []struct {
		change func(*retention.PolicyFacts)
		want   string
	}{
		{func(p *retention.PolicyFacts) { p.Refused, p.Detail = retention.Unsafe, "365 days ahead" }, "retention-clock: nothing is deleted"},
		{func(p *retention.PolicyFacts) { p.Refused = retention.Unstated }, "retention-unstated: nothing is deleted"},
		{func(p *retention.PolicyFacts) { p.Refused, p.Enforce = retention.Off, false }, "retention.enforce is false"},
	} {
		b.policy = rule()
		tc.change(&b.policy.Policy)
		if _, notes, _ = (desk{b: b}).run(t, (*commands).policyShowSpec); !strings.Contains(notes, tc.want) {
			t.Errorf("%q, want %q", notes, tc.want)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good.yaml", "- {name: a, keep_at_least: 1y, when: event.kind == 'event'}\n")
	bad := write("bad.yaml", "- {name: a, keep_at_lest: 1y}\n")
	systems := write("systems.yaml", "systems:\n  - {name: crm, subject: 3}\n")
	_, notes, err := desk{}.run(t, (*commands).policyCheckSpec, good)
	if err != nil || !strings.Contains(notes, "ok: 13 classes, 0 systems") {
		t.Errorf("%q %v", notes, err)
	}
	for _, args := range [][]string{{bad}, {good, "--systems", systems}} {
		out, notes, err := desk{}.run(t, (*commands).policyCheckSpec, args...)
		if found, is := errors.AsType[ui.Found](err); !is || found.Code != 2 || !strings.Contains(out, "did you mean") || !strings.Contains(notes, "1 mistake. A running weir keeps") {
			t.Errorf("%q: %q %q %v", args, out, notes, err)
		}
	}
	out, _, err := desk{json: true}.run(t, (*commands).policyCheckSpec, bad)
	if !strings.Contains(out, `"ok":false`) || err == nil {
		t.Errorf("%q %v", out, err)
	}
	if out, _, err = (desk{json: true}).run(t, (*commands).policyCheckSpec); err != nil || !strings.Contains(out, `"ok":true`) || !strings.Contains(out, "kr-pipa-access-1y") {
		t.Errorf("%q %v", out, err)
	}
}

func TestTrustClock(t *testing.T) {
	b := &keeper{policy: rule()}
	if _, _, err := (desk{b: b}).run(t, (*commands).trustClockSpec); err == nil || len(b.asked) != 0 {
		t.Errorf("trusted without a word: %v", err)
	}
	if _, notes, err := (desk{b: b}).run(t, (*commands).trustClockSpec, "--yes"); err != nil || !strings.Contains(b.raw, `"trust_clock":true`) || !strings.Contains(notes, "the clock is trusted") {
		t.Errorf("%q %v", notes, err)
	}
}
