package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/manifest"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/testkit"
)

// expiry names a segment of the archive.
func expiry(s SegmentInfo) manifest.Expiry {
	return manifest.Expiry{Path: s.Path, SHA256: s.SHA256, Class: s.Class, Day: s.Day, Rows: s.Rows, Policy: strings.Repeat("ab", 32), Due: "2027-01-01"}
}

// action makes an action.
func action(t testing.TB, kind string, body any) manifest.Action {
	t.Helper()
	act, err := manifest.NewAction(kind, "kim", time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), body)
	if err != nil {
		t.Fatal(err)
	}
	return act
}

// filled returns an archive of n segments with ten documents each, and the documents.
func filled(t testing.TB, dir string, n int, opts Options) (*Archive, [][]byte) {
	t.Helper()
	a := open(t, dir, opts)
	docs := sample.Docs(50, 10*n)
	for i := range n {
		add(t, a, rowsOf(docs[10*i:10*i+10], int64(10*i)))
		seal(t, a)
	}
	return a, docs
}

// lineCount returns how many whole and clean lines the manifest has.
func lineCount(t testing.TB, dir string) int {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := manifest.Read(f)
	if err != nil || len(list.Problems) > 0 || list.Torn > 0 {
		t.Fatalf("%+v %v", list, err)
	}
	return len(list.Records)
}

func TestAct_AmongEpochs(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 1, Options{})
	follow := a.Published()
	hold := manifest.Hold{ID: "h1", Query: "user.name: <root> & \"x\"", Owner: "kim", Reason: "소명 요청"}
	seq, err := a.Act(context.Background(), []manifest.Action{action(t, manifest.KindHold, hold), {Kind: "later", By: "kim", Body: json.RawMessage(`{ "x" : 1 }`)}})
	if err != nil || seq != 2 {
		t.Fatalf("%d %v", seq, err)
	}
	select {
	case <-follow:
	default:
		t.Error("who follows was not told")
	}
	follow = a.Published()
	add(t, a, rowsOf(sample.Docs(51, 5), 10))
	seal(t, a)
	select {
	case <-follow:
	default:
		t.Error("who follows was not told of an epoch")
	}
	if n := lineCount(t, dir); n != 3 {
		t.Errorf("%d lines", n)
	}
	before := a.Actions()
	a.Close()
	a = open(t, dir, Options{})
	after := a.Actions()
	if len(before) != 2 || len(after) != 2 || a.Folder() != dir {
		t.Fatalf("%v, %v", before, after)
	}
	for i := range before { // what is in memory is what stands in the line, to the byte
		if string(before[i].Body) != string(after[i].Body) || !before[i].At.Equal(after[i].At) || before[i].At.IsZero() || before[i].Seq != 2 || after[i].Seq != 2 {
			t.Errorf("%v and %v", before[i], after[i])
		}
	}
	var got manifest.Hold
	if json.Unmarshal(after[0].Body, &got) != nil || got.Query != hold.Query || got.Reason != hold.Reason {
		t.Errorf("got %+v", got)
	}
	same(t, find(t, a, ""), append(docs, sample.Docs(51, 5)...)...)
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
}

