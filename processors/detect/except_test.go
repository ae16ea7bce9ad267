package detect

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/internal/match"
	"weir/internal/record"
	"weir/rules"
	"weir/rules/exceptions"
)

// engineOf is an engine of a file that may have warnings.
func engineOf(t testing.TB, file string) *Engine {
	t.Helper()
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(file)}}, "r", rules.Options{})
	if rules.HasErrors(set.Faults) {
		t.Fatal(set.Faults)
	}
	en, faults := New(set, nil, nil)
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	return en
}

// excepting is an engine with exceptions, of which each line is the rule, the last day and the condition.
func excepting(t testing.TB, file string, lists match.Lists, lines ...string) (*Engine, *rules.Set) {
	t.Helper()
	var doc strings.Builder
	for _, l := range lines {
		p := strings.SplitN(l, " ", 3)
		fmt.Fprintf(&doc, "- {rule: '%s', when: '%s', owner: kim, reason: r, until: %s}\n", p[0], p[2], p[1])
	}
	list := exceptions.Parse("exceptions.yaml", []byte(doc.String()), match.Lists{"vpn": lists["vpn"]}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if list.Refused {
		t.Fatal(list.Faults)
	}
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(file)}}, "r", rules.Options{}).Except(list)
	en, _ := New(set, lists, nil)
	return en, set
}

const twoRules = "id: ssh-a\ntitle: A\nlevel: low\nwhen: exists(user.name)\n---\nid: web-b\ntitle: B\nlevel: low\nwhen: {x: exists(user.name), y: exists(source.ip)}\ncorrelate: {sequence: [{when: x}, {when: y}], by: [user.name], within: 1m}\n"

// TestExceptions: an event that satisfies a live exception makes no signal for that rule; others and other rules go on.
func TestExceptions(t *testing.T) {
	t.Parallel()
	en, _ := excepting(t, twoRules, nil, `ssh-a 2026-06-30 user.name == "svc"`, `web-* 2026-06-30 source.ip == "192.0.2.9"`, `web-b 2026-06-30 user.name == "svc"`, `nothing 2026-06-30 user.name == "svc"`)
	for _, tt := range []struct{ name, doc, want string }{
		{"of nobody", `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"kim"}}`, "ssh-a/event web-b/x"},
		{"of the user", `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"svc"}}`, ""},
		{"each condition of the rule", `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"kim"},"source":{"ip":"192.0.2.9"}}`, "ssh-a/event"},
		{"on its last day", `{"weir":{"time":"2026-06-30T23:59:59Z"},"user":{"name":"svc"}}`, ""},
		{"when it is over", `{"weir":{"time":"2026-07-01T00:00:00Z"},"user":{"name":"svc"}}`, "ssh-a/event web-b/x"},
	} {
		var got []string
		for _, s := range en.Signals(decode(t, tt.doc), record.Pos{}) {
			got = append(got, s.Rule+"/"+s.When)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
	var hits []string
	for _, x := range en.Excepted() {
		hits = append(hits, fmt.Sprint(x.Rule, ":", x.Hits))
	}
	if got := strings.Join(hits, " "); got != "ssh-a:2 web-*:2 web-b:2 nothing:0" {
		t.Error(got)
	}
	if c := en.Counts(); c[0].Matched != 5 {
		t.Errorf("what is excepted matched all the same: %+v", c)
	}
}

// TestExceptionsChangeTheSet and no rule: their state goes on.
func TestExceptionsChangeTheSet(t *testing.T) {
	t.Parallel()
	_, none := excepting(t, twoRules, nil)
	_, one := excepting(t, twoRules, nil, `ssh-a 2026-06-30 user.name == "svc"`)
	_, longer := excepting(t, twoRules, nil, `ssh-a 2026-07-30 user.name == "svc"`)
	plain := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(twoRules)}}, "r", rules.Options{})
	if none.Hash != plain.Hash || one.Hash == none.Hash || longer.Hash == one.Hash || one.Rules[0].Hash != none.Rules[0].Hash {
		t.Error(plain.Hash, none.Hash, one.Hash, longer.Hash)
	}
}

// TestExceptionWithoutItsList: one that cannot run takes nothing out and is said.
func TestExceptionWithoutItsList(t *testing.T) {
	t.Parallel()
	list, err := match.ReadList(strings.NewReader("192.0.2.9\n"))
	if err != nil {
		t.Fatal(err)
	}
	en, set := excepting(t, twoRules, match.Lists{"vpn": list}, `ssh-a 2026-06-30 in_list(source.ip, "vpn")`)
	doc := `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"kim"},"source":{"ip":"192.0.2.9"}}`
	if got := en.Signals(decode(t, doc), record.Pos{}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	en, faults := New(set, nil, nil)
	if len(faults) != 1 || !strings.HasPrefix(faults[0].Where, "exceptions.yaml:1") || len(en.Signals(decode(t, doc), record.Pos{})) != 3 {
		t.Error(faults)
	}
}

// TestHolderKeepsExceptions: while their file has a mistake they hold as before.
func TestHolderKeepsExceptions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	load := func(doc string) func() (Loaded, error) {
		return func() (Loaded, error) {
			set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(twoRules)}}, "r", rules.Options{})
			return Loaded{Set: set.Except(exceptions.Parse("exceptions.yaml", []byte(doc), nil, now))}, nil
		}
	}
	entry := "- {rule: ssh-a, when: user.name == \"svc\", owner: kim, reason: r, until: 2026-06-30}\n"
	event := decode(t, `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"svc"}}`)
	var h Holder
	for _, tt := range []struct {
		name, doc string
		signals   int
		faults    bool
	}{
		{"with it", entry, 1, false}, {"with a mistake", strings.Replace(entry, "owner", "ownr", 1), 1, true}, {"with another that is right", "- {}\n" + strings.Replace(entry, "svc", "x", 1), 1, true},
		{"mended", entry, 1, false}, {"without it", "", 2, false},
	} {
		faults, err := h.Reload(load(tt.doc), nil)
		if err != nil || rules.HasErrors(faults) != tt.faults {
			t.Errorf("%s: %v %v", tt.name, faults, err)
		}
		if got := h.Signals(event, record.Pos{}); len(got) != tt.signals {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// An exception costs the rules that it is for, and of these only what they match.
func BenchmarkSignals_excepted(b *testing.B) {
	en, _ := excepting(b, twoRules, nil, `ssh-a 2026-06-30 user.name == "svc"`, `ssh-a 2026-06-30 user.name in ["a", "b", "c"]`)
	e := decode(b, `{"weir":{"time":"2026-03-01T00:00:00Z"},"user":{"name":"svc"},"source":{"ip":"192.0.2.9"},"message":"m"}`)
	b.ReportAllocs()
	for b.Loop() {
		en.Signals(e, record.Pos{})
	}
}
