package app_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRedactedBeforeAnythingStoresIt: what the rules take out is in no document, alert or file of the archive of a weir that ran,
// and cannot be searched for; an address of a list of threats is marked in the same event.
func TestRedactedBeforeAnythingStoresIt(t *testing.T) {
	cfg := settings(t)
	place(t, cfg, map[string]string{
		"redact.yaml":    "rules: [{name: users, fields: [user.name], how: mask}]\n",
		"threat/bad.csv": "ip,203.0.113.0/24\n",
	})
	a := start(t, cfg)
	b := backend(t, cfg)
	lines := make([]string, 12)
	for i := range lines {
		lines[i] = "<38>Nov 21 10:00:00 web-1 sshd[77]: Failed password for hongkd77 from 203.0.113.9 port 4711 ssh2"
	}
	send(t, cfg, lines...)
	docs := waitHits(t, b, `threat.enrichments.matched.field: "source.ip" and tags: redacted`, len(lines))
	if strings.Contains(docs[0], "hongkd77") || !strings.Contains(docs[0], `"name":"********"`) {
		t.Errorf("the user is in the document: %s", docs[0])
	}
	if n := len(hits(t, b, "hongkd77")); n != 0 {
		t.Errorf("%d events are found by what was taken out", n)
	}
	stop(t, a)
	for _, folder := range []string{"archive", "alerts.db"} {
		if files := holding(t, filepath.Join(cfg.Data, folder), "hongkd77"); len(files) > 0 {
			t.Errorf("the user is in %q", files)
		}
	}
}

// holding returns the files at or below a path whose bytes have a text.
func holding(t *testing.T, path, text string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "class=audit" {
			return filepath.SkipDir // who searched for what: the search of this test too
		}
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if bytes.Contains(b, []byte(text)) {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