func TestAct_Failure(t *testing.T) {
	a, _ := filled(t, t.TempDir(), 1, Options{})
	good := action(t, manifest.KindHold, manifest.Hold{ID: "h1"})
	cases := map[string][]manifest.Action{
		"none":             nil,
		"too many":         make([]manifest.Action, maxActions+1),
		"no kind":          {{Body: json.RawMessage("{}")}},
		"no JSON":          {{Kind: "x", Body: json.RawMessage("{")}},
		"no body":          {{Kind: "x"}},
		"too large":        {{Kind: "x", Body: json.RawMessage(`"` + strings.Repeat("x", manifest.MaxAction) + `"`)}},
		"expiry of what":   {good, {Kind: manifest.KindExpiry, Body: json.RawMessage(`{"path":"manifest.jsonl","sha256":"x"}`)}},
		"hold without id":  {{Kind: manifest.KindHold, Body: json.RawMessage(`{}`)}},
		"release of what":  {{Kind: manifest.KindRelease, Body: json.RawMessage(`{}`)}},
		"file that is out": {{Kind: manifest.KindReview, Body: json.RawMessage(`{"path":"../x","sha256":"ab"}`)}},
	}
	for name, list := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := a.Act(context.Background(), list); err == nil {
				t.Error("it was recorded")
			}
		})
	}
	if n := lineCount(t, a.Folder()); n != 1 || len(a.Actions()) != 0 {
		t.Errorf("%d lines, %d actions", n, len(a.Actions()))
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	a.pen <- struct{}{}
	if _, err := a.Act(ctx, []manifest.Action{good}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: %v", err)
	}
	<-a.pen
	r, err := OpenReader(a.Folder())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Act(context.Background(), []manifest.Action{good}); !errors.Is(err, ErrReader) {
		t.Errorf("in a reader: %v", err)
	}
	if err := r.PutFile(context.Background(), "policy/x", nil); !errors.Is(err, ErrReader) {
		t.Errorf("in a reader: %v", err)
	}
	a.Close()
	if _, err := a.Act(context.Background(), []manifest.Action{good}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestExpire(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 3, Options{})
	counts := a.Counts()
	s := a.Segments()
	gone := []string{filepath.Join(dir, s[1].Path), indexName(filepath.Join(dir, s[1].Path))}
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[1]), expiry(s[1])}); err != nil {
		t.Fatal(err)
	}
	check := func(a *Archive) {
		t.Helper()
		same(t, find(t, a, ""), append(append([][]byte(nil), docs[:10]...), docs[20:]...)...)
		for _, path := range gone {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: %v", path, err)
			}
		}
		if got := a.Counts(); got["syslog/192.0.2.1"] != counts["syslog/192.0.2.1"] {
			t.Errorf("counts changed: %v, %v", got, counts)
		}
		if len(a.Segments()) != 2 || len(a.Actions()) != 1 || a.Stats().Rows != 20 || len(a.Problems()) != 0 {
			t.Errorf("%d segments, %d actions, %+v, %v", len(a.Segments()), len(a.Actions()), a.Stats(), a.Problems())
		}
		if next, _, _ := a.Mark(Partition{"weir.events", 1}); next != 30 {
			t.Errorf("position %d", next)
		}
	}
	check(a)
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[1])}); err != nil { // its caller did not hear of it
		t.Fatal(err)
	}
	if n := lineCount(t, dir); n != 4 {
		t.Errorf("%d lines", n)
	}
	a.Close()
	a = open(t, dir, Options{})
	check(a)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	check(r)
	if n, err := a.RebuildIndexes(context.Background(), true); n != 2 || err != nil {
		t.Errorf("%d %v", n, err)
	}
}

func TestExpire_Failure(t *testing.T) {
	a, docs := filled(t, t.TempDir(), 2, Options{})
	s := a.Segments()
	change := func(fn func(*manifest.Expiry)) manifest.Expiry {
		x := expiry(s[0])
		fn(&x)
		return x
	}
	cases := map[string]manifest.Expiry{
		"no such segment": change(func(x *manifest.Expiry) { x.Path = "class=default/day=2026-11-21/s-00000009.parquet" }),
		"another hash":    change(func(x *manifest.Expiry) { x.SHA256 = strings.Repeat("00", 32) }),
		"another class":   change(func(x *manifest.Expiry) { x.Class = "access" }),
		"another day":     change(func(x *manifest.Expiry) { x.Day = "2026-11-20" }),
		"other rows":      change(func(x *manifest.Expiry) { x.Rows++ }),
		"leads out":       change(func(x *manifest.Expiry) { x.Path = "../x" }),
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[1]), x}); err == nil {
				t.Error("it expired")
			}
			same(t, find(t, a, ""), docs...)
		})
	}
	if n := lineCount(t, a.Folder()); n != 2 {
		t.Errorf("%d lines", n)
	}
}

