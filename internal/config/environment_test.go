package config

import (
	"errors"
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
