package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/control/intake"
)

// rightsCSV writes a file with n rows.
func rightsCSV(t *testing.T, n int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rights.csv")
	text := "user,role,note\n"
	for i := range n {
		text += fmt.Sprintf("u%d,viewer,x\n", i)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestImportRights(t *testing.T) {
	b := &fake{}
	name := rightsCSV(t, intake.MaxRows+1)
	out, msg, code := shell{b: b}.run(t, "import", "rights", name, "--system", "crm")
	if code != 0 || out != "" || !strings.Contains(msg, "rights.csv: 2,001 rights imported, SHA-256 ") || !strings.Contains(msg, "columns kept under their own names: note\n") {
		t.Errorf("exit %d: %s%s", code, out, msg)
	}
	if len(b.parts) != 2 || !b.parts[0].First || b.parts[0].Last || !b.parts[1].Last || b.parts[1].First || len(b.parts[1].Rows) != 1 || b.parts[0].Scope != "crm" || b.parts[0].By == "" {
		t.Errorf("%d parts", len(b.parts))
	}
	out, _, _ = shell{b: b}.run(t, "import", "rights", rightsCSV(t, 1), "--system", "crm", "--json")
	if !strings.Contains(out, `"charset":"utf-8","snapshot":true,"rows":1,"stored":1}`) {
		t.Errorf("--json: %s", out)
	}
	b.before, b.parts = &intake.Before{By: "lee", At: clock(16, 50, 0), File: "old.csv", Rows: 1}, nil
	_, msg, code = shell{b: b}.run(t, "import", "rights", name, "--system", "crm")
	if code != 0 || !strings.Contains(msg, "lee imported the same file") || !strings.HasSuffix(msg, "as old.csv: nothing new\n") || len(b.parts) != 1 {
		t.Errorf("again: exit %d: %s", code, msg)
	}
}

func TestImportRights_Failure(t *testing.T) {
	b := &fake{}
	_, msg, code := shell{b: b}.run(t, "import", "rights", rightsCSV(t, 1))
	if code != 2 || !strings.HasPrefix(msg, "error[rights-row]") || !strings.Contains(msg, ":1:1") || len(b.parts) != 0 {
		t.Errorf("a file with a mistake: exit %d: %s", code, msg)
	}
	if _, msg, code := (shell{b: b}).run(t, "import", "rights", rightsCSV(t, 1), "--timezone", "Mars/Base"); code != 2 || !strings.Contains(msg, "Mars/Base") {
		t.Errorf("no zone: exit %d: %s", code, msg)
	}
	out, msg, code := shell{b: b}.run(t, "import", "rights", rightsCSV(t, 3), "--system", "crm", "--dry-run")
	if code != 0 || out != "" || !strings.HasSuffix(msg, "rights.csv: 3 rights, utf-8, nothing wrong; nothing was imported\n") || len(b.parts) != 0 {
		t.Errorf("--dry-run: exit %d: %s", code, msg)
	}
}

func TestImporter(t *testing.T) {
	if got := importer([]string{"SUDO_USER=someone-else"}); !strings.HasPrefix(got, "someone-else as ") {
		t.Errorf("the importer is %q", got)
	}
	if got := importer(nil); got == "" || strings.Contains(got, " as ") {
		t.Errorf("the importer is %q", got)
	}
}