// A scan that began before reads to its end, and only then do the files go.
func TestExpire_WhoReadsFinishes(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 3, Options{})
	s := a.Segments()
	var list []manifest.Expiry
	for _, x := range s {
		list = append(list, expiry(x))
	}
	n := 0
	for _, err := range a.Scan(context.Background(), search.ScanOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			if err := a.Expire(context.Background(), "weir", list); err != nil {
				t.Fatal(err)
			}
			if got := find(t, a, ""); len(got) != 0 {
				t.Errorf("a search that begins later finds %d", len(got))
			}
			if _, err := os.Stat(filepath.Join(dir, s[2].Path)); err != nil {
				t.Errorf("a file went while it is read: %v", err)
			}
		}
	}
	if n != len(docs) {
		t.Errorf("%d of %d events", n, len(docs))
	}
	if _, err := os.Stat(filepath.Join(dir, s[2].Path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
	late := a.Scan(context.Background(), search.ScanOptions{}) // taken before, read after
	a2, _ := filled(t, t.TempDir(), 1, Options{})
	late2 := a2.Scan(context.Background(), search.ScanOptions{})
	if err := a2.Expire(context.Background(), "weir", []manifest.Expiry{expiry(a2.Segments()[0])}); err != nil {
		t.Fatal(err)
	}
	for range late { //nolint:errcheck // only its end is looked at
		t.Error("an event of an expired segment")
	}
	for e, err := range late2 {
		t.Errorf("%v %v", e, err)
	}
}

// Searches, appends and expiries at the same time: nothing that stays is missed, and no search fails.
func TestExpire_UnderLoad(t *testing.T) {
	a := open(t, t.TempDir(), Options{EpochRows: 50})
	keep := []byte(`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"id":"keep"},"weir":{"class":"keep"}}`)
	add(t, a, rowsOf([][]byte{keep}, 0))
	seal(t, a)
	q, err := query.Parse("event.id: keep")
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := 0
				sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 10}, func([]byte, *event.Event) error { n++; return nil })
				if err != nil || n != 1 || len(sum.Unreadable) > 0 {
					t.Errorf("%d found, %v, %v", n, err, sum)
					return
				}
			}
		})
	}
	docs := sample.Docs(52, 1000)
	for i := 0; i < len(docs); i += 50 {
		add(t, a, rowsOf(docs[i:i+50], int64(i+1)))
		seal(t, a)
		for _, s := range a.Segments() {
			if s.Class != "keep" {
				if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s)}); err != nil {
					t.Error(err)
				}
			}
		}
	}
	close(stop)
	wg.Wait()
	same(t, find(t, a, ""), keep)
}

// A crash between the record and the files: the record stands, so the files go at the next start.
func TestExpire_AfterACrash(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 2, Options{})
	path := filepath.Join(dir, a.Segments()[0].Path)
	saved := map[string][]byte{}
	for _, p := range []string{path, indexName(path)} {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		saved[p] = b
	}
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(a.Segments()[0])}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	for p, b := range saved {
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := OpenReader(dir) // it changes nothing, and does not read them either
	if err != nil {
		t.Fatal(err)
	}
	same(t, find(t, r, ""), docs[10:]...)
	r.Close()
	a = open(t, dir, Options{})
	same(t, find(t, a, ""), docs[10:]...)
	for p := range saved {
		if _, err := os.Stat(p); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", p, err)
		}
	}
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
}

