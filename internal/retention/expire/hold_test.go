package expire_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/retention/expire"
)

// hold places a hold and fails the test on an error.
func hold(t testing.TB, r *expire.Runner, q retaining.HoldRequest) string {
	t.Helper()
	if q.Owner == "" {
		q.Owner = "lee"
	}
	if q.Reason == "" {
		q.Reason = "소명 요청"
	}
	a, err := r.Hold(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a.Hold.ID
}

// TestHold: what a hold finds stays, beyond the day by which it had to be gone too; what it does not find goes. When it is
// released, or over, the rest goes.
func TestHold(t *testing.T) {
	for _, tc := range []struct {
		name string
		hold retaining.HoldRequest
		left string
	}{
		{"by a query", retaining.HoldRequest{Query: "user.name: kim"}, "short/2026-01-01"},
		{"by a query that finds nothing", retaining.HoldRequest{Query: "user.name: nobody"}, ""},
		{"by time", retaining.HoldRequest{From: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)}, "short/2026-01-02"},
		{"by both, which do not meet", retaining.HoldRequest{Query: "user.name: kim", From: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}, ""},
		{"everything", retaining.HoldRequest{}, "short/2026-01-01 short/2026-01-02 short/2026-01-03"},
		{"by a day in the zone of the policy", retaining.HoldRequest{Query: "@timestamp: 2026-01-03"}, "short/2026-01-03"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.add(doc("short", "2026-01-01", "kim"), doc("short", "2026-01-01", "lee"), doc("short", "2026-01-02", "lee"), doc("short", "2026-01-03", "park"))
			r := w.runner()
			id := hold(t, r, tc.hold)
			w.once(r)
			if got := w.left(); got != tc.left {
				t.Fatalf("left: %q, want %q", got, tc.left)
			}
			// A new process, and a policy that keeps less, change nothing.
			w.archive.Close()
			w.open()
			r = w.runner()
			w.policy("- {name: short, keep_at_least: 1 day, when: event.module == 'short'}\n")
			if _, _, err := w.store.Reload(); err != nil {
				t.Fatal(err)
			}
			w.once(r)
			if got := w.left(); got != tc.left {
				t.Fatalf("after a restart: %q, want %q", got, tc.left)
			}
			if _, err := r.Release(t.Context(), retaining.ReleaseRequest{ID: id, Reason: "closed"}); err != nil {
				t.Fatal(err)
			}
			w.once(r)
			if got := w.left(); got != "" {
				t.Errorf("after the release: %q", got)
			}
		})
	}
}

// asking counts the searches of an archive, and lets them fail.
type asking struct {
	*archive.Archive
	n    *int
	fail *error
}

func (a asking) Search(ctx context.Context, req search.Request, emit search.Emit) (*search.Summary, error) {
	*a.n++
	if *a.fail != nil {
		return nil, *a.fail
	}
	return a.Archive.Search(ctx, req, emit)
}

// TestHold_AskedOnce: a sealed segment does not change, so a hold is asked about it once and not each hour; a search that failed
// is asked again, and until then the segment stays.
func TestHold_AskedOnce(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2026-01-01", "kim"), doc("short", "2026-01-02", "lee"))
	n, fail := 0, errors.New("no disk")
	r := w.runner(func(o *expire.Options) { o.Archive = asking{w.archive, &n, &fail} })
	hold(t, r, retaining.HoldRequest{Query: "user.name: kim"})
	w.once(r)
	if w.left() != "short/2026-01-01 short/2026-01-02" || n != 2 {
		t.Fatalf("left %s after %d searches", w.left(), n)
	}
	fail = nil
	for range 3 {
		w.once(r)
	}
	if w.left() != "short/2026-01-01" || n != 4 {
		t.Errorf("left %s after %d searches", w.left(), n)
	}
}

// TestHold_Ends: a hold with an end is over by itself, and that is said.
func TestHold_Ends(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2026-01-01", "kim"))
	r := w.runner()
	hold(t, r, retaining.HoldRequest{Until: w.now.AddDate(0, 0, 5)})
	w.once(r)
	kind := func() string {
		var out []string
		for _, x := range r.Warnings(t.Context()) {
			if strings.HasPrefix(x.Kind, "hold") {
				out = append(out, x.Kind)
			}
		}
		return strings.Join(out, " ")
	}
	if w.left() == "" || kind() != "hold-ends" {
		t.Errorf("left %q, %s", w.left(), kind())
	}
	w.now = w.now.AddDate(0, 0, 5)
	if w.once(r); w.left() != "" || kind() != "hold-ended" {
		t.Errorf("left %q, %s", w.left(), kind())
	}
	a, err := r.Holds(t.Context(), retaining.HoldsRequest{})
	if err != nil || len(a.Holds) != 0 {
		t.Errorf("%+v %v", a, err)
	}
	if a, _ = r.Holds(t.Context(), retaining.HoldsRequest{All: true}); len(a.Holds) != 1 || a.Holds[0].Active {
		t.Errorf("%+v", a)
	}
}

