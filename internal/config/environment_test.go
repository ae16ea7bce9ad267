package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestLoad_EnvironmentMistakes(t *testing.T) {
	for name, x := range map[string]struct{ env, where, what string }{
		"wrong value":   {"WEIR_BUS_LINGER=soon", "environment WEIR_BUS_LINGER", "`bus.linger`: \"soon\" is no time span"},
		"contradiction": {"WEIR_BUS_KEY=both", "environment WEIR_BUS_KEY", "`bus.key`: \"both\" is not allowed"},
		"boolean":       {"WEIR_RULES_SHIPPED=1", "environment WEIR_RULES_SHIPPED", "`rules.shipped`: \"1\" is neither true nor false"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("", []string{x.env})
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Where != x.where || !strings.Contains(e.What, x.what) || e.Code != "config-bad-value" {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestLoad_UnknownVariables(t *testing.T) {
	for env, do := range map[string]string{
		"WEIR_BUS_PREFIKS=x":   "did you mean WEIR_BUS_PREFIX?",
		"WEIR_DATTA=x":         "did you mean WEIR_DATA?",
		"WEIR_BUS_WHATEVER=x":  "unset WEIR_BUS_WHATEVER; all names: `weir config show`",
		"WEIR_TESTDATA=x":      "",
		"WEIR_REQUIRE=shared":  "",
		"WEIR_SOMETHING_ELS=x": "",
		"OTHER_BUS_PREFIX=x":   "",
	} {
		l, err := Load("", []string{env})
		if err != nil {
			t.Fatalf("%s: %v", env, err)
		}
		got := ""
		for _, w := range l.Warnings {
			got = w.Do
			if !w.Warn || w.Code != "config-unknown-variable" {
				t.Errorf("%s: %+v", env, w)
			}
		}
		if got != do {
			t.Errorf("%s: %q, want %q", env, got, do)
		}
	}
}

// TestLoad_EveryKeyFromTheEnvironment: each key can be set by its variable to what it is already, and says so.
func TestLoad_EveryKeyFromTheEnvironment(t *testing.T) {
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, e := range l.Entries() {
		value := strings.Trim(e.Value, `"[]`)
		env = append(env, e.Env+"="+value)
	}
	again, err := Load("", env)
	if err != nil {
		t.Fatal(err)
	}
	if again.YAML(false) != l.YAML(false) {
		t.Errorf("got\n%s\nwant\n%s", again.YAML(false), l.YAML(false))
	}
	for _, e := range again.Entries() {
		if e.Origin != "environment "+e.Env {
			t.Errorf("%s comes from %s", e.Key, e.Origin)
		}
	}
	if len(again.Warnings) > 0 {
		t.Errorf("warnings: %v", again.Warnings)
	}
}

// TestLoad_AllMistakesAtOnce: file, environment and flags are reported in one run; contradictions only where every value
// could be read.
func TestLoad_AllMistakesAtOnce(t *testing.T) {
	path := write(t, "bus:\n  linger: soon\n  key: both\n")
	_, err := Load(path, []string{"WEIR_LOG_LEVEL=info", "WEIR_LEDGER_INTERVAL=often"}, Override{Key: "archive.epoch_rows", Value: "few", By: "--rows"})
	list, ok := errors.AsType[fault.List](err)
	if !ok || len(list) != 3 {
		t.Fatalf("got %v", err)
	}
	var where []string
	for _, e := range list {
		where = append(where, e.Where)
	}
	slices.Sort(where)
	if want := []string{"--rows", path + ":2:11", "environment WEIR_LEDGER_INTERVAL"}; !slices.Equal(where, want) {
		t.Errorf("got %v", where)
	}
}

func TestSplitEnv(t *testing.T) {
	got := splitEnv([]string{"A=1", "B=", "A=2", "C=x=y", "odd", "=z", "한글=값"})
	for name, want := range map[string]string{"A": "2", "B": "", "C": "x=y", "한글": "값"} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %q, %v", name, v, ok)
		}
	}
	if _, ok := got["odd"]; ok {
		t.Error("a line without = is a variable")
	}
}

// TestLoad_EmptyVariable: an empty variable is an empty value and not none, so that a listener can be switched off.
func TestLoad_EmptyVariable(t *testing.T) {
	l, err := Load("", []string{"WEIR_CONSOLE_LISTEN=", "WEIR_BUS_BROKERS="})
	if err != nil || l.Config.Console.Listen != "" || len(l.Config.Bus.Brokers) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := Load("", []string{"WEIR_DATA="}); fault.Code(err) != "config-bad-value" {
		t.Errorf("no data folder: %v", err)
	}
	if _, err := Load("", []string{"WEIR_ARCHIVE_EPOCH_ROWS="}); fault.Code(err) != "config-bad-value" {
		t.Errorf("an empty number: %v", err)
	}
}
