package notify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// TestDocs: every notify.yaml on a page is one that weir takes.
func TestDocs(t *testing.T) {
	t.Setenv("WEIR_MAIL_PASSWORD", "secret")
	seen := 0
	for _, page := range []string{"docs/notifications.md", "docs/how-to/notify.md"} {
		text, err := os.ReadFile(filepath.Join(testkit.Root(t), page))
		if err != nil {
			t.Fatal(err)
		}
		var blocks []string
		for i, part := range strings.Split(string(text), "```") {
			if rest, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 {
				blocks = append(blocks, rest)
			}
		}
		for _, part := range strings.Split(string(text), "<<'EOF_NOTIFY'\n")[1:] {
			doc, _, _ := strings.Cut(part, "EOF_NOTIFY\n")
			blocks = append(blocks, doc)
		}
		for _, doc := range blocks {
			seen++
			dir := t.TempDir()
			for name, content := range map[string]string{FileName: doc, "mail.password": "secret"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, faults, err := Check(Options{}, filepath.Join(dir, FileName))
			if err != nil || len(faults) > 0 {
				t.Errorf("%s: %v %v\n%s", page, err, faults, doc)
			}
		}
	}
	if seen != 3 {
		t.Errorf("%d files on the pages", seen)
	}
}
