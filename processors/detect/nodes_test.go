package detect

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/record"
)

const chainFile = `id: chain
title: C
level: low
when:
  failed: event.code == "failed"
  login: event.code == "login"
  odd: event.code == "odd"
correlate:
  any_order: [{when: burst}, {when: login}]
  by: [{who: {burst: user.name, login: user.target.name}}, {where: {burst: host.name, login: [host.ip, host.name]}}]
  within: 1h
  of:
    burst: {distinct: {when: failed, of: [source.port, {proto: {failed: [network.transport, network.protocol]}}], at_least: 3}, by: [user.name], within: 5m}
explain: "{{who}} {{where}}"
`

// TestSignals_nodes: a signal has the group of the node that its condition is a step of, and what the nodes read.
func TestSignals_nodes(t *testing.T) {
	t.Parallel()
	en := engineOf(t, chainFile)
	for _, tt := range []struct{ name, doc, want string }{
		{"the inner one", `{"event":{"code":"failed"},"user":{"name":"kim"},"host":{"name":"web-1"},"source":{"port":40122},"network":{"protocol":"ssh"},"message":"m"}`,
			"failed [kim] map[event.code:failed host.name:web-1 message:m network.protocol:ssh proto:ssh source.port:40122 user.name:kim]"},
		{"the first field that is there", `{"event":{"code":"failed"},"user":{"name":"kim"},"network":{"transport":"tcp","protocol":"ssh"}}`,
			"failed [kim] map[event.code:failed network.protocol:ssh network.transport:tcp proto:tcp user.name:kim]"},
		{"the outer one by its aliases", `{"event":{"code":"login"},"user":{"name":"root","target":{"name":"kim"}},"host":{"ip":["192.0.2.1","192.0.2.2"],"name":"web-1"}}`,
			"login [kim 192.0.2.1] map[event.code:login host.ip:[\"192.0.2.1\",\"192.0.2.2\"] host.name:web-1 user.target.name:kim where:[\"192.0.2.1\",\"192.0.2.2\"] who:kim]"},
		{"the second field of an alias", `{"event":{"code":"login"},"user":{"target":{"name":"kim"}},"host":{"name":"web-1","ip":[]}}`,
			"login [kim web-1] map[event.code:login host.name:web-1 user.target.name:kim where:web-1 who:kim]"},
		{"an empty one is no value", `{"event":{"code":"login"},"user":{"target":{"name":"kim"}},"host":{"name":"web-1","ip":""}}`,
			"login [kim web-1] map[event.code:login host.ip: host.name:web-1 user.target.name:kim where:web-1 who:kim]"},
		{"a group field is missing", `{"event":{"code":"login"},"user":{"target":{"name":"kim"}}}`, ""},
		{"no step names it", `{"event":{"code":"odd"},"user":{"name":"kim","target":{"name":"kim"}},"host":{"name":"h"}}`, ""},
	} {
		var got []string
		for _, s := range en.Signals(decode(t, tt.doc), record.Pos{}) {
			got = append(got, fmt.Sprintf("%s %v %v", s.When, s.Group, s.Values))
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: got  %s\nwant %s", tt.name, strings.Join(got, "; "), tt.want)
		}
	}
	if c := en.Counts()[0]; c.Matched != 7 || c.Lacking != 1 {
		t.Errorf("%+v", c)
	}
}

// TestSignals_sources: a condition of a Sigma correlation is tried on the events of its own rule's log source.
func TestSignals_sources(t *testing.T) {
	t.Parallel()
	const base = "level: low\nlogsource: {product: %s, service: %s}\ndetection: {s: {User: kim}, condition: s}\n---\n"
	en := engineOf(t, fmt.Sprintf("title: A\nid: a\nname: a\n"+base+"title: B\nid: b\nname: b\n"+base, "linux", "sshd", "aws", "cloudtrail")+
		"title: C\nid: c\nlevel: high\ncorrelation: {type: temporal, rules: [a, b], group-by: [User], timespan: 1h}\n")
	if en.Len() != 1 {
		t.Fatal("parts run by themselves")
	}
	for doc, want := range map[string]string{
		`{"event":{"dataset":"system.auth"},"process":{"name":"sshd"},"user":{"name":"kim"},"User":"kim"}`: "c/a [kim]",
		`{"event":{"dataset":"aws.cloudtrail"},"user":{"name":"kim"},"User":"kim"}`:                        "c/b [kim]",
		`{"user":{"name":"kim"},"User":"kim"}`:                                                             "c/a [kim] c/b [kim]",
	} {
		var got []string
		for _, s := range en.Signals(decode(t, doc), record.Pos{}) {
			got = append(got, fmt.Sprintf("%s/%s %v", s.Rule, s.When, s.Group))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", doc, got, want)
		}
	}
}

// TestKeyed: keys are bounded, and two that differ at their ends alone stay two.
func TestKeyed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("가", 400)
	for _, tt := range []struct {
		name, in string
		same     bool
	}{
		{"short", "kim", true}, {"as long as may be", strings.Repeat("x", maxKey), true}, {"one byte more", strings.Repeat("x", maxKey+1), false},
		{"letters of several bytes", long, false}, {"a megabyte", strings.Repeat("y", 1<<20), false},
	} {
		got := keyed(tt.in)
		if (got == tt.in) != tt.same || len(got) > maxKey || keyed(tt.in) != got || strings.ContainsRune(got, '�') {
			t.Errorf("%s: %d bytes, %.20q", tt.name, len(got), got[max(0, len(got)-30):])
		}
		if other := keyed(tt.in + "x"); other == got {
			t.Errorf("%s: two keys became one", tt.name)
		}
	}
	e := decode(t, `{"event":{"code":"`+strings.Repeat("z", 1<<20)+`"}}`)
	if s := engineOf(t, "id: r\ntitle: R\nlevel: low\nwhen: exists(event.code)\nfold: {by: [event.code]}\n").Signals(e, record.Pos{}); len(s) != 1 || len(s[0].Group[0]) > maxKey {
		t.Error("the key of a rule without correlation is not bounded")
	}
}
