package redact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
)

// TestOriginal: what a class says of the original is done to the original and to nothing else.
func TestOriginal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "redact.yaml")
	t.Setenv("REDACT_KEY", strings.Repeat("k", 32))
	if err := os.WriteFile(file, []byte("key: env:REDACT_KEY\nrules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keyed, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	const text = "user kim 010-1234-5678"
	for _, tc := range []struct {
		name, how string
		rules     *Rules
		want      func(string) bool
		gone      bool
	}{
		{"keep", "keep", keyed, func(s string) bool { return s == text }, false},
		{"nothing said", "", keyed, func(s string) bool { return s == text }, false},
		{"mask", Mask, &Rules{}, func(s string) bool {
			return strings.Contains(s, "*") && !strings.Contains(s, "kim") && !strings.Contains(s, "1234")
		}, false},
		{"encrypt", Encrypt, keyed, func(s string) bool {
			plain, err := keyed.key.decrypt(s)
			return err == nil && plain == text
		}, false},
		{"encrypt without a key", Encrypt, &Rules{}, nil, true},
		{"drop", Drop, &Rules{}, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, field := range []event.Field{event.EventOriginal, event.WeirOriginalBase64} {
				var e event.Event
				e.SetStr(field, text)
				e.SetStr(event.Message, text)
				tc.rules.Original(&e, tc.how)
				if e.Has(field) == tc.gone || !tc.gone && !tc.want(e.Str(field)) || e.Str(event.Message) != text {
					t.Errorf("%s: %q, message %q", field.Path(), e.Str(field), e.Str(event.Message))
				}
				tagged := strings.Contains(string(e.AppendJSON(nil)), `"redacted"`)
				if changed := tc.gone || e.Str(field) != text; tagged != changed {
					t.Errorf("tagged %v, changed %v", tagged, changed)
				}
				before := e.Str(field)
				if tc.rules.Original(&e, tc.how); tc.how == Encrypt && e.Str(field) != before {
					t.Error("an event that is read again is encrypted twice")
				}
			}
		})
	}
	var none event.Event
	(&Rules{}).Original(&none, Drop)
	if none.Has(event.Tags) {
		t.Error("an event without an original is tagged")
	}
}
