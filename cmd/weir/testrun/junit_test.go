package testrun

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/internal/fault"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 21, 16, 52, 30, 0, time.FixedZone("KST", 9*3600))

// outcome is a run with a rule that is well, one that failed and one that was refused.
func outcome() tools.TestRun {
	return tools.TestRun{Rules: []tools.RuleTest{
		{Rule: "ssh-brute-force", File: "rules/ssh.yaml", Took: 3 * time.Millisecond, Cases: []tools.RuleCase{{Name: "hit", Line: 5, OK: true, Took: time.Millisecond}, {OK: true, Miss: true}}},
		{Rule: "vpn", File: "rules/vpn.yaml", Cases: []tools.RuleCase{{Name: "a \"second\" <country>\x1b", Line: 31, Diff: []string{"- alerts: 1   expected", "+ alerts: 0   got"}}}},
	}, Refused: fault.List{{Code: "rule-unknown-key", What: "unknown key `withn`", Where: "rules/bad.yaml:12:5", Do: "did you mean `within`?"}}}
}

func TestJUnitXML(t *testing.T) {
	b, err := encode("rules", outcome(), now, 1500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if got.Tests != 4 || got.Failures != 1 || got.Errors != 1 || got.Time != "1.500" || len(got.Suites) != 3 {
		t.Errorf("%+v", got)
	}
	ok, bad, refused := got.Suites[0], got.Suites[1], got.Suites[2]
	if ok.Name != "ssh-brute-force" || ok.Tests != 2 || ok.Failures != 0 || ok.Timestamp != "2026-11-21T07:52:30" || ok.Cases[0].Failure != nil || ok.Cases[0].Line != 5 || ok.Cases[0].Time != "0.001" {
		t.Errorf("%+v", ok)
	}
	if f := bad.Cases[0].Failure; f == nil || f.Message != "- alerts: 1   expected" || f.Text != "rules/vpn.yaml:31\n- alerts: 1   expected\n+ alerts: 0   got" || !strings.HasPrefix(bad.Cases[0].Name, `a "second" <country>`) {
		t.Errorf("%+v", bad)
	}
	if e := refused.Cases[0].Error; e == nil || refused.Errors != 1 || e.Message != "unknown key `withn`" || refused.Cases[0].Name != "rules/bad.yaml:12:5" {
		t.Errorf("%+v", refused)
	}
	if !strings.HasPrefix(string(b), "<?xml") {
		t.Errorf("begins with %q", b[:20])
	}
}

func TestWriteJUnit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.xml")
	if err := writeJUnit(name, "rules", outcome(), now, time.Second); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), "<testsuites") {
		t.Errorf("%s, %v", b, err)
	}
	if err := writeJUnit(filepath.Join(name, "below"), "rules", outcome(), now, 0); fault.Code(err) != "folder-unusable" {
		t.Errorf("a folder that is none: %v", err)
	}
}
