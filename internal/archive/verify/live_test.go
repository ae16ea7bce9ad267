package verify_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/archive/sample"
	"weir/internal/archive/translog"
	"weir/internal/archive/verify"
	"weir/internal/record"

	arch "weir/internal/archive"
)

// TestRun_BesideAWriter: an archive that is written to verifies at any moment, and so does one whose segments expire.
func TestRun_BesideAWriter(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "archive")
	a, err := arch.Open(dir, arch.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	k := translog.New(translog.Options{Archive: dir, Keys: filepath.Join(top, "keys"), Name: "weir.log/live", Published: a.Published})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { k.Run(ctx); close(ended) }()
	written := make(chan error, 1)
	docs := sample.Docs(3, 600)
	go func() {
		var err error
		for i := 0; i < len(docs) && err == nil; i += 20 {
			var rows []arch.Row
			for n, d := range docs[i : i+20] {
				rows = append(rows, arch.Row{Doc: d, Account: "x", Consumed: record.Pos{Topic: "weir.events", Offset: int64(i + n)}})
			}
			if err = a.Append(ctx, rows, nil); err == nil {
				err = a.Seal(ctx)
			}
		}
		written <- err
	}()
	rounds := 0
	for done := false; !done; rounds++ {
		select {
		case err := <-written:
			if err != nil {
				t.Fatal(err)
			}
			done = true
			if err := k.Sync(ctx); err != nil {
				t.Fatal(err)
			}
		default:
		}
		if _, err := os.Stat(filepath.Join(dir, "log", "checkpoint")); err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		if v := check(t, verify.Options{Files: os.DirFS(dir)}); !v.OK {
			t.Fatalf("round %d:\n%s\n%+v", rounds, kinds(v), v)
		}
	}
	stop()
	<-ended
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{k.Status().Verifier}})
	if !v.OK || v.Segments != 30 || v.Unlogged != 0 {
		t.Errorf("%s\n%+v", kinds(v), v)
	}
}
