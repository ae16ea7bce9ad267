package coverage

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/rules"
)

const described = `id: failed
title: Failed
level: high
tags: [attack.t1110.001, attack.credential_access]
when:
  failed: process.name == "sshd" and (event.outcome == "failure" or event.action == "denied")
  login: event.outcome == "success" and source.ip != nil
  unused: user.name == "x"
correlate: {sequence: [{when: failed}, {when: login}], by: [source.ip], within: 1m}
---
id: off
title: Off
level: low
enabled: false
when: user.name == "y"
---
id: lost
title: Lost
level: low
when: user.name == "z"
`

func load(t testing.TB, text string) *rules.Set {
	t.Helper()
	set := rules.LoadFS(fstest.MapFS{"f.yaml": {Data: []byte(text)}}, "r", rules.Options{})
	if rules.HasErrors(set.Faults) {
		t.Fatal(set.Faults)
	}
	return set
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	set := load(t, described)
	got := Describe(set, nil, []string{"lost"}, []string{"r/x.yaml:3"}, at(1))
	if len(got.Rules) != 1 || got.Hash != set.Hash || !got.At.Equal(at(1)) || fmt.Sprint(got.Lost, got.Refused) != "[lost] [r/x.yaml:3]" {
		t.Fatalf("%+v", got)
	}
	r := got.Rules[0]
	if r.ID != "failed" || r.Level != "high" || r.Hash != set.Rule("failed").Hash || fmt.Sprint(r.Tags) != "[attack.t1110.001 attack.credential_access]" {
		t.Errorf("%+v", r)
	}
	if want := "[event.action event.outcome process.name source.ip user.name]"; fmt.Sprint(r.Fields) != want {
		t.Errorf("fields %v, want %s", r.Fields, want)
	}
	// What the unused condition reads is not needed.
	if want := "[[process.name] [event.action event.outcome] [event.outcome] [source.ip]]"; fmt.Sprint(r.Needs) != want {
		t.Errorf("needs %v, want %s", r.Needs, want)
	}
}

// TestRuleSet_RoundTrip writes sets of several sizes and reads them from documents in any order, some twice.
func TestRuleSet_RoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, partRules, partRules + 1, 3*partRules - 1} {
		want := RuleSet{Hash: fmt.Sprint("h", n), At: at(n), Lost: []string{"a", "b"}, Refused: []string{"f.yaml:1:1"}}
		for i := range n {
			r := Rule{ID: fmt.Sprintf("r%05d", i), Hash: "h", Title: "T \"x\"", Level: "low"}
			if i%2 == 0 {
				r.Tags, r.Source, r.Fields = []string{"attack.t1059"}, rules.LogSource{Product: "windows", Category: "process_creation"}, []string{"a", "b.c"}
				r.Needs = [][]string{{"a"}, {"a", "b.c"}}
			}
			want.Rules = append(want.Rules, r)
		}
		var docs []*event.Event
		if err := want.Events(func(e *event.Event) error {
			docs = append(docs, written(t, func(to *event.Event) { e.CopyTo(to) }))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(docs) != max(1, (n+partRules-1)/partRules) {
			t.Errorf("%d rules are %d documents", n, len(docs))
		}
		var sets Sets
		for i, doc := range slices.Backward(docs) {
			if i == 0 && len(docs) > 1 && len(sets.All()) != 0 {
				t.Error("a set without its first part is whole")
			}
			for range 2 { // a document that comes again changes nothing
				if !sets.Read(doc) {
					t.Error("a document was not taken")
				}
			}
		}
		if got := sets.All()[want.Hash]; !reflect.DeepEqual(got, want) {
			t.Errorf("%d rules: %d came back, lost %v, at %s", n, len(got.Rules), got.Lost, got.At)
		}
	}
	var sets Sets
	if sets.Read(written(t, (&Stretch{Topic: "t", To: 1, Set: "s"}).Event)) || len(sets.All()) != 0 {
		t.Error("a stretch was taken for a description")
	}
}

// TestRuleSet_FitsARecord: a part with rules as large as they come fits what Kafka takes.
func TestRuleSet_FitsARecord(t *testing.T) {
	t.Parallel()
	set := RuleSet{Hash: "h"}
	for i := range partRules {
		r := Rule{ID: fmt.Sprintf("0123456789-0123456789-0123456789-%05d", i), Title: "A title of a rule that is about as long as they come in practice, or longer", Tags: []string{"attack.t1059.001", "attack.execution", "attack.defense_evasion"}}
		for k := range 20 {
			r.Fields = append(r.Fields, fmt.Sprintf("winlog.event_data.SomeField%d", k))
		}
		r.Needs = [][]string{r.Fields}
		set.Rules = append(set.Rules, r)
	}
	if err := set.Events(func(e *event.Event) error {
		if n := len(e.AppendJSON(nil)); n > 3<<20 {
			t.Errorf("%d bytes", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