func TestPutFile(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	ctx := context.Background()
	for range 2 {
		if err := a.PutFile(ctx, "policy/ab12.yaml", []byte("classes: []\n")); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "policy", "ab12.yaml")); err != nil || string(b) != "classes: []\n" {
		t.Errorf("%q %v", b, err)
	}
	if err := a.PutFile(ctx, "policy/ab12.yaml", []byte("other")); fault.Code(err) != "archive-file" {
		t.Errorf("it was replaced: %v", err)
	}
	for _, name := range []string{"", "x", "policy/", "policy/../x", "policy/a/b", "/policy/x", "log/checkpoint", "manifest.jsonl", "reviews/..", `reviews/a\b`, "reviews/x.tmp", "class=a/x"} {
		if err := a.PutFile(ctx, name, []byte("x")); err == nil {
			t.Errorf("%q was kept", name)
		}
	}
	checkLeftovers(t, dir)
	a.Close()
	a = open(t, dir, Options{}) // they are no segments that nobody knows
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
}

// On a full disk an action is refused, nothing of it is left, and an expiry makes room for what waits.
func TestFullDisk_Actions(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		testkit.Skip(t, "root", "a small file system cannot be mounted: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	folder := filepath.Join(dir, "archive")
	a, docs := filled(t, folder, 3, Options{})
	t.Cleanup(func() { a.Close() }) // before the unmount
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	done := add(t, a, rowsOf(sample.Docs(53, 600), 30))
	until(t, "sealing says why it does not get on", func() bool {
		ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer stop()
		return errors.Is(a.Seal(ctx), syscall.ENOSPC)
	})
	big := action(t, "note", strings.Repeat("x", 40<<10))
	if _, err := a.Act(context.Background(), []manifest.Action{big}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("acting: %v", err)
	}
	if err := a.PutFile(context.Background(), "reviews/x", make([]byte, 64<<10)); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("keeping a file: %v", err)
	}
	if n := lineCount(t, folder); n != 3 {
		t.Errorf("%d lines", n)
	}
	if err := os.Truncate(ballast, 0); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := a.Act(context.Background(), []manifest.Action{big}); err != nil {
		t.Fatal(err)
	}
	same(t, find(t, a, ""), append(docs, sample.Docs(53, 600)...)...)
	checkLeftovers(t, folder)
	a.Close()
	a = open(t, folder, Options{})
	defer a.Close()
	if p := a.Problems(); len(p) > 0 || len(a.Actions()) != 1 {
		t.Errorf("%v, %d actions", p, len(a.Actions()))
	}
}

// An epoch whose sealing fails gives its number away and leaves nothing of it.
func TestSeal_FailedTryLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 1, Options{})
	block := filepath.Join(dir, "class=zz")
	if err := os.WriteFile(block, nil, 0o600); err != nil { // the second of two files cannot be written
		t.Fatal(err)
	}
	zz := []byte(`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"id":"z"},"weir":{"class":"zz"}}`)
	more := sample.Docs(54, 5)
	done := add(t, a, rowsOf(append(more, zz), 10))
	until(t, "a try fails", func() bool {
		ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer stop()
		return errors.Is(a.Seal(ctx), syscall.ENOTDIR)
	})
	if seq, err := a.Act(context.Background(), []manifest.Action{action(t, manifest.KindHold, manifest.Hold{ID: "h"})}); err != nil || seq != 2 {
		t.Fatalf("%d %v", seq, err)
	}
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	a.Close()
	a = open(t, dir, Options{})
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
	same(t, find(t, a, ""), append(append(docs, more...), zz)...)
	if s := a.Segments(); len(s) != 3 || s[1].Seq != 3 || s[2].Published.IsZero() {
		t.Errorf("%+v", s)
	}
}

