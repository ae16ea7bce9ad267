package proving

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/archive/store/storetest"
	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/config"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
)

// desk is a desk over a small archive, and what it noted.
func desk(t *testing.T) (*Desk, *verifytest.Archive, *[]auditing.Look) {
	t.Helper()
	data := t.TempDir()
	made := verifytest.Make(t, data)
	a, err := archive.OpenReader(made.Folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	cfg := config.Default()
	cfg.Data, cfg.Archive.Log.KeyFolder = data, made.Keys
	looks := new([]auditing.Look)
	var mu sync.Mutex // checks note on goroutines of their own
	d := New(Deps{Archive: func() (*archive.Archive, error) { return a, nil }, Config: cfg, Note: func(_ context.Context, l auditing.Look) {
		mu.Lock()
		defer mu.Unlock()
		*looks = append(*looks, l)
	}})
	t.Cleanup(d.Close)
	return d, made, looks
}

// ask asks a desk as a command does.
func ask[A any](t *testing.T, d *Desk, name string, q any, each func([]byte) error) A {
	t.Helper()
	a, err := question.Ask[A](question.WithWho(context.Background(), "ana"), d.Questions(), name, q, each)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDesk_List(t *testing.T) {
	d, made, _ := desk(t)
	var rows []archiving.Segment
	l := ask[archiving.List](t, d, archiving.AskList, archiving.ListRequest{Segments: true}, func(doc []byte) error {
		var s archiving.Segment
		rows = append(rows, s)
		return json.Unmarshal(doc, &rows[len(rows)-1])
	})
	if l.Segments != len(made.Segments) || l.Events != int64(40*verifytest.Epochs-made.Gone.Rows) || l.Expired != 1 || len(l.Classes) != 2 || len(rows) != l.Segments+1 || len(l.Faults) != 0 {
		t.Errorf("%+v, %d rows", l, len(rows))
	}
	if c := l.Classes[0]; c.Class != "access" || c.Expired != 1 || c.Segments != verifytest.Epochs-1 || c.Oldest != "2026-11-19" || c.Days == 0 || c.Min.IsZero() || !c.Max.After(c.Min) {
		t.Errorf("%+v", c)
	}
	if last := rows[len(rows)-1]; last.State != archiving.StateExpired || last.Path != made.Gone.Path || !strings.Contains(last.Why, "2026-11-20") {
		t.Errorf("%+v", last)
	}
	if !l.Log.On || l.Log.Size == 0 || l.Log.Published != 1 || l.Log.How != "file" || l.Log.Anchored == 0 || l.Log.Until.IsZero() {
		t.Errorf("%+v", l.Log)
	}
	only := ask[archiving.List](t, d, archiving.AskList, archiving.ListRequest{Class: "audit", From: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}, nil)
	if only.Segments != 0 || only.Expired != 0 {
		t.Errorf("another day: %+v", only)
	}
}

func TestDesk_Verify(t *testing.T) {
	d, made, looks := desk(t)
	wait := func() archiving.Status {
		for range 24_000 { // two minutes
			if st := ask[archiving.Status](t, d, archiving.AskStatus, struct{}{}, nil); !st.Running {
				return st
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("the check does not end")
		return archiving.Status{}
	}
	if st := ask[archiving.Status](t, d, archiving.AskVerify, archiving.VerifyRequest{}, nil); !st.Running || st.By != "ana" || st.Copy != 1 {
		t.Errorf("%+v", st)
	}
	st := wait()
	if st.Last == nil || !st.Last.OK || st.Last.Proof != verify.ProofKey || st.Last.Segments != len(made.Segments) {
		t.Fatalf("%+v", st)
	}
	verifytest.Flip(t, filepath.Join(made.Folder, made.Segments[2].Path), 5)
	ask[archiving.Status](t, d, archiving.AskVerify, archiving.VerifyRequest{Copy: 1}, nil)
	if st = wait(); st.Last.OK || len(st.Last.Findings) != 1 || st.Last.Findings[0].Kind != verify.Changed {
		t.Errorf("%+v", st.Last)
	}
	d.Close()
	if len(*looks) != 2 || (*looks)[0].Action != "archive-verify" || (*looks)[0].Who != "ana" || (*looks)[1].Hits != 1 {
		t.Errorf("noted %+v", *looks)
	}
	if st := ask[archiving.Status](t, d, archiving.AskVerify, archiving.VerifyRequest{}, nil); st.Running {
		t.Error("a closed desk begins a check")
	}
}

// TestDesk_VerifyWithBucket: what is no file in the folder of an archive that has a bucket too is named; neither the check nor the
// end of the process waits for it.
func TestDesk_VerifyWithBucket(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "evidence", false)
	d, made, _ := desk(t)
	d.d.Config.Archive.Bucket, d.d.Config.Archive.S3.Endpoint, d.d.Config.Archive.S3.Region = "s3://evidence/weir", m.URL, storetest.Region
	pipe := filepath.Join(made.Folder, made.Segments[2].Path)
	if err := errors.Join(os.Remove(pipe), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	o, err := Options(t.Context(), d.d.Config, 1)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verify.Run(t.Context(), o)
	if err != nil || len(v.Findings) != 1 || v.Findings[0].Kind != verify.Changed || v.Findings[0].Path != made.Segments[2].Path {
		t.Errorf("%+v, %v", v, err)
	}
	ask[archiving.Status](t, d, archiving.AskVerify, archiving.VerifyRequest{}, nil)
	d.Close()
	if st := ask[archiving.Status](t, d, archiving.AskStatus, struct{}{}, nil); st.Running {
		t.Error("the check goes on")
	}
}

func TestDesk_Notes(t *testing.T) {
	d, _, looks := desk(t)
	ask[struct{}](t, d, archiving.AskExported, archiving.Exported{Query: " user.name: kim ", Reason: "case 12", Where: "/x.zip", SHA256: "ab", Events: 7}, nil)
	ask[struct{}](t, d, archiving.AskExported, archiving.Exported{Kind: archiving.KindVerify, Where: "/a", Failed: "no"}, nil)
	if len(*looks) != 2 {
		t.Fatalf("%+v", *looks)
	}
	if l := (*looks)[0]; l.Action != "archive-export" || l.Query != "user.name: kim" || l.Reason != "case 12 (/x.zip, package ab)" || l.Hits != 7 || l.Who != "ana" || l.Err != nil {
		t.Errorf("%+v", l)
	}
	if l := (*looks)[1]; l.Action != "archive-verify" || l.Query != "/a" || l.Err == nil {
		t.Errorf("%+v", l)
	}
}

// TestDesk_Checked: a check that a command did is as good as one of the desk, for reports and for the console; one of a copy
// says nothing about the archive.
func TestDesk_Checked(t *testing.T) {
	d, _, _ := desk(t)
	var got []*archiving.Verified
	d.d.Checked = func(v *archiving.Verified) { got = append(got, v) }
	for _, v := range []*archiving.Verified{{OK: true, Segments: 7, Copy: 1}, {Found: 3, Copy: 2}, nil} {
		ask[struct{}](t, d, archiving.AskExported, archiving.Exported{Kind: archiving.KindVerify, Where: "/a", Checked: v}, nil)
	}
	if len(got) != 2 || got[0].Segments != 7 || got[1].Found != 3 {
		t.Errorf("%+v", got)
	}
	if st := ask[archiving.Status](t, d, archiving.AskStatus, nil, nil); st.Last == nil || st.Last.Segments != 7 {
		t.Errorf("%+v", st.Last)
	}
}

func TestDesk_Rebuild(t *testing.T) {
	d, made, _ := desk(t)
	idx := filepath.Join(made.Folder, strings.TrimSuffix(made.Segments[0].Path, ".parquet")+".idx")
	if err := os.Remove(idx); err != nil {
		t.Fatal(err)
	}
	if r := ask[archiving.Rebuilt](t, d, archiving.AskRebuild, archiving.RebuildRequest{}, nil); r.Indexes != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(idx); err != nil {
		t.Error(err)
	}
}

// TestDesk_Seal: what came a moment ago is in a segment, and in the log.
func TestDesk_Seal(t *testing.T) {
	a, err := archive.Open(filepath.Join(t.TempDir(), "archive"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Append(context.Background(), []archive.Row{{Doc: []byte(`{"@timestamp":"2026-11-21T00:00:00Z","message":"x"}`)}}, nil); err != nil {
		t.Fatal(err)
	}
	synced := 0
	d := New(Deps{Archive: func() (*archive.Archive, error) { return a, nil }, Sync: func(context.Context) error { synced++; return nil }})
	if s := ask[archiving.SealedAll](t, d, archiving.AskSeal, struct{}{}, nil); s.Segments != 1 || s.Events != 1 || synced != 1 {
		t.Errorf("%+v, synced %d", s, synced)
	}
	d.d.Sync = func(context.Context) error { return errors.New("no key") }
	if _, err := question.Ask[archiving.SealedAll](context.Background(), d.Questions(), archiving.AskSeal, struct{}{}, nil); fault.Code(err) != "archive-seal" {
		t.Errorf("%v", err)
	}
	none := New(Deps{Archive: func() (*archive.Archive, error) { return nil, fault.List{{Code: "not-running"}} }})
	for name := range none.Questions() {
		if slices.Contains([]string{archiving.AskStatus, archiving.AskExported, archiving.AskVerify}, name) {
			continue
		}
		if _, err := none.Questions().Answer(context.Background(), name, nil, nil); fault.Code(err) != "not-running" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlaces(t *testing.T) {
	cfg := config.Default()
	cfg.Data = "/data"
	cfg.Archive.Bucket, cfg.Archive.Copies = "s3://b/p", []string{"second", "/mnt/third", "s3://c"}
	if got := Places(cfg); !slices.Equal(got, []string{"/data/archive", "s3://b/p", "/data/second", "/mnt/third", "s3://c"}) {
		t.Errorf("%q", got)
	}
	cfg.Archive.Bucket = ""
	for _, n := range []int{0, 5} {
		if _, err := Options(context.Background(), cfg, n); fault.Code(err) != "archive-copy" {
			t.Errorf("copy %d: %v", n, err)
		}
	}
	o, err := Options(context.Background(), cfg, 3)
	if err != nil || o.Where != "/mnt/third" || !o.Copy || o.Bucket || o.Keys != nil {
		t.Errorf("%+v, %v", o, err)
	}
}
