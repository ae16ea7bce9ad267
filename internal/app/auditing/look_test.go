package auditing

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"weir/event"
)

func TestDoc(t *testing.T) {
	tests := []struct {
		name    string
		failed  error
		outcome string
		message string // of the error
	}{
		{"answered", nil, "success", ""},
		{"refused", errors.New("no such field"), "failure", "no such field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode(Doc(Look{Action: "search", Query: `user.name: "kim"`, Hits: 7, TookMS: 12, Err: tt.failed})); err != nil {
				t.Fatal(err)
			}
			want := map[event.Field]string{
				event.EventDataset: "weir.audit", event.EventAction: "search", event.EventKind: "event", event.WeirClass: "audit",
				event.EventOutcome: tt.outcome, event.ErrorMessage: tt.message, event.WeirQueryKQL: `user.name: "kim"`,
				event.WeirQueryHits: "7", event.WeirQueryTookMs: "12", event.UserID: strconv.Itoa(os.Getuid()),
				event.EventCategory: `["database"]`, event.EventType: `["access"]`,
			}
			for f, w := range want {
				if got := e.Get(f).Text(); got != w {
					t.Errorf("%s = %s, want %s", f, got, w)
				}
			}
			if e.Str(event.UserName) == "" || e.Get(event.RelatedUser).Item(0).Str() != e.Str(event.UserName) {
				t.Errorf("who asked is not named: %s", e.AppendJSON(nil))
			}
			if at := e.Get(event.Timestamp).Time(); time.Since(at) > time.Minute {
				t.Errorf("it was at %s", at)
			}
			before := string(e.AppendJSON(nil))
			if e.Conform(); string(e.AppendJSON(nil)) != before {
				t.Errorf("the document does not fit ECS:\n%s\n%s", before, e.AppendJSON(nil))
			}
		})
	}
}

// TestDoc_Named: who signed in to the console is recorded by that name, and not as the user that weir runs as.
func TestDoc_Named(t *testing.T) {
	var e event.Event
	if err := e.Decode(Doc(Look{Who: "ana", Action: "export", Reason: "case 7"})); err != nil {
		t.Fatal(err)
	}
	if e.Str(event.UserName) != "ana" || e.Has(event.UserID) || e.Str(event.EventReason) != "case 7" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

// TestPend: looks that end at the same moment do not mix their lines.
func TestPend(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := Pend(dir, Doc(Look{Action: "search", Query: strconv.Itoa(i)})); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	name := filepath.Join(dir, File)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(b) {
		var e event.Event
		if err := e.Decode(line); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		seen[e.Str(event.WeirQueryKQL)] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 looks are there", len(seen))
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read who searched: %v (%v)", info.Mode(), err)
	}
	if err := Pend(filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
