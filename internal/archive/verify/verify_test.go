package verify_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/control/archiving"
	"weir/internal/fault"
)

// check verifies a folder.
func check(t testing.TB, o verify.Options) *archiving.Verified {
	t.Helper()
	if o.Where == "" {
		o.Where = "archive"
	}
	v, err := verify.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// kinds lists what was found.
func kinds(v *archiving.Verified) string {
	var out []string
	for _, f := range v.Findings {
		out = append(out, f.Kind+" "+f.Path)
	}
	return strings.Join(out, "\n")
}

func TestRun_Clean(t *testing.T) {
	a := archive(t)
	for name, keys := range map[string][]string{"the key of today": {a.Key}, "the key that it began with": {a.First}, "none": nil} {
		t.Run(name, func(t *testing.T) {
			v := check(t, verify.Options{Files: os.DirFS(a.Folder), Keys: keys})
			if !v.OK || v.Found != 0 {
				t.Fatalf("found:\n%s\n%+v", kinds(v), v)
			}
			if v.Segments != len(a.Segments) || v.Events != int64(40*verifytest.Epochs-a.Gone.Rows) || v.Expired != 1 {
				t.Errorf("%d segments, %d events, %d expired", v.Segments, v.Events, v.Expired)
			}
			if want := map[bool]string{true: verify.ProofKey, false: verify.ProofOwn}[keys != nil]; v.Proof != want {
				t.Errorf("proof %s, want %s", v.Proof, want)
			}
			if len(v.Anchors) != 1 || !v.Until.Equal(verifytest.Start.Add(4*time.Hour)) || v.Anchored >= v.Size || v.Unanchored != 14 || v.Unlogged != 0 {
				t.Errorf("anchors %+v, until %s, %d of %d, %d newer", v.Anchors, v.Until, v.Anchored, v.Size, v.Unanchored)
			}
		})
	}
}

func TestRun_NoArchive(t *testing.T) {
	_, err := verify.Run(context.Background(), verify.Options{Files: os.DirFS(t.TempDir()), Where: "here"})
	if fault.Code(err) != "archive-folder" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("%v", err)
	}
}

func TestRun_Cancelled(t *testing.T) {
	a := archive(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := verify.Run(ctx, verify.Options{Files: os.DirFS(a.Folder), Keys: []string{a.Key}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRun_Progress(t *testing.T) {
	a := archive(t)
	var last archiving.Progress
	v := check(t, verify.Options{Files: os.DirFS(a.Folder), Keys: []string{a.Key}, Progress: func(p archiving.Progress) { last = p }})
	if last.Segments != len(a.Segments) || last.SegmentsTotal != len(a.Segments) || last.Bytes != last.BytesTotal || last.Bytes < v.Bytes {
		t.Errorf("%+v, want %d segments and %d bytes at least", last, len(a.Segments), v.Bytes)
	}
}
