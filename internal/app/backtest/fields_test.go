package backtest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/control/trial"
	"weir/internal/fault"
)

// TestProjection holds every shipped rule against documents of all kinds: read by columns and read whole, the alerts are
// the same to the last value.
func TestProjection(t *testing.T) {
	t.Parallel()
	p := place(t, nil)
	t.Run("events of rules", func(t *testing.T) { projection(t, p, append(eventsOf(t, p), sample.Docs(3, 300)...), 15) })
	t.Run("ugly", func(t *testing.T) { projection(t, p, append(sample.Docs(3, 100), sample.Ugly()...), 0) })
	t.Run("real", func(t *testing.T) { projection(t, p, oneDay(t, sample.Real(t, 400)), 1) })
}

// oneDay gives events one day of storing, so that they lie in few segments.
func oneDay(t *testing.T, docs [][]byte) [][]byte {
	t.Helper()
	for i, doc := range docs {
		var e event.Event
		if err := e.Decode(doc); err != nil {
			t.Fatal(err)
		}
		e.Set(event.WeirTime, event.At(start.Add(time.Duration(i)*time.Second)))
		docs[i] = e.AppendJSON(nil)
	}
	return docs
}

// eventsOf are the events of the tests of rules.
func eventsOf(t *testing.T, p Place) [][]byte {
	t.Helper()
	var docs [][]byte
	for _, r := range p.Set.Rules {
		for _, test := range r.Tests {
			for _, ev := range test.Events {
				form := Form{}
				line := ev.Doc
				if line == nil {
					form.Raw, line = cmp.Or(ev.Dataset, "auto"), []byte(ev.Raw)
				}
				lines, err := tools.NewLines(p.Config, p.Pipes, form)
				if err != nil {
					t.Fatal(err)
				}
				err = lines.Read(t.Context(), bytes.NewReader(line), func(_ int, e *event.Event) error {
					e.SetStr(event.EventID, fmt.Sprintf("q7f3kx2m/3/%d", len(docs)))
					docs = append(docs, e.AppendJSON(nil))
					return nil
				}, func(e *fault.Error) { t.Error(e, e.Why) })
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return docs
}

func projection(t *testing.T, p Place, docs [][]byte, least int) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 1))
	rnd.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	a := stored(t, t.TempDir(), docs)
	some := 0
	for _, r := range p.Set.Rules {
		req := trial.Request{Rules: []trial.Source{{ID: r.ID}}, Values: true}
		got, want := try(t, p, a, req), try(t, p, a, req, whole)
		if brief(got.alerts) != brief(want.alerts) || got.sum.Events != want.sum.Events || got.sum.Rules[0].Matches != want.sum.Rules[0].Matches {
			t.Errorf("%s: by columns\n%s\nwhole\n%s", r.ID, brief(got.alerts), brief(want.alerts))
		}
		some += min(1, len(want.alerts))
	}
	if some < least {
		t.Errorf("only %d rules find anything: the test says little", some)
	}
}

// TestProjection_Forms: conditions whose fields are no columns of their own.
func TestProjection_Forms(t *testing.T) {
	t.Parallel()
	p := place(t, map[string]string{"lists/vips.txt": "root\n"})
	docs := append(sample.Docs(3, 800), sample.Ugly()...)
	a := stored(t, t.TempDir(), docs)
	tests := []struct{ name, when, columns string }{
		{"a key below an open field", `labels.env == "prod"`, "labels.env"},
		{"an open field itself", `labels != nil`, "labels"},
		{"a field that no list knows", `custom.unknown.path != "x"`, "custom.unknown.path"},
		{"a key of a flattened field", `icontains(weir.data.note, "slow request 7")`, "weir.data.note"},
		{"any value", `icontains($env, "slow request 7")`, ""},
		{"no value", `absent(user.name) and absent(labels)`, "user.name"},
		{"several values", `related.ip contains "192.0.2." and event.category == "web"`, "related.ip"},
		{"two fields", `host.name == host.hostname and event.outcome == "failure"`, "host.hostname"},
		{"what is kept in two parts", `event.original contains "sshd" and message contains "root"`, "event.original"},
		{"a number as text", `icontains(source.port, "44")`, "source.port"},
		{"a number", `source.port > 60000`, "source.port"},
		{"a time", `weir.time >= "2026-11-21T07:00:05Z"`, "weir.time"},
		{"arithmetic", `source.port + 1 > 60000`, "source.port"},
		{"a network", `cidr(source.ip, "203.0.1.0/24")`, "source.ip"},
		{"a list of objects", `dns.answers != nil`, "dns.answers"},
		{"not", `not (user.name == "root") and event.outcome == "failure"`, "user.name"},
		{"a constant", `event.kind == "event" or true`, "event.kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := file("id: r\ntitle: R\nlevel: low\nwhen: '" + tt.when + "'\nfold: {by: [host.name, labels.env], for: 1s}\nexplain: \"{{weir.data.took}} {{user.name}}\"\n")
			got, want := try(t, p, a, req), try(t, p, a, req, whole)
			if brief(got.alerts) != brief(want.alerts) || len(want.alerts) == 0 {
				t.Errorf("%d alerts by columns, %d whole", len(got.alerts), len(want.alerts))
			}
			if tt.columns == "" && got.sum.Columns != nil || tt.columns != "" && !slices.Contains(got.sum.Columns, tt.columns) {
				t.Errorf("columns %v", got.sum.Columns)
			}
		})
	}
}

// TestSieveOf: what columns can answer is asked of them, what needs the whole event is left open, and a set of many rules
// asks nothing.
func TestSieveOf(t *testing.T) {
	t.Parallel()
	p := place(t, nil)
	of := func(when string) *search.Sieve {
		t.Helper()
		b, err := New(p, file("id: r\ntitle: R\nlevel: low\nwhen: '"+when+"'\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return b.sieve.Any[0]
	}
	if s := of(`user.name == "root"`); s.Test == nil || !slices.Equal(s.Fields, []string{"user.name"}) || !slices.Equal(s.Equal, []string{"root"}) {
		t.Errorf("an equality: %+v", s)
	}
	if s := of(`ieq(user.name, "root")`); s.Test == nil || s.Equal != nil {
		t.Errorf("a folded equality is in no filter: %+v", s)
	}
	if s := of(`icontains($env, "root")`); s.Test != nil || s.All != nil || s.Any != nil || s.Not != nil {
		t.Errorf("any value: %+v", s)
	}
	if s := of(`not (user.name == "root")`); s.Not == nil {
		t.Errorf("not: %+v", s)
	}
	b, err := New(p, trial.Request{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(conditions(p, b.versions)); n <= maxSieve || b.sieve != nil {
		t.Errorf("%d conditions have a sieve", n)
	}
}
