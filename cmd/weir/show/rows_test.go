package show

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"weir/internal/term"
)

func TestRows_Portions(t *testing.T) {
	var b bytes.Buffer
	rows := NewRows(&term.Face{W: &b, Zone: time.UTC, Now: time.Now}, nil)
	for range rowsAtOnce + 1 {
		if err := rows.Add(Doc{"message": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(b.String(), "\n"); n != rowsAtOnce {
		t.Errorf("%d rows before the end", n)
	}
	if err := rows.Flush(); err != nil || strings.Count(b.String(), "\n") != rowsAtOnce+1 {
		t.Errorf("%d rows, %v", strings.Count(b.String(), "\n"), err)
	}
	if got, _, _ := strings.Cut(b.String(), "\n"); got != "-\t\t\t\t\tx" {
		t.Errorf("a pipe gets all columns: %q", got)
	}
}

// TestRows_Columns: a person gets the columns that say something, a program all of them, and both what they ask for.
func TestRows_Columns(t *testing.T) {
	docs := []Doc{
		{"@timestamp": "2026-11-21T07:50:08.412Z", "message": "one", "event": map[string]any{"dataset": "sshd"}, "user.name": "김민수"},
		{"@timestamp": "2026-11-20T07:50:08.412Z", "event.original": "two\x1b[2J", "observer": map[string]any{"name": "fw-1"}, "labels": map[string]any{"a": true}},
	}
	for _, c := range []struct {
		name   string
		tty    bool
		fields []string
		want   string
	}{
		{"a person", true, nil, "" +
			"TIME +00:00         DATASET  HOST  USER.NAME  MESSAGE\n" +
			"07:50:08.412        sshd           김민수     one\n" +
			"11-20 07:50:08.412           fw-1             two\\x1b[2J\n"},
		{"a program", false, nil, "" +
			"2026-11-21T07:50:08.412Z\tsshd\t\t\t김민수\tone\n" +
			"2026-11-20T07:50:08.412Z\t\tfw-1\t\t\ttwo\\x1b[2J\n"},
		{"a person who asks", true, []string{"labels.a", "no.such", "host"}, "" +
			"TIME +00:00         LABELS.A  HOST\n" +
			"07:50:08.412\n" +
			"11-20 07:50:08.412  true      fw-1\n"},
		{"a program that asks", false, []string{"labels.a", "no.such", "host"}, "" +
			"2026-11-21T07:50:08.412Z\t\t\t\n" +
			"2026-11-20T07:50:08.412Z\ttrue\t\tfw-1\n"},
	} {
		var b bytes.Buffer
		rows := NewRows(&term.Face{W: &b, TTY: c.tty, Width: 100, Zone: time.UTC, Now: func() time.Time { return time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC) }}, c.fields)
		for _, d := range docs {
			if err := rows.Add(d); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Flush(); err != nil || b.String() != c.want {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", c.name, err, b.String(), c.want)
		}
		if n := b.Len(); rows.Flush() != nil || b.Len() != n {
			t.Errorf("%s: the rows come again", c.name)
		}
	}
}

// TestRows_ClosedPipe: the portion that cannot be written ends the search.
func TestRows_ClosedPipe(t *testing.T) {
	rows := NewRows(&term.Face{W: broken{}, Zone: time.UTC, Now: time.Now}, nil)
	for i := range rowsAtOnce {
		err := rows.Add(Doc{"message": "x"})
		if (err != nil) != (i == rowsAtOnce-1) {
			t.Fatalf("row %d: %v", i, err)
		}
	}
}

// TestNeeds: what a row shows is asked for, also where it is no column that was named, or a column of several fields.
func TestNeeds(t *testing.T) {
	for _, c := range []struct{ columns, want string }{
		{"", ""},
		{"user.name", "@timestamp user.name"},
		{"source.ip,@timestamp", "@timestamp source.ip"},
		{"message", "@timestamp message event.original"},
		{"host,source.ip", "@timestamp host.name observer.name host.hostname observer.hostname log.source.address source.ip"},
	} {
		columns := strings.FieldsFunc(c.columns, func(r rune) bool { return r == ',' })
		if got := strings.Join(Needs(columns), " "); got != c.want {
			t.Errorf("%q: %s, want %s", c.columns, got, c.want)
		}
	}
}
