package naive_test

import (
	"math/rand/v2"
	"testing"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/fold"
	"weir/internal/match/naive"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

const doc = `{
  "@timestamp": "2026-11-21T07:50:08Z", "weir": {"time": "2026-11-21T07:50:03Z", "data": {"x": "inner"}, "class": "hidden"},
  "event": {"code": "4625", "severity": 5, "risk_score": 1.5, "original": "raw line", "kind": "event"}, "related": {"user": ["copied"], "ip": ["10.1.2.3", "2001:db8::1"]},
  "user": {"name": "Root", "id": "K\u017f"}, "tags": ["a", null, 7, ["deep"]], "labels": {"k": "v"}, "tls": {"established": true}, "file": {"path": "C:\\Temp\\x.exe", "created": "2026-11-21T07:49:03.5Z"},
  "okta": {"target": [{"display_name": "Kim"}, {"display_name": ["Lee"]}]}, "organization": {"name": null}, "threat": {"tactic": {"id": [null]}}
}`

func TestMeaning(t *testing.T) {
	t.Parallel()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	list := func(name, value string) bool { return name == "vpn" && value == "10.1.2.3" }
	yes, no := true, false
	for _, tc := range []struct {
		t    tree.Test
		want bool
	}{
		{tree.Test{Kind: kind.Constant, Values: []string{"x"}}, yes},
		{tree.Test{Kind: kind.Constant}, no},
		{tree.Test{Kind: kind.Code, Values: []string{"true"}}, no},
		{tree.Test{Kind: kind.Equal, Field: "user.name", Values: []string{"root"}}, no},
		{tree.Test{Kind: kind.Equal, Field: "user.name", Values: []string{"x", "root"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "user.id", Values: []string{"ks"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "event.severity", Values: []string{"5"}}, no},
		{tree.Test{Kind: kind.Equal, Field: "event.severity", Values: []string{"5"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "tls.established", Values: []string{"TRUE"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "@timestamp", Values: []string{"2026-11-21T16:50:08+09:00"}}, yes},
		{tree.Test{Kind: kind.Equal, Field: "@timestamp", Values: []string{"2026-11-21T16:50:08+09:00"}, Fold: true}, no},
		{tree.Test{Kind: kind.Equal, Field: "tags", Values: []string{"deep"}}, no},
		{tree.Test{Kind: kind.Equal, Field: "tags", Values: []string{"deep"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "labels", Values: []string{"v"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "labels", Values: []string{"v"}}, no},
		{tree.Test{Kind: kind.Equal, Field: "user", Values: []string{"ROOT"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "use", Values: []string{"ROOT"}, Fold: true}, no},
		{tree.Test{Kind: kind.Equal, Field: "okta.target.display_name", Values: []string{"KIM"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "okta.target.display", Values: []string{"KIM"}, Fold: true}, no},
		{tree.Test{Kind: kind.Equal, Field: "okta.target.display_name", Values: []string{"Kim"}}, no},
		{tree.Test{Kind: kind.Exists, Field: "okta.target.display_name"}, no},
		{tree.Test{Kind: kind.Exists, Field: "user"}, no},
		{tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"v"}}, yes},
		{tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"5"}}, yes},
		{tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"inner"}}, yes},
		{tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"hidden", "copied", "raw line", "event"}}, no},
		{tree.Test{Kind: kind.Contains, Field: "file.path", Values: []string{`\Temp`}}, yes},
		{tree.Test{Kind: kind.Contains, Field: "file.path", Values: []string{`\temp`}}, no},
		{tree.Test{Kind: kind.Contains, Field: "file.path", Values: []string{`\TEMP`}, Fold: true}, yes},
		{tree.Test{Kind: kind.Contains, Field: "file.path", Values: []string{``}, Fold: true}, yes},
		{tree.Test{Kind: kind.Contains, Field: "user.domain", Values: []string{``}, Fold: true}, no},
		{tree.Test{Kind: kind.StartsWith, Field: "file.path", Values: []string{`c:\`}, Fold: true}, yes},
		{tree.Test{Kind: kind.EndsWith, Field: "file.path", Values: []string{`X.EXE`}, Fold: true}, yes},
		{tree.Test{Kind: kind.EndsWith, Field: "file.path", Values: []string{`xx.exe`}, Fold: true}, no},
		{tree.Test{Kind: kind.EndsWith, Field: "user.id", Values: []string{"S"}, Fold: true}, yes},
		{tree.Test{Kind: kind.Glob, Field: "file.path", Values: []string{`C:\\*\\?.exe`}}, yes},
		{tree.Test{Kind: kind.Glob, Field: "file.path", Values: []string{`c:\\*`}}, no},
		{tree.Test{Kind: kind.Glob, Field: "file.path", Values: []string{`c:\\*`}, Fold: true}, yes},
		{tree.Test{Kind: kind.Regex, Field: "event.code", Values: []string{"^46"}}, yes},
		{tree.Test{Kind: kind.Regex, Field: "event.severity", Values: []string{"5"}}, yes},
		{tree.Test{Kind: kind.Regex, Field: "event.severity", Values: []string{"5"}, Operator: true}, no},
		{tree.Test{Kind: kind.CIDR, Field: "related.ip", Values: []string{"10.0.0.0/8"}}, yes},
		{tree.Test{Kind: kind.CIDR, Field: "related.ip", Values: []string{"10.1.2.4", "192.0.2.0/24"}}, no},
		{tree.Test{Kind: kind.CIDR, Field: "related.ip", Values: []string{"::ffff:10.0.0.0/104"}}, yes},
		{tree.Test{Kind: kind.InList, Field: "related.ip", Values: []string{"vpn"}}, yes},
		{tree.Test{Kind: kind.InList, Field: "related.ip", Values: []string{"other"}}, no},
		{tree.Test{Kind: kind.Exists, Field: "user.name"}, yes},
		{tree.Test{Kind: kind.Exists, Field: "organization.name"}, no},
		{tree.Test{Kind: kind.Absent, Field: "threat.tactic.id"}, yes},
		{tree.Test{Kind: kind.Less, Field: "event.severity", Values: []string{"5.5"}}, yes},
		{tree.Test{Kind: kind.Less, Field: "event.code", Values: []string{"9999"}}, no},
		{tree.Test{Kind: kind.Less, Field: "event.code", Values: []string{"9999"}, Form: form.Number}, yes},
		{tree.Test{Kind: kind.GreaterEqual, Field: "event.code", Values: []string{"4625"}, Form: form.Number}, yes},
		{tree.Test{Kind: kind.Greater, Field: "event.risk_score", Values: []string{"1.5"}}, no},
		{tree.Test{Kind: kind.LessEqual, Field: "user.name", Values: []string{"1"}, Form: form.Number}, no},
		{tree.Test{Kind: kind.Equal, Field: "@timestamp", Values: []string{"7"}, Form: form.Hour}, yes},
		{tree.Test{Kind: kind.Equal, Field: "@timestamp", Values: []string{"47"}, Form: form.Week}, yes},
		{tree.Test{Kind: kind.Equal, Field: "@timestamp", Values: []string{"1", "11"}, Form: form.Month}, yes},
		{tree.Test{Kind: kind.Equal, Field: "file.created", Values: []string{"49"}, Form: form.Minute}, yes},
		{tree.Test{Kind: kind.Equal, Field: "file.created", Values: []string{"59.5"}, Form: form.Age}, yes},
		{tree.Test{Kind: kind.Contains, Field: "file.path", Other: "tags", Fold: true}, no},
		{tree.Test{Kind: kind.Equal, Field: "event.severity", Other: "event.severity", Fold: true}, yes},
		{tree.Test{Kind: kind.Equal, Field: "user.domain", Other: "user.domain", Fold: true}, no},
	} {
		n := tree.LeafOf(tc.t)
		if got := naive.Holds(n, &e, list); got != tc.want {
			t.Errorf("%s: %v", n, got)
		}
		if naive.Holds(tree.NotOf(n), &e, list) == tc.want {
			t.Errorf("not %s: %v", n, tc.want)
		}
	}
	and, or := &tree.Node{Op: tree.And}, &tree.Node{Op: tree.Or}
	if !naive.Holds(and, &e) || naive.Holds(or, &e) || naive.Holds(tree.LeafOf(tree.Test{Kind: kind.InList, Field: "user.name", Values: []string{"x"}}), &e) {
		t.Error("of nothing")
	}
	code := naive.Env{Code: func(src string, _ *event.Event) bool { return src == "x" }}
	if !code.Holds(tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{"x"}}), &e) {
		t.Error("source is not run")
	}
}

// TestHidden: what is written down here of the fields that $env leaves out is what the fast way leaves out.
func TestHidden(t *testing.T) {
	t.Parallel()
	n := tree.LeafOf(tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"needle"}})
	made := []string{"agent.hidden.deep", "input.hidden", "log.file.hidden", "log.syslog.severity.hidden", "log.levels", "weir.hidden", "weir.data.hidden", "weirs.hidden", "event.kinds", "observer.type.deep", "elastic_agent.id", "data_stream.type"}
	if _, err := event.Register(ecs.Keyword, made...); err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, f := range event.Fields() {
		var e event.Event
		e.SetStr(f, "needle")
		if naive.Holds(n, &e) == fold.Hidden(f) {
			t.Errorf("%s: hidden from one and not from the other", f)
		}
		if fold.Hidden(f) {
			left++
		}
	}
	if left < 40 {
		t.Errorf("only %d are hidden", left)
	}
}

// TestRandomIsRepeated: the same source makes the same trees and events, whole ones of every kind.
func TestRandomIsRepeated(t *testing.T) {
	t.Parallel()
	a, b := naive.Random{R: rand.New(rand.NewPCG(1, 2))}, naive.Random{R: rand.New(rand.NewPCG(1, 2))}
	kinds := map[kind.Kind]bool{}
	for range 2000 {
		x, y := a.Tree(3), b.Tree(3)
		if !x.Equal(y) {
			t.Fatalf("%s and then %s", x, y)
		}
		x.Walk(func(n *tree.Node) bool {
			if n.Op == tree.Leaf {
				kinds[n.Test.Kind] = true
			}
			return true
		})
		if p, q := a.Event().AppendJSON(nil), b.Event().AppendJSON(nil); string(p) != string(q) {
			t.Fatalf("%s and then %s", p, q)
		}
	}
	if len(kinds) != int(kind.Code) {
		t.Errorf("%d kinds of tests", len(kinds))
	}
}