// TestHold_Revised: a hold keeps the segment in which it finds an event as it was first read, though a later revision says
// otherwise: that is what somebody may have to show.
func TestHold_Revised(t *testing.T) {
	w := newWorld(t)
	first := `{"@timestamp":"2026-01-01T10:00:00.000Z","event":{"id":"x"},"user":{"name":"kim"},"weir":{"class":"short","time":"2026-01-01T10:00:00.000Z"}}`
	second := `{"@timestamp":"2026-01-01T10:00:00.000Z","event":{"id":"x"},"user":{"name":"lee"},"weir":{"class":"short","revision":2,"time":"2026-01-01T10:00:00.000Z","revised":{"at":["2026-01-01T10:00:00.000Z"],"class":"short","day":"2026-01-01"}}}`
	w.add(first)
	w.add(second)
	r := w.runner()
	hold(t, r, retaining.HoldRequest{Query: "user.name: kim"})
	w.once(r)
	found := false
	for _, s := range w.archive.Segments() {
		found = found || s.Seq == 1
	}
	if !found {
		t.Errorf("the first revision is gone: %s", w.left())
	}
}

// TestHold_Damaged: a segment that cannot be read may hold what is wanted, so it stays.
func TestHold_Damaged(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2026-01-01", "kim"))
	w.add(doc("short", "2026-01-02", "lee"))
	name := filepath.Join(w.dir, "archive", w.archive.Segments()[0].Path)
	w.archive.Close()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	r := w.runner()
	hold(t, r, retaining.HoldRequest{Query: "user.name: nobody"})
	w.once(r)
	if got := w.left(); got != "short/2026-01-01" {
		t.Errorf("left: %s", got)
	}
}

// TestHold_WhileExpiring: a hold that was answered wins over every run that begins after the answer, however many there are.
func TestHold_WhileExpiring(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.add(doc("short", fmt.Sprintf("2026-01-%02d", i+1), "kim"))
	}
	r := w.runner()
	end := make(chan struct{})
	go func() {
		defer close(end)
		for range 5 {
			_, _ = r.Once(t.Context())
		}
	}()
	hold(t, r, retaining.HoldRequest{})
	after := len(w.archive.Segments())
	<-end
	if got := len(w.archive.Segments()); got != after {
		t.Errorf("%d segments were there when the hold was placed, %d are left", after, got)
	}
}

// TestHold_Refused: a hold that holds nothing, or for which nobody answers, is none.
func TestHold_Refused(t *testing.T) {
	w := newWorld(t)
	r := w.runner()
	for name, tc := range map[string]struct {
		q    retaining.HoldRequest
		code string
	}{
		"no owner":        {retaining.HoldRequest{Reason: "x"}, "hold-invalid"},
		"no reason":       {retaining.HoldRequest{Owner: "x", Reason: " "}, "hold-invalid"},
		"too long":        {retaining.HoldRequest{Owner: "x", Reason: strings.Repeat("a", 5000)}, "hold-invalid"},
		"backwards":       {retaining.HoldRequest{Owner: "x", Reason: "y", From: w.now, To: w.now}, "hold-invalid"},
		"over":            {retaining.HoldRequest{Owner: "x", Reason: "y", Until: w.now}, "hold-invalid"},
		"no query at all": {retaining.HoldRequest{Owner: "x", Reason: "y", Query: "(user.name: kim"}, "kql-syntax"},
	} {
		if _, err := r.Hold(t.Context(), tc.q); fault.Code(err) != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.archive.Actions()) != 0 || len(w.notes) != 0 {
		t.Errorf("%v %v", w.archive.Actions(), w.notes)
	}
	a, b := hold(t, r, retaining.HoldRequest{}), hold(t, r, retaining.HoldRequest{})
	for name, tc := range map[string]struct {
		q    retaining.ReleaseRequest
		code string
	}{
		"none":      {retaining.ReleaseRequest{ID: "H9", Reason: "x"}, "hold-unknown"},
		"empty":     {retaining.ReleaseRequest{Reason: "x"}, "hold-unknown"},
		"both":      {retaining.ReleaseRequest{ID: a[:9], Reason: "x"}, "hold-unknown"},
		"no reason": {retaining.ReleaseRequest{ID: a}, "hold-invalid"},
		"long":      {retaining.ReleaseRequest{ID: a, Reason: strings.Repeat("a", 5000)}, "hold-invalid"},
	} {
		if _, err := r.Release(t.Context(), tc.q); fault.Code(err) != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.Release(t.Context(), retaining.ReleaseRequest{ID: b, Reason: "closed"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Release(t.Context(), retaining.ReleaseRequest{ID: b, Reason: "closed"}); fault.Code(err) != "hold-unknown" || !strings.Contains(err.Error(), "released already") {
		t.Errorf("%v", err)
	}
}
