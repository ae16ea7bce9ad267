package app

import (
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/config"
	"weir/internal/fault"
)

func TestDropIf(t *testing.T) {
	var cfg config.Config
	if drop, err := dropIf(cfg); drop != nil || err != nil {
		t.Errorf("without a filter: %v", err)
	}
	cfg.Inputs.Syslog.DropIf = `message contains "noise"`
	drop, err := dropIf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]bool{
		`{"message":"noise","weir":{"input":"syslog"}}`:  true,
		`{"message":"signal","weir":{"input":"syslog"}}`: false,
		`{"message":"noise","weir":{"input":"audit"}}`:   false, // who searched for noise stays on record
		`{"message":"noise"}`:                            false,
	} {
		if got := drop(apptest.Decode(t, doc)); got != want {
			t.Errorf("%s: %t", doc, got)
		}
	}
	cfg.Inputs.Syslog.DropIf = `message contains`
	if _, err := dropIf(cfg); fault.Code(err) != "config-expr" || fault.Exit(err) != fault.ExitUsage {
		t.Errorf("no expr: %v", err)
	}
}
