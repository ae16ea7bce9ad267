package expire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/retention"
	"weir/internal/retention/expire"
	"weir/internal/retention/policy"
)

const classes = "- {name: short, keep_at_least: 10 days, delete_by: 20 days, when: event.module == 'short'}\n- {name: long, keep_at_least: 1 year, when: event.module == 'long'}\n"

// world is an archive, a policy and a clock.
type world struct {
	t       testing.TB
	dir     string
	archive *archive.Archive
	store   *policy.Store
	now     time.Time
	offset  int64
	notes   []expire.Note
	mu      sync.Mutex
}

// newWorld makes an empty archive on 1 March 2026.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.policy(classes)
	store, _, err := policy.Open(policy.Options{Classes: filepath.Join(w.dir, "classes.yaml"), Systems: filepath.Join(w.dir, "systems.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.open()
	t.Cleanup(func() { w.archive.Close() })
	return w
}

// policy writes the file of classes.
func (w *world) policy(text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "classes.yaml"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// open opens the archive, again after Close.
func (w *world) open() {
	w.t.Helper()
	a, err := archive.Open(filepath.Join(w.dir, "archive"), archive.Options{Writer: "test", Now: func() time.Time { return w.now }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.archive = a
}

// add seals one segment of events, one a line of the days' documents.
func (w *world) add(docs ...string) {
	w.t.Helper()
	var rows []archive.Row
	for _, d := range docs {
		w.offset++
		rows = append(rows, archive.Row{Doc: []byte(d), Account: "a", Consumed: record.Pos{Topic: "weir.events", Offset: w.offset}, Source: record.Pos{Topic: "weir.raw.syslog", Offset: w.offset}})
	}
	if err := w.archive.Append(w.t.Context(), rows, nil); err != nil {
		w.t.Fatal(err)
	}
	if err := w.archive.Seal(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// doc is an event of a class, a day and a user.
func doc(class, day, user string) string {
	return fmt.Sprintf(`{"@timestamp":"%sT10:00:00.000Z","event":{"id":"%s-%s-%s"},"user":{"name":"%s"},"weir":{"class":"%s","time":"%sT10:00:00.000Z"}}`, day, class, day, user, user, class, day)
}

// runner makes a runner that lets imported logs go at once.
func (w *world) runner(change ...func(*expire.Options)) *expire.Runner {
	w.t.Helper()
	o := expire.Options{Archive: w.archive, Policy: w.store, Clock: filepath.Join(w.dir, "clock.json"), Enforce: true, Settle: -1, Now: func() time.Time { return w.now },
		Tell: func(n expire.Note) { w.mu.Lock(); defer w.mu.Unlock(); w.notes = append(w.notes, n) }}
	for _, c := range change {
		c(&o)
	}
	r, err := expire.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// once runs once and fails the test on an error.
func (w *world) once(r *expire.Runner) expire.Result {
	w.t.Helper()
	res, err := r.Once(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// left lists the segments that there are, and sees that their files are there and no others.
func (w *world) left() string {
	w.t.Helper()
	var out, named []string
	for _, s := range w.archive.Segments() {
		out = append(out, s.Class+"/"+s.Day)
		named = append(named, s.Path)
	}
	var files []string
	err := filepath.WalkDir(filepath.Join(w.dir, "archive"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".parquet") {
			rel, _ := filepath.Rel(filepath.Join(w.dir, "archive"), name)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(named)
	slices.Sort(files)
	if !slices.Equal(named, files) {
		w.t.Errorf("files %v, the archive names %v", files, named)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// expiries lists the actions of segments that went.
func (w *world) expiries() (out []manifest.Expiry) {
	w.t.Helper()
	for _, a := range w.archive.Actions() {
		var x manifest.Expiry
		if a.Kind != manifest.KindExpiry {
			continue
		}
		if err := json.Unmarshal(a.Body, &x); err != nil || a.By != "weir" {
			w.t.Fatal(err, a.By)
		}
		out = append(out, x)
	}
	return out
}

// TestOnce: what is over goes, with its name, its policy and its day in the manifest; all else stays, and a second run does nothing.
func TestOnce(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2026-02-18", "kim"), doc("short", "2026-02-19", "kim"), doc("short", "2026-01-01", "lee"), doc("long", "2026-01-01", "kim"), doc("long", "2025-02-28", "kim"),
		doc("default", "2001-01-01", "kim"), doc("nobody-knows", "2001-01-01", "kim"))
	r := w.runner()
	res := w.once(r)
	if res.Expired != 3 || res.Events != 3 || res.Refused != "" {
		t.Errorf("%+v", res)
	}
	if got := w.left(); got != "default/2001-01-01 long/2026-01-01 nobody-knows/2001-01-01 short/2026-02-19" {
		t.Errorf("left: %s", got)
	}
	for _, x := range w.expiries() {
		if x.Policy != w.store.Current().Version() || len(x.SHA256) != 64 || x.Rows != 1 || x.Class == "short" && x.Day == "2026-02-18" && x.Due != "2026-03-01" {
			t.Errorf("%+v", x)
		}
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "archive", "policy", w.store.Current().Version()+".yaml"))
	if err != nil || string(text) != string(w.store.Current().Text()) {
		t.Errorf("the policy is not kept: %v", err)
	}
	if res = w.once(r); res.Expired != 0 || len(w.expiries()) != 3 {
		t.Errorf("again: %+v", res)
	}
	f := r.Report(t.Context())
	if len(f.Unknown) != 1 || f.Unknown[0].Name != "nobody-knows" || f.Policy.Changes != 1 || f.Policy.Since.IsZero() || !f.Policy.LastRun.Equal(w.now) {
		t.Errorf("%+v", f.Policy)
	}
	// The first policy of an archive changes nothing, so nobody is told of it.
	if len(w.notes) != 1 || w.notes[0].Action != "archive-expire" || w.notes[0].Events != 3 {
		t.Errorf("%+v", w.notes)
	}
}

// TestOnce_Grace: logs that are imported stay for a while, however old they are.
func TestOnce_Grace(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"))
	r := w.runner(func(o *expire.Options) { o.Settle = 0 })
	for _, days := range []int{0, 3, 3} {
		w.now = w.now.AddDate(0, 0, days)
		if res := w.once(r); res.Expired != 0 {
			t.Fatalf("%s: %+v", w.now, res)
		}
	}
	w.now = w.now.AddDate(0, 0, 1)
	if res := w.once(r); res.Expired != 1 {
		t.Errorf("%+v", res)
	}
}

// TestOnce_OnlyPlanned: with retention.enforce off nothing goes, and the plan says what would.
func TestOnce_OnlyPlanned(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"), doc("long", "2026-02-01", "kim"))
	r := w.runner(func(o *expire.Options) { o.Enforce = false })
	if res := w.once(r); res.Expired != 0 || res.Refused != retention.Off {
		t.Errorf("%+v", res)
	}
	a, err := r.Policy(t.Context(), retaining.PolicyRequest{Plan: true})
	if err != nil || len(a.Plan) != 1 || a.Plan[0].Why != retention.Due || a.Later != 1 || a.Policy.Enforce || !strings.Contains(a.Text, `name: "short"`) {
		t.Errorf("%+v %v", a.Plan, err)
	}
	if w.left() != "long/2026-02-01 short/2020-01-01" {
		t.Error(w.left())
	}
}

// TestPolicyChange: a change is noted before anything goes by it, and a file that is wrong changes nothing.
func TestPolicyChange(t *testing.T) {
	w := newWorld(t)
	w.add(doc("long", "2026-01-01", "kim"))
	r := w.runner()
	w.once(r)
	w.policy("- {name: long, keep_at_least: [\n")
	if _, _, err := w.store.Reload(); err == nil {
		t.Error("a broken file was taken")
	}
	w.once(r)
	w.policy("- {name: long, keep_at_least: 30 days, when: event.module == 'long'}\n")
	if changed, _, err := w.store.Reload(); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if res := w.once(r); res.Expired != 1 {
		t.Errorf("%+v", res)
	}
	var kinds []string
	for _, a := range w.archive.Actions() {
		kinds = append(kinds, a.Kind)
	}
	if got := strings.Join(kinds, " "); got != "policy policy expiry" {
		t.Errorf("%s", got)
	}
	if x := w.expiries(); x[0].Policy != w.store.Current().Version() {
		t.Errorf("%+v", x)
	}
}

// broken is an archive in which something does not work.
type broken struct {
	*archive.Archive
	act, put, expire error
}

func (b broken) Act(ctx context.Context, list []manifest.Action) (uint64, error) {
	if b.act != nil {
		return 0, b.act
	}
	return b.Archive.Act(ctx, list)
}

func (b broken) PutFile(ctx context.Context, path string, text []byte) error {
	if b.put != nil {
		return b.put
	}
	return b.Archive.PutFile(ctx, path, text)
}

func (b broken) Expire(ctx context.Context, by string, list []manifest.Expiry) error {
	if b.expire != nil {
		return b.expire
	}
	return b.Archive.Expire(ctx, by, list)
}

// TestOnce_NotNoted: while the policy cannot be written into the archive nothing goes by it.
func TestOnce_NotNoted(t *testing.T) {
	full := errors.New("no space left on device")
	for name, b := range map[string]broken{"the text": {put: full}, "the action": {act: full}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(doc("short", "2020-01-01", "kim"))
			b.Archive = w.archive
			r := w.runner(func(o *expire.Options) { o.Archive = b })
			res, err := r.Once(t.Context())
			if err == nil && res.Refused != retention.Unstated || res.Expired != 0 || res.Refused != retention.Unstated || !strings.Contains(res.Detail, "no space") {
				t.Errorf("%+v %v", res, err)
			}
			if f := r.Report(t.Context()); f.Policy.Refused != retention.Unstated || !f.Policy.Since.IsZero() {
				t.Errorf("%+v", f.Policy)
			}
		})
	}
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"))
	r := w.runner(func(o *expire.Options) { o.Archive = broken{Archive: w.archive, expire: full} })
	if res, err := r.Once(t.Context()); !errors.Is(err, full) || res.Expired != 0 || w.left() != "short/2020-01-01" {
		t.Errorf("%+v %v %s", res, err, w.left())
	}
}

// TestClock: a clock that is far ahead deletes nothing, not after a restart either, until somebody says that it is right.
func TestClock(t *testing.T) {
	w := newWorld(t)
	w.add(doc("long", "2026-02-20", "kim"))
	r := w.runner()
	w.once(r)
	w.now = w.now.AddDate(0, 0, 6) // off for some days
	if res := w.once(r); res.Refused != "" {
		t.Fatalf("%+v", res)
	}
	w.now = w.now.AddDate(1, 0, 0)
	for range 2 {
		if res := w.once(r); res.Refused != retention.Unsafe || !strings.Contains(res.Detail, "365 days ahead") {
			t.Fatalf("%+v", res)
		}
		w.add(doc("standard", "2027-03-07", "kim")) // what comes in now says nothing about the clock
	}
	if warn := r.Warnings(t.Context()); len(warn) == 0 || warn[0].Kind != retention.WarnClock {
		t.Errorf("%+v", warn)
	}
	r = w.runner()
	if res := w.once(r); res.Refused != retention.Unsafe || w.left() != "long/2026-02-20 standard/2027-03-07 standard/2027-03-07" {
		t.Fatalf("after a restart: %+v %s", res, w.left())
	}
	if _, err := r.Policy(question.WithWho(t.Context(), "park"), retaining.PolicyRequest{TrustClock: true}); err != nil {
		t.Fatal(err)
	}
	if res := w.once(r); res.Refused != "" || res.Expired != 1 || w.left() != "standard/2027-03-07 standard/2027-03-07" {
		t.Errorf("trusted: %+v %s", res, w.left())
	}
	if n := w.notes[len(w.notes)-2]; n.Action != "retention-clock" || n.By != "park" {
		t.Errorf("%+v", n)
	}
	w.now = w.now.AddDate(-1, 0, 0) // and one that goes back lets less go
	if res := w.once(r); res.Refused != "" || res.Expired != 0 {
		t.Errorf("%+v", res)
	}
}

// TestClock_NoFile: without its file a clock is held against the manifest as it stood before this process wrote anything.
func TestClock_NoFile(t *testing.T) {
	w := newWorld(t)
	w.add(doc("long", "2026-02-20", "kim"))
	w.now = w.now.AddDate(2, 0, 0)
	if err := os.WriteFile(filepath.Join(w.dir, "clock.json"), []byte("{torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if res := w.once(w.runner()); res.Refused != retention.Unsafe {
		t.Errorf("%+v", res)
	}
}

// TestCrash: a crash between the line of the manifest and the removal of the file leaves nothing behind after the next start, and
// nothing goes twice.
func TestCrash(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"), doc("long", "2026-01-01", "kim"))
	var saved []string
	for _, s := range w.archive.Segments() {
		if s.Class == "short" {
			saved = append(saved, s.Path, strings.TrimSuffix(s.Path, ".parquet")+".idx")
		}
	}
	content := map[string][]byte{}
	for _, name := range saved {
		b, err := os.ReadFile(filepath.Join(w.dir, "archive", name))
		if err != nil {
			t.Fatal(err)
		}
		content[name] = b
	}
	if res := w.once(w.runner()); res.Expired != 1 {
		t.Fatalf("%+v", res)
	}
	w.archive.Close()
	for name, b := range content {
		full := filepath.Join(w.dir, "archive", name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.open()
	if got := w.left(); got != "long/2026-01-01" {
		t.Errorf("after the crash: %s", got)
	}
	if res := w.once(w.runner()); res.Expired != 0 || len(w.expiries()) != 1 {
		t.Errorf("%+v, %d expiries", res, len(w.expiries()))
	}
}

// TestRun: it looks at once, again when it is asked to, and ends with its context.
func TestRun(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"))
	gone := make(chan expire.Note, 10)
	r := w.runner(func(o *expire.Options) { o.Tell = func(n expire.Note) { gone <- n } })
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error)
	go func() { end <- r.Run(ctx) }()
	for _, want := range []string{"archive-expire"} { // the first policy of an archive is no change
		if n := <-gone; n.Action != want {
			t.Errorf("%+v, want %s", n, want)
		}
	}
	w.policy(classes + "- {name: third, keep_at_least: 1 year, when: event.module == 'third'}\n")
	if _, _, err := w.store.Reload(); err != nil {
		t.Fatal(err)
	}
	if n := <-gone; n.Action != "retention-policy" { // a new policy does not wait for the next hour
		t.Errorf("%+v", n)
	}
	cancel()
	if err := <-end; err != nil {
		t.Error(err)
	}
}

// TestQuestions: commands ask by name, and get what the runner says.
func TestQuestions(t *testing.T) {
	w := newWorld(t)
	w.add(doc("short", "2020-01-01", "kim"))
	r := w.runner()
	table := r.Questions()
	f, err := question.Ask[retention.Facts](t.Context(), table, retaining.AskReport, retaining.ReportRequest{}, nil)
	if err != nil || f.Segments != 1 || f.Zone != "UTC" {
		t.Errorf("%+v %v", f, err)
	}
	_, err = question.Ask[retaining.HoldAnswer](t.Context(), table, retaining.AskHold, retaining.HoldRequest{Query: "user.name: (kim", Owner: "lee", Reason: "x"}, nil)
	if fault.Code(err) != "kql-syntax" {
		t.Errorf("%v", err)
	}
	h, err := question.Ask[retaining.HoldAnswer](question.WithWho(t.Context(), "park"), table, retaining.AskHold, retaining.HoldRequest{Query: "user.name: kim", Owner: "lee", Reason: "case 12"}, nil)
	if err != nil || h.Segments != 1 || h.Hold.By != "park" {
		t.Fatalf("%+v %v", h, err)
	}
	l, err := question.Ask[retaining.HoldsAnswer](t.Context(), table, retaining.AskHolds, retaining.HoldsRequest{}, nil)
	if err != nil || len(l.Holds) != 1 || l.Holds[0].Keeps != 1 || l.Holds[0].Beyond != 1 {
		t.Errorf("%+v %v", l, err)
	}
	p, err := question.Ask[retaining.PolicyAnswer](t.Context(), table, retaining.AskPolicy, retaining.PolicyRequest{Plan: true}, nil)
	if err != nil || len(p.Plan) != 1 || p.Plan[0].Why != retention.Held || p.Plan[0].Holds[0] != h.Hold.ID {
		t.Errorf("%+v %v", p, err)
	}
	rel, err := question.Ask[retaining.ReleaseAnswer](t.Context(), table, retaining.AskRelease, retaining.ReleaseRequest{ID: h.Hold.ID[:12], Reason: "closed"}, nil)
	if err != nil || rel.Due != 1 || rel.DueEvents != 1 || rel.Hold.Active {
		t.Errorf("%+v %v", rel, err)
	}
}
