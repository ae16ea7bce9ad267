package reviewing

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/apptest"
	"weir/internal/app/tools"
	"weir/internal/archive"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/testkit"
)

var seoul = func() *time.Location {
	l, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		panic(err)
	}
	return l
}()

// windowsLogons are numbers of events about logons, accounts and groups.
var windowsLogons = regexp.MustCompile(`"EventID": ?"?(4624|4625|4634|4648|47[0-9][0-9])\b`)

// recordings returns the Windows events about logons and accounts of the recorded attacks.
func recordings(t testing.TB) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "security-datasets", "atomic", "windows", "*", "host", "*.zip"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	slices.Sort(files)
	var out []byte
	for _, name := range files {
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			sc := bufio.NewScanner(r)
			sc.Buffer(nil, 16<<20)
			for n := 0; n < 3000 && sc.Scan(); n++ {
				if windowsLogons.Match(sc.Bytes()) {
					out = append(append(out, bytes.TrimSpace(sc.Bytes())...), '\n')
				}
			}
			_ = r.Close() // only read
		}
		_ = z.Close()
	}
	return out
}

// written are records of an application and of the office that gives rights: no public data has any.
func written() []byte {
	var b bytes.Buffer
	people := []string{"fztu", "kim01", "lee02", "park03", "choi04"}
	tasks := []string{"조회", "검색", "수정", "조회", "출력", "다운로드", "조회"}
	for i := range 420 {
		system := []string{"hr-db", "crm"}[i%2]
		at := time.Date(2026, 10, 1+i*31/420, 8+i%11, i%60, i%50, 0, seoul)
		who, task := people[i%len(people)], tasks[i%len(tasks)]
		reason := ""
		if task == "다운로드" && i%4 != 0 {
			reason = fmt.Sprintf(` reason="정기 감사 %d"`, i)
		}
		subject := fmt.Sprintf(" subject=C-%d", 1000+i%97)
		switch {
		case i%60 == 5:
			subject = " count=2500"
		case i%70 == 3:
			subject = "" // incomplete
		}
		fmt.Fprintf(&b, "record=privacy_access time=%q user=%s ip=10.1.%d.%d%s action=%s system=%s%s\n", at.Format(time.RFC3339), who, i%3, 10+i%5, subject, task, system, reason)
	}
	for i, r := range []string{
		"2024-01-08 09:00:00,admin7,grant,fztu,hr-db,record.read,,,lee,joined", "2024-01-08 09:05:00,admin7,grant,kim01,crm,customer.read,,,lee,joined",
		"2024-02-01 09:00:00,admin7,grant,han05,hr-db,record.read,,,lee,project", "2026-10-05 09:15:02,admin7,grant,choi04,crm,customer.export,,,lee,new in team 3",
		"2026-10-12 10:00:00,admin7,grant,park03,hr-db,record.write,,,,", "2026-10-20 18:00:00,admin7,remove,lee02,hr-db,record.read,,,lee,moved to team 1",
		"2026-09-03 09:00:00,admin7,grant,lee02,hr-db,record.read,,,lee,joined",
	} {
		_ = i
		fmt.Fprintf(&b, "access_rights,%s\n", r)
	}
	return b.Bytes()
}

// month makes documents of October 2026 out of real logs: OpenSSH of a machine on the internet and Windows of a recorded
// network, their days spread over the month and their hours as they were, and the written records. event.id is the line.
func month(t testing.TB) [][]byte {
	t.Helper()
	madeMonth.Do(func() { monthDocs = makeMonth(t) })
	if monthDocs == nil {
		t.Skip("another test could not make it, and says why")
	}
	return monthDocs
}

var (
	madeMonth sync.Once
	monthDocs [][]byte
)

func makeMonth(t testing.TB) [][]byte {
	t.Helper()
	ssh, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "loghub", "OpenSSH", "OpenSSH_2k.log"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := apptest.Data(t, nil)
	var docs [][]byte
	lines, err := tools.NewLines(cfg, nil, tools.Form{Raw: "auto"})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{ssh, recordings(t), written()} {
		var events []*event.Event
		err := lines.Read(t.Context(), bytes.NewReader(text), func(_ int, e *event.Event) error {
			c := &event.Event{}
			if err := c.Decode(e.AppendJSON(nil)); err != nil {
				return err
			}
			events = append(events, c)
			return nil
		}, func(f *fault.Error) { t.Error(f) })
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if d := e.Str(event.EventDataset); d != "privacy_access.log" && d != "access_rights.log" {
				move(e, i, len(events))
			}
			docs = append(docs, e.AppendJSON(nil))
		}
	}
	return docs
}

// move puts event i of n into October 2026, keeping the hour of the day in which it was logged.
func move(e *event.Event, i, n int) {
	was := e.Get(event.Timestamp).Time()
	at := event.At(time.Date(2026, 10, 1+i*31/n, was.Hour(), was.Minute(), was.Second(), was.Nanosecond(), seoul))
	e.Set(event.Timestamp, at)
	e.Set(event.WeirTime, at)
	e.Set(event.EventCreated, at)
}

// fill makes an archive of documents: most in segments, the last in memory.
func fill(t testing.TB, dir string, docs [][]byte) *archive.Archive {
	t.Helper()
	a, err := archive.Open(dir, archive.Options{EpochRows: 1 << 30, EpochBytes: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	n := len(docs)
	for i, part := range [][][]byte{docs[:n/3], docs[n/3 : n-100], docs[n-100:]} {
		rows := make([]archive.Row, len(part))
		for j, doc := range part {
			off := int64(i*n + j)
			rows[j] = archive.Row{Doc: doc, Account: "a", Consumed: record.Pos{Topic: "month", Offset: off}, Source: record.Pos{Topic: "lines", Offset: off}}
		}
		if err := a.Append(t.Context(), rows, nil); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			if err := a.Seal(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return a
}
