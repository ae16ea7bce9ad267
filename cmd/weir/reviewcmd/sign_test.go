package reviewcmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/cmd/weir/ui"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/review"
	"weir/internal/review/store"
)

// TestPassphrase: from a file, from the environment, from nobody; never from the command line.
func TestPassphrase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PASS", "from the environment")
	t.Setenv("EMPTY", "")
	sh := ui.Shell{In: strings.NewReader("typed\n"), InTTY: false}
	for _, x := range []struct{ name, ref, want, code string }{
		{"file", "file:" + file, "from a file", ""}, {"environment", "env:PASS", "from the environment", ""},
		{"no file", "file:" + file + "x", "", "review-passphrase"}, {"an empty file", "file:" + empty, "", "review-passphrase"}, {"an empty variable", "env:EMPTY", "", "review-passphrase"},
		{"no variable", "env:NO_SUCH_VARIABLE", "", "review-passphrase"}, {"itself", "my secret", "", "usage"}, {"nobody to ask", "", "", "usage"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := passphrase(t.Context(), sh, "?", x.ref, true)
			if string(got) != x.want || x.code != "" && fault.Code(err) != x.code || x.code == "" && err != nil {
				t.Errorf("%q, %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "my secret") {
				t.Error("the message repeats the secret")
			}
		})
	}
}

// TestPassphrase_NoTerminal: a file that is no terminal is not asked, even where somebody says that it is one.
func TestPassphrase_NoTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var msg bytes.Buffer
	sh := shellOf(&bytes.Buffer{}, &msg, 100)
	sh.In, sh.InTTY = f, true
	if got, err := passphrase(t.Context(), sh, "passphrase: ", "", false); err == nil {
		t.Errorf("it read %q", got)
	}
	if !strings.HasPrefix(msg.String(), "passphrase: ") {
		t.Errorf("%q", msg.String())
	}
}

func TestKeyFolder(t *testing.T) {
	sh := ui.Shell{Data: func() (string, error) { return "/srv/weir-data/", nil }}
	if got, err := keyFolder(sh, ""); err != nil || got != "/srv/weir-data.keys/reviewers" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := keyFolder(sh, "/media/stick"); err != nil || got != "/media/stick" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestSigned: what is said after a signature is what is now true.
func TestSigned(t *testing.T) {
	whole := &review.Facts{ID: "2026-10", Systems: []review.System{{ID: "crm"}}, Signatures: []review.Signature{{Parts: []review.Part{{System: "crm"}}}}}
	half := &review.Facts{ID: "2026-10", Systems: []review.System{{ID: "crm"}, {ID: "hr"}}, Signatures: whole.Signatures}
	for name, x := range map[string]struct {
		v    store.View
		want string
	}{
		"half":   {store.View{Facts: half}, "another reviewer signs hr"},
		"later":  {store.View{Facts: whole}, "the archive gets it when weir runs"},
		"sealed": {store.View{Facts: whole, Sealed: &store.Sealed{Path: "reviews/2026-10.json", Seq: 7}}, "as reviews/2026-10.json (record 7)"},
	} {
		t.Run(name, func(t *testing.T) {
			var msg bytes.Buffer
			if err := signed(shellOf(&bytes.Buffer{}, &msg, 0), reviewing.View{View: x.v}, 1); err != nil || !strings.Contains(msg.String(), x.want) || !strings.Contains(msg.String(), "signed: 1 system of 2026-10") {
				t.Errorf("%q, %v", msg.String(), err)
			}
		})
	}
}
