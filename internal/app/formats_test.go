package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

const (
	goodFormat  = "dataset: acme.log\ntitle: Acme\nmatch: {starts: 'ACME '}\nsteps:\n  - dissect: 'ACME %{user.name}'\n"
	otherFormat = "dataset: acme.log\ntitle: Acme\nmatch: {starts: 'ACME '}\nsteps:\n  - dissect: 'ACME %{user.id}'\n"
)

// TestReloadFormats: parsers at work read the next record by the new formats; a file with a mistake keeps what it had and is
// said, and a new one with a mistake keeps nobody from working.
func TestReloadFormats(t *testing.T) {
	a, out, noticed := reloadable(t, map[string]string{"formats/acme.yaml": goodFormat})
	a.loadFormats()
	p := a.newParser()
	field := func(path string) string {
		t.Helper()
		var e event.Event
		raw := record.Raw{Value: []byte("ACME kim"), Received: time.Now(), Input: "syslog"}
		if err := p.Parse(&raw, &e, func(*event.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
		return e.GetPath(path).Text()
	}
	if field("event.dataset") != "acme.log" || field("user.name") != "kim" {
		t.Fatalf("the first format is not used: %s", out)
	}
	put(t, a, "formats/acme.yaml", otherFormat)
	a.reloadFormats()
	if field("user.id") != "kim" || field("user.name") != "" || len(*noticed) != 0 {
		t.Errorf("the changed format is not used: %s", out)
	}
	put(t, a, "formats/acme.yaml", strings.Replace(otherFormat, "user.id", "usr.id", 1))
	put(t, a, "formats/new.yaml", "dataset: new.log\n")
	a.reloadFormats()
	if field("user.id") != "kim" {
		t.Error("a mistake ended a format that worked")
	}
	if n := len(*noticed); n != 2 || !strings.Contains((*noticed)[0].Where, "acme.yaml:5") {
		t.Errorf("%d faults are said: %v", n, *noticed)
	}
	if err := os.Remove(filepath.Join(a.cfg.Data, "formats", "acme.yaml")); err != nil {
		t.Fatal(err)
	}
	a.reloadFormats()
	if field("event.dataset") != "system.syslog" {
		t.Error("a format whose file is gone is still used")
	}
}
