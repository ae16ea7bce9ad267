package store_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/internal/archive/store"
	"weir/internal/archive/store/storetest"
	"weir/internal/fault"
	"weir/internal/testkit"
)

func TestFolder(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return store.NewFolder(filepath.Join(t.TempDir(), "copy")) })
}

func TestFolder_AFailedWriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := store.NewFolder(dir)
	trouble := errors.New("the source disk is gone")
	if err := f.Put(t.Context(), "a/b", storetest.Torn("half of it", trouble)); !errors.Is(err, trouble) {
		t.Fatalf("got %v", err)
	}
	if list, err := os.ReadDir(filepath.Join(dir, "a")); err != nil || len(list) != 0 {
		t.Errorf("left: %v, %v", list, err)
	}
}

// Files that a crash left unfinished are in no list, and stand in nobody's way.
func TestFolder_AfterACrash(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.tmp"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := store.NewFolder(dir)
	for i, err := range f.List(t.Context(), "") {
		t.Errorf("%v %v", i, err)
	}
	if err := f.Put(t.Context(), "x", store.Bytes([]byte("whole"))); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "x")); err != nil || string(b) != "whole" {
		t.Errorf("%q %v", b, err)
	}
}

func TestFolder_ReadOnlyAndFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		testkit.Skip(t, "root", "a small file system cannot be mounted: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	f := store.NewFolder(dir)
	if err := f.Put(t.Context(), "big", store.Bytes(make([]byte, 1<<20))); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full: %v", err)
	}
	if err := f.Append(t.Context(), "manifest.jsonl", 0, []byte("line\n")); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(t.Context(), "manifest.jsonl", 5, make([]byte, 1<<20)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full: %v", err)
	}
	if i, err := f.Stat(t.Context(), "manifest.jsonl"); err != nil || i.Size != 5 {
		t.Errorf("half a line is left: %+v %v", i, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=64k"); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), "x", store.Bytes([]byte("x"))); !errors.Is(err, syscall.EROFS) {
		t.Errorf("read-only: %v", err)
	}
}

func TestS3(t *testing.T) {
	m := storetest.Moto(t)
	n := 0
	for _, locked := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "object lock"}[locked]
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) store.Store {
				n++
				bucket := "bucket-" + string(rune('a'+n))
				m.Bucket(t, bucket, locked)
				return m.Open(t, "s3://"+bucket+"/weir/archive", nil)
			})
		})
	}
}

// Whatever happens on the way, a file is there whole or not at all, and asking again brings it there.
func TestS3_Faults(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "evidence", false)
	p := storetest.NewProxy(t, m.URL)
	s := m.Open(t, "s3://evidence/x", p)
	only := func(method string, times int32, f storetest.Fault) storetest.Fault {
		var n atomic.Int32
		return func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
			return r.Method == method && n.Add(1) <= times && f(w, r, pass)
		}
	}
	slow := func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		select {
		case <-r.Context().Done():
		case <-time.After(30 * time.Second):
		}
		panic(http.ErrAbortHandler)
	}
	cases := map[string]struct {
		fault storetest.Fault
		works bool
	}{
		"busy once":            {only(http.MethodPut, 1, storetest.Busy), true},
		"cut once":             {only(http.MethodPut, 1, storetest.Cut), true},
		"answer lost once":     {only(http.MethodPut, 1, storetest.Lost), true},
		"answer lost for good": {only(http.MethodPut, 9, storetest.Lost), true}, // it is asked for instead
		"busy for long":        {only(http.MethodPut, 9, storetest.Busy), false},
		"cut for long":         {storetest.Cut, false},
		"no answer":            {slow, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			key := strings.ReplaceAll(name, " ", "-")
			p.Set(c.fault)
			body := store.Bytes([]byte(strings.Repeat(name, 1000)))
			err := s.Put(t.Context(), key, body)
			if (err == nil) != c.works {
				t.Errorf("got %v", err)
			}
			p.Set(nil)
			if err := s.Put(t.Context(), key, body); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if i, err := s.Stat(t.Context(), key); err != nil || i.Size != body.Size {
				t.Errorf("%+v, %v", i, err)
			}
		})
	}
}

func TestS3_ACutBodyIsNoEnd(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "evidence", false)
	p := storetest.NewProxy(t, m.URL)
	s := m.Open(t, "s3://evidence", p)
	if err := s.Put(t.Context(), "x", store.Bytes(make([]byte, 1<<20))); err != nil {
		t.Fatal(err)
	}
	p.Set(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		w.Header().Set("Content-Length", "1048576")
		_, _ = w.Write(make([]byte, 1000))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	if _, err := store.ReadAll(t.Context(), s, "x", 1<<21); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// What is locked in compliance mode stays, and the error says until when.
func TestS3_ObjectLock(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "locked", true)
	m.Bucket(t, "plain", false)
	s := m.Open(t, "s3://locked/a", nil)
	if ok, err := s.Locks(t.Context()); !ok || err != nil {
		t.Fatalf("%v %v", ok, err)
	}
	c := store.Bytes([]byte("evidence"))
	c.Until = time.Now().Add(time.Hour).Truncate(time.Second)
	if err := s.Put(t.Context(), "x", c); err != nil {
		t.Fatal(err)
	}
	bucket, key := "locked", "a/x"
	head, err := m.Client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil || head.ObjectLockMode != "COMPLIANCE" || !head.ObjectLockRetainUntilDate.Equal(c.Until) {
		t.Errorf("%+v %v", head, err)
	}
	var locked *store.LockedError
	if err := s.Delete(t.Context(), "x"); !errors.As(err, &locked) || !locked.Until.Equal(c.Until) || !strings.Contains(err.Error(), "locked until") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Stat(t.Context(), "x"); err != nil {
		t.Errorf("it went: %v", err)
	}
	// One whose time is over goes with all its versions.
	if err := s.Replace(t.Context(), "y", []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := s.Replace(t.Context(), "y", []byte("two")); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "y"); err != nil {
		t.Fatal(err)
	}
	prefix := "a/y"
	left, err := m.Client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &prefix})
	if err != nil || len(left.Versions)+len(left.DeleteMarkers) != 0 {
		t.Errorf("%+v %v", left, err)
	}
	// A bucket without locks takes the file without one.
	if err := m.Open(t, "s3://plain", nil).Put(t.Context(), "x", c); err != nil {
		t.Error(err)
	}
}

func TestOpenS3_Failure(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "/nowhere")
	for _, place := range []string{"", "bucket", "s3://", "https://bucket/x"} {
		if _, err := store.OpenS3(t.Context(), place, store.S3Options{Region: "eu-west-1"}); fault.Code(err) != "archive-bucket" {
			t.Errorf("%q: %v", place, err)
		}
	}
	if _, err := store.OpenS3(t.Context(), "s3://bucket", store.S3Options{}); err == nil || !strings.Contains(err.Error(), "region") {
		t.Errorf("got %v", err)
	}
}

func TestS3_NoBucket(t *testing.T) {
	m := storetest.Moto(t)
	s := m.Open(t, "s3://nobody", nil)
	if err := s.Put(t.Context(), "x", store.Bytes([]byte("x"))); fault.Code(err) != "archive-bucket" || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("got %v", err)
	}
}