// A clock that jumps changes neither the order of the manifest nor where a late event goes.
func TestAct_ClockThatJumps(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	a := open(t, dir, Options{EpochAge: 100 * time.Hour, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	set := func(at time.Time) {
		mu.Lock()
		now = at
		mu.Unlock()
	}
	hold := []manifest.Action{action(t, manifest.KindHold, manifest.Hold{ID: "h"})}
	for i, at := range []time.Time{now.Add(-10 * 365 * 24 * time.Hour), now.Add(50 * 365 * 24 * time.Hour), now} {
		add(t, a, rowsOf([][]byte{numbered(int64(i))}, int64(2*i)))
		set(at)
		seal(t, a)
		if _, err := a.Act(context.Background(), hold); err != nil {
			t.Fatal(err)
		}
		late := []byte(`{"@timestamp":"1999-01-02T03:04:05.000Z","event":{"id":"old` + string(rune('a'+i)) + `"}}`)
		add(t, a, rowsOf([][]byte{late}, int64(2*i+1)))
		seal(t, a)
	}
	if n := lineCount(t, dir); n != 9 {
		t.Errorf("%d lines", n)
	}
	for _, s := range a.Segments() {
		if s.Class == defaultClass && s.Day != "1999-01-02" {
			t.Errorf("a late event went to %s", s.Path)
		}
	}
	for _, s := range a.Segments() {
		if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s)}); err != nil {
			t.Fatal(err)
		}
	}
	a.Close()
	a = open(t, dir, Options{})
	if got := find(t, a, ""); len(got) != 0 || len(a.Problems()) != 0 {
		t.Errorf("%q %v", got, a.Problems())
	}
}

func TestReader_OfAReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	a, docs := filled(t, dir, 2, Options{})
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(a.Segments()[0])}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		testkit.Skip(t, "root", "a folder cannot be mounted: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	same(t, find(t, r, ""), docs[10:]...)
	if _, err := Open(dir, Options{}); fault.Code(err) != "archive-folder" {
		t.Errorf("it was opened for writing: %v", err)
	}
}

// Whatever the action, the line that is written is read back as it was.
func FuzzAct(f *testing.F) {
	f.Add("hold", `{"id":"h1"}`)
	f.Add("expiry", `{"path":"class=a/x","sha256":"00"}`)
	f.Add("x", `{"a":" <&>"}`)
	f.Add("", `null`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		act := manifest.Action{Kind: kind, By: "kim", At: time.Unix(0, 0).UTC(), Body: json.RawMessage(body)}
		if act.Check() != "" {
			return
		}
		var err error
		if act.Body, err = json.Marshal(act.Body); err != nil {
			return
		}
		rec := manifest.Record{Seq: 1, Segments: []manifest.Segment{}, Sources: map[string][2]int64{}, Actions: []manifest.Action{act}}
		line, hash, err := rec.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		list, err := manifest.Read(bytes.NewReader(line))
		if err != nil || len(list.Problems) > 0 || list.Last != hash || len(list.Records) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		if got := list.Records[0].Actions[0]; string(got.Body) != string(act.Body) {
			t.Fatalf("%s became %s", act.Body, got.Body)
		}
	})
}

// Nothing is deleted before the log has the record of it; a start after a crash waits for it too.
func TestExpire_NotBeforeTheLogHasIt(t *testing.T) {
	dir := t.TempDir()
	first, docs := filled(t, dir, 3, Options{})
	first.Close()
	may := make(chan struct{})
	asked := make(chan uint64, 10)
	logged := func(ctx context.Context, seq uint64) error {
		asked <- seq
		select {
		case <-may:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	a := open(t, dir, Options{Logged: logged})
	s := a.Segments()
	there := func(i int) bool {
		_, err := os.Stat(filepath.Join(dir, s[i].Path))
		return err == nil
	}
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[0])}); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != 4 || !there(0) {
		t.Errorf("asked for %d, the file is there: %v", got, there(0))
	}
	same(t, find(t, a, ""), docs[10:]...) // no search reads it, and none that ends removes it
	if !there(0) {
		t.Error("it went before the log had it")
	}
	a.Close()
	a = open(t, dir, Options{Logged: logged})
	if got := <-asked; got != 4 || !there(0) || len(a.Problems()) != 0 {
		t.Errorf("asked for %d, the file is there: %v, %v", got, there(0), a.Problems())
	}
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(s[1])}); err != nil {
		t.Fatal(err)
	}
	close(may)
	until(t, "both are removed", func() bool { return !there(0) && !there(1) })
	if !there(2) {
		t.Error("one that did not expire went")
	}
	same(t, find(t, a, ""), docs[20:]...)
}
