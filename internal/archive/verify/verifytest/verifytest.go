// Package verifytest makes small archives with everything in them that an archive can have, and damages them as an intruder
// would, for the tests of whatever reads one.
package verifytest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/sample"
	"weir/internal/archive/translog"
	"weir/internal/record"
)

// Archive is one that was made.
type Archive struct {
	Folder string
	Keys   string // the folder of the signing key
	First  string // the verifier string that it began with
	Key    string // the one that signs now
	Old    []byte // an older checkpoint, as somebody kept it elsewhere
	// Segments are those that are there, in the order of the manifest.
	Segments []manifest.Segment
	Gone     manifest.Segment // the one that expired
	Policy   string           // path of a policy's text
	Review   string           // path of a signed review
}

// Epochs is how many epochs an archive has. Each has two classes.
const Epochs = 12

// Start is when the first of them was published; one follows an hour after the other.
var Start = time.Date(2026, 11, 19, 1, 0, 0, 0, time.UTC)

// maker makes one.
type maker struct {
	t    testing.TB
	a    *archive.Archive
	log  *translog.Keeper
	now  time.Time
	docs [][]byte
	next int64
	out  *Archive
}

// Make makes an archive below a folder: segments of two classes over several days, an expiry, a hold that ended, a policy, a
// review, a change of keys, a checkpoint that was published.
func Make(t testing.TB, dir string) *Archive {
	t.Helper()
	m := &maker{t: t, now: Start, docs: sample.Docs(7, Epochs*40), out: &Archive{Folder: filepath.Join(dir, "archive"), Keys: filepath.Join(dir, "keys")}}
	var err error
	m.a, err = archive.Open(m.out.Folder, archive.Options{Writer: "test", Now: func() time.Time { return m.now }, EpochAge: 1000 * time.Hour})
	m.must(err)
	m.log = translog.New(translog.Options{Archive: m.out.Folder, Keys: m.out.Keys, Name: "weir.log/test", Now: func() time.Time { return m.now }})
	for i := range Epochs {
		m.epoch(i)
		m.after(i)
		m.must(m.log.Once())
		if i == 4 {
			m.publish()
		}
		m.now = m.now.Add(time.Hour)
	}
	m.out.Key = m.log.Status().Verifier
	for _, s := range m.a.Segments() {
		m.out.Segments = append(m.out.Segments, s.Segment)
	}
	m.must(m.a.Close())
	return m.out
}

// must ends the test.
func (m *maker) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// epoch seals forty events of two classes.
func (m *maker) epoch(i int) {
	var rows []archive.Row
	for n := range 40 {
		var e event.Event
		m.must(e.Decode(m.docs[i*40+n]))
		at := m.now.Add(time.Duration(n-40) * time.Minute)
		e.Set(event.Timestamp, event.At(at))
		e.Set(event.WeirTime, event.At(at))
		e.SetStr(event.WeirClass, []string{"access", "audit"}[n%2])
		rows = append(rows, archive.Row{Doc: e.AppendJSON(nil), Account: "syslog/192.0.2.1", Consumed: record.Pos{Topic: "weir.events", Offset: m.next},
			Source: record.Pos{Topic: "weir.raw.syslog", Offset: m.next}})
		m.next++
	}
	m.must(m.a.Append(context.Background(), rows, nil))
	m.must(m.a.Seal(context.Background()))
}

// after does what is done between the epochs.
func (m *maker) after(i int) {
	switch i {
	case 0:
		m.must(m.log.Once())
		m.out.First = m.log.Status().Verifier
	case 2:
		m.out.Policy = m.file(manifest.KindPolicy, "policy/", ".yaml", []byte("classes: [{name: access, keep: 2y}]\n"))
	case 5:
		m.act(manifest.KindHold, manifest.Hold{ID: "h1", Query: "user.name: kim", Owner: "ana", Reason: "case 12"})
		m.act(manifest.KindRelease, manifest.Release{ID: "h1", Reason: "case closed"})
	case 6:
		m.out.Review = m.file(manifest.KindReview, "reviews/2026-10", ".json", []byte(`{"month":"2026-10"}`+"\n"))
	case 7:
		s := m.a.Segments()[0].Segment
		m.out.Gone = s
		m.must(m.a.Expire(context.Background(), "weir", []manifest.Expiry{{Path: s.Path, SHA256: s.SHA256, Class: s.Class, Day: s.Day, Rows: s.Rows, Policy: "p", Due: "2026-11-20"}}))
	case 1:
		_, err := m.log.Rotate(context.Background(), "ana", m.a.Act)
		m.must(err)
	}
}

// act appends one action.
func (m *maker) act(kind string, body any) {
	a, err := manifest.NewAction(kind, "ana", m.now, body)
	m.must(err)
	_, err = m.a.Act(context.Background(), []manifest.Action{a})
	m.must(err)
}

// file keeps a file and says so.
func (m *maker) file(kind, start, end string, text []byte) string {
	sum := sha256.Sum256(text)
	name := start + hex.EncodeToString(sum[:]) + end
	if kind == manifest.KindReview {
		name = start + end
	}
	m.must(m.a.PutFile(context.Background(), name, text))
	m.act(kind, manifest.File{ID: filepath.Base(name), Path: name, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(text))})
	return name
}

// publish keeps the checkpoint of the day, and says where it went.
func (m *maker) publish() {
	text, c, _ := m.log.Head()
	m.out.Old = bytes.Clone(text)
	folder := filepath.Join(m.out.Folder, "log", "checkpoints")
	m.must(os.MkdirAll(folder, 0o700))
	m.must(os.WriteFile(filepath.Join(folder, m.now.Format(time.DateOnly)), text, 0o600))
	line, err := json.Marshal(map[string]any{"at": m.now, "size": c.Size, "root": c.Root.String(), "how": "file", "where": "/mnt/other", "ok": true})
	m.must(err)
	m.must(os.WriteFile(filepath.Join(m.out.Folder, "log", "anchors.jsonl"), append(line, '\n'), 0o600))
}

// Copy copies a folder.
func Copy(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// Verifier reads the name out of a verifier string.
func Verifier(t testing.TB, s string) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
