package tools

import (
	"os"
	"path/filepath"
	"testing"

	"weir/internal/config"
)

func TestExceptions(t *testing.T) {
	loaded, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := loaded.Config
	cfg.Data = t.TempDir()
	if list, faults, err := Exceptions(cfg); err != nil || len(list.Items) != 0 || len(faults) != 0 {
		t.Fatal("without a file:", list, faults, err)
	}
	doc := "- {rule: ssh-brute-force, when: 'source.ip == \"192.0.2.9\"', owner: kim, reason: scanner, until: 2026-01-01}\n- {rule: no-such, when: 'source.ip == \"192.0.2.9\"', owner: kim, reason: scanner, until: 2026-01-01}\n"
	if err := os.WriteFile(filepath.Join(cfg.Data, "exceptions.yaml"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	list, faults, err := Exceptions(cfg)
	if err != nil || len(list.Items) != 2 {
		t.Fatal(list, err)
	}
	unknown := false
	for _, f := range faults {
		unknown = unknown || f.Code == "exception-rule"
		if f.Code != "exception-rule" && f.Code != "exception-expired" && f.Code != "exception-far" {
			t.Error(f)
		}
	}
	if !unknown {
		t.Error("nothing is said about an exception from no rule:", faults)
	}
	// They are no rules: the list of rules has none of them, and check has what is wrong with them.
	if err := os.WriteFile(filepath.Join(cfg.Data, "exceptions.yaml"), []byte(doc+"- {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	count := func(reports []RuleReport, err error) (n int) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reports {
			if filepath.Base(r.File) == "exceptions.yaml" {
				n++
			}
		}
		return n
	}
	if n := count(Rules(cfg)); n != 0 {
		t.Errorf("%d rules are exceptions", n)
	}
	if n := count(CheckRules(cfg, nil)); n != 1 {
		t.Errorf("check has %d reports of the file", n)
	}
}
