package trace

import (
	"slices"
	"testing"
	"time"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/fold"
)

func decoded(t *testing.T, doc string) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return &e
}

func TestParts(t *testing.T) {
	t.Parallel()
	c, err := match.Compile(`process.name == "sshd" and icontains(message, "ROOT", "admin") and not (user.name == "kim")`)
	if err != nil {
		t.Fatal(err)
	}
	var v fold.View
	v.Reset(decoded(t, `{"process":{"name":"sshd"},"message":"login of Admin","user":{"name":"lee"}}`))
	parts := Parts(c, &v)
	if len(parts) != 3 || parts[1].Field != "message" || parts[1].Value != "login of Admin" || parts[1].Literal != "admin" || parts[1].Start != 9 || parts[1].End != 14 {
		t.Errorf("got %+v", parts)
	}
	v.Reset(decoded(t, `{"process":{"name":"sshd"},"message":"root","user":{"name":"kim"}}`))
	if parts := Parts(c, &v); len(parts) != 0 {
		t.Errorf("of a condition that does not hold: %+v", parts)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, original string
		part           Part
		want           Place
	}{
		{"as it is", "user root in", Part{Value: "root"}, Place{5, 9, 5, 9}},
		{"a literal in it", "cmd 7z.exe a -pX", Part{Value: "7z.exe a -pX", Start: 8, End: 11}, Place{4, 16, 12, 15}},
		{"other capitals", "USER Root IN", Part{Value: "root"}, Place{5, 9, 5, 9}},
		{"as JSON writes it", `{"a":"C:\\x\"y"}`, Part{Value: `C:\x"y`, Start: 0, End: 2}, Place{6, 14, 6, 14}},
		{"Korean before it", "김민수 root", Part{Value: "root"}, Place{10, 14, 10, 14}},
		{"not there", "user admin in", Part{Value: "root"}, Place{-1, -1, -1, -1}},
		{"no value", "user", Part{}, Place{-1, -1, -1, -1}},
		{"no record", "", Part{Value: "root"}, Place{-1, -1, -1, -1}},
	} {
		if got := Find(c.original, c.part); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestOriginal(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"event":{"original":"a line"}}`:           "a line",
		`{"weir":{"original_base64":"/wBhYmM="}}`:   "\xff\x00abc",
		`{"weir":{"original_base64":"no base 64"}}`: "",
		`{}`: "",
	} {
		if got := Original(decoded(t, doc)); got != want {
			t.Errorf("%s: %q", doc, got)
		}
	}
}

func TestRecordOf(t *testing.T) {
	t.Parallel()
	r := RecordOf(decoded(t, `{"event":{"created":"2026-11-21T03:12:44Z","dataset":"system.auth","module":"system"},"log":{"source":{"address":"192.0.2.1"}},
		"weir":{"src":"weir.raw.syslog/1/8/0","input":"syslog","transport":"udp","parse_errors":["time"]}}`))
	want := Record{Position: "weir.raw.syslog/1/8/0", Peer: "192.0.2.1", Input: "syslog", Transport: "udp", Received: time.Date(2026, 11, 21, 3, 12, 44, 0, time.UTC), Dataset: "system.auth", Module: "system"}
	errs := r.Errors
	if r.Errors = nil; !r.Received.Equal(want.Received) || r.Position != want.Position || r.Peer != want.Peer || r.Input != want.Input || r.Transport != want.Transport || r.Dataset != want.Dataset || r.Module != want.Module {
		t.Errorf("got %+v", r)
	}
	if !slices.Equal(errs, []string{"time"}) {
		t.Errorf("errors %q", errs)
	}
	if r := RecordOf(decoded(t, `{}`)); r.Position != "" || !r.Received.IsZero() {
		t.Errorf("of an event that says nothing: %+v", r)
	}
}

// FuzzFind: what is found is the value, byte for byte but for capitals and what JSON escapes, and a hit lies in it.
func FuzzFind(f *testing.F) {
	f.Add("user Root in", "root", 1, 2)
	f.Add(`{"a":"C:\\x"}`, `C:\x`, 0, 2)
	f.Add("김민수", "민", 0, 3)
	f.Fuzz(func(t *testing.T, original, value string, start, end int) {
		if start < 0 || end < start || end > len(value) {
			return
		}
		p := Find(original, Part{Value: value, Start: start, End: end})
		if p.From == -1 {
			return
		}
		if p.From < 0 || p.To > len(original) || p.From >= p.To || p.HitFrom < p.From || p.HitTo > p.To || p.HitFrom > p.HitTo {
			t.Fatalf("%q in %q: %+v", value, original, p)
		}
		if p.To-p.From == len(value) && string(lowered(original[p.From:p.To])) != string(lowered(value)) {
			t.Fatalf("%q in %q: %q", value, original, original[p.From:p.To])
		}
	})
}
