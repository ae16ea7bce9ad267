package kibana

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"weir/internal/fault"
)

// parsed returns a command with flags as on a command line.
func parsed(t *testing.T, args ...string) *Command {
	t.Helper()
	var c Command
	f := pflag.NewFlagSet("import", pflag.ContinueOnError)
	c.Flags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return &c
}

func TestCommand_AgainstAStandInSinceKibanaCannotRunHere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("abc==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		wants string
		args  []string
	}{
		{"nobody", "", nil},
		{"key of the environment", "ApiKey abc==", []string{"--api-key", "env:KEY"}},
		{"key of a file", "ApiKey abc==", []string{"--api-key", "file:" + file}},
		{"user", "Basic YW5hOnMzY3JldA==", []string{"--user", "ana", "--password", "env:PASSWORD"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newStandIn(t)
			k.key = tt.wants
			r, err := parsed(t, append(tt.args, "--url", k.URL)...).Run(t.Context(), "acme-", []string{"KEY=old", "KEY=abc==", "PASSWORD=s3cret"})
			if err != nil {
				t.Fatal(err)
			}
			if r.Imported != 15 || k.stored["/index-pattern/weir-events"] != "acme-*" {
				t.Errorf("%+v, %v", r, k.stored)
			}
		})
	}
}

func TestCommand_Failure(t *testing.T) {
	tests := []struct {
		name string
		args []string
		what string
	}{
		{"no address", nil, "no Kibana is named"},
		{"a secret as it is", []string{"--url", "http://127.0.0.1:1", "--api-key", "abc=="}, "--api-key takes no secret itself"},
		{"a password as it is", []string{"--url", "http://127.0.0.1:1", "--user", "ana", "--password", "s3cret"}, "--password takes no secret itself"},
		{"no such variable", []string{"--url", "http://127.0.0.1:1", "--api-key", "env:KEY"}, "--api-key names no secret"},
		{"no such file", []string{"--url", "http://127.0.0.1:1", "--api-key", "file:/nowhere/key"}, "--api-key names no secret"},
		{"key and user", []string{"--url", "http://127.0.0.1:1", "--api-key", "env:KEY", "--user", "ana"}, "both --api-key and --user"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parsed(t, tt.args...).Run(t.Context(), DefaultPrefix, nil)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "usage" || f.Exit != fault.ExitUsage || !strings.HasPrefix(f.What, tt.what) {
				t.Errorf("%v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("the secret is shown: %v", err)
			}
		})
	}
}
