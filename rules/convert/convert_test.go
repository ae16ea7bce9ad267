package convert

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/testkit"
	"weir/rules"
)

const head = "title: 'Old: one'\nid: fab0ddf0-b8a9-4d70-91ce-a20547209afb\nstatus: unsupported # once\ndescription: What it finds\nauthor: Somebody\ntags:\n    - attack.t1046\n"

// oldRule is a rule of the old form.
func oldRule(detection string) string {
	return head + "logsource:\n    category: firewall\ndetection:\n    # searches\n    selection:\n        action: denied\n    other: {a: b}\n    third: {c: d}\n" + detection + "fields: [src_ip]\nlevel: medium\n"
}

func TestFile(t *testing.T) {
	t.Parallel()
	got := File("rules/Net scan.yml", []byte(oldRule("    timeframe: 24h\n    condition: selection and not other | count(dst_port) by src_ip, dst_ip >= 10 # many\n")), Options{})
	want := `title: 'Old: one (one event)'
id: ` + idOf("fab0ddf0-b8a9-4d70-91ce-a20547209afb", "net_scan_event") + `
name: net_scan_event
status: experimental
author: Somebody
logsource:
    category: firewall
detection:
    selection:
        action: denied
    other: {a: b}
    condition: selection and not other
level: informational
---
title: 'Old: one'
id: fab0ddf0-b8a9-4d70-91ce-a20547209afb
status: experimental
description: What it finds
author: Somebody
tags:
    - attack.t1046
correlation:
    type: value_count
    rules:
        - net_scan_event
    group-by:
        - src_ip
        - dst_ip
    timespan: 24h
    condition:
        gte: 10
        field: dst_port
fields: [src_ip]
level: medium
`
	if string(got.Text) != want || got.Converted != 1 || len(got.Faults) != 0 {
		t.Errorf("%v\n%s", got.Faults, got.Text)
	}
}

// TestForms converts each form, and loads what comes out.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, condition, want string }{
		{"a count", "selection | count() > 5", "type: event_count|gt: 5"},
		{"without blanks", "selection|count()by src_ip>5", "type: event_count|- src_ip|gt: 5"},
		{"in large letters", "selection | COUNT() BY src_ip > 5", "type: event_count|- src_ip"},
		{"fewer", "selection | count() by a < 5", "lt: 5"},
		{"exactly", "selection | count() by a = 5", "eq: 5"},
		{"another", "selection | count() by a != 5", "neq: 5"},
		{"a sum", "selection | sum(bytes) by src_ip > 300000", "type: value_sum|field: bytes|gt: 300000"},
		{"a mean", "selection | avg(bytes) by src_ip <= 0.5", "type: value_avg|field: bytes|lte: 0.5"},
		{"the least", "selection | min(bytes) by src_ip < 3", "type: value_percentile|percentile: 0|lt: 3"},
		{"the most", "selection | max(bytes) by src_ip > 3", "type: value_percentile|percentile: 100|gt: 3"},
		{"a field with odd letters", "selection | count(cs-bytes) by 'c ip' > 3", ""},
		{"patterns", "1 of sel* and not 1 of ot* | count() by a and b > 3", "- a|- b|condition: 1 of sel* and not 1 of ot*|third"},
		{"in quotes", "'selection | count() > 5'", "type: event_count"},
		{"a block", "|\n        selection\n        | count() > 5", "type: event_count|condition: selection"},
		{"near", "selection | near other", "type: temporal|- f_event_first|- f_event_other|timespan: 1m"},
		{"near several", "selection | near other and third", "- f_event_other|- f_event_third"},
		{"near and not", "selection | near other and not third", "condition: f_event_first and f_event_other and not f_event_third"},
		{"near one of two", "selection | near (other or third)", "condition: f_event_first and (f_event_other or f_event_third)"},
		{"near one of two, without brackets", "selection and not third | near other or third", "condition: f_event_first and (f_event_other or f_event_third)|condition: selection and not third"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := File("f.yml", []byte(oldRule("    timeframe: 1m\n    condition: "+tc.condition+"\n")), Options{})
			if tc.want == "" {
				if r.Converted != 0 || len(r.Faults) != 1 || r.Text != nil {
					t.Errorf("%v\n%s", r.Faults, r.Text)
				}
				return
			}
			for part := range strings.SplitSeq(tc.want, "|") {
				if !strings.Contains(string(r.Text), part) {
					t.Errorf("without %s:\n%s", part, r.Text)
				}
			}
			list, faults := rules.Parse("f.yml", r.Text, rules.Options{})
			if rules.HasErrors(faults) || len(list) < 2 || list[len(list)-1].Correlate == nil || list[len(list)-1].ID != "fab0ddf0-b8a9-4d70-91ce-a20547209afb" {
				t.Errorf("%v\n%s", faults, r.Text)
			}
			for _, l := range list[:len(list)-1] {
				if l.Enabled || len(l.ID) != 36 {
					t.Errorf("%s runs by itself", l.ID)
				}
			}
			if near := strings.Contains(tc.condition, "near"); near != (len(r.Faults) == 1) {
				t.Error(r.Faults)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, doc, want string }{
		{"no timeframe", oldRule("    condition: selection | count() > 5\n"), "f.yml:16:16 the rule has no timeframe"},
		{"an unknown function", oldRule("    timeframe: 1m\n    condition: selection | many() > 5\n"), "f.yml:17:16 `many() > 5` is not understood"},
		{"more behind it", oldRule("    timeframe: 1m\n    condition: selection | count() > 5 and other\n"), "f.yml:17:16 `count() > 5 and other` is not understood"},
		{"no field", oldRule("    timeframe: 1m\n    condition: selection | sum() > 5\n"), "f.yml:17:16 `sum()` is of no field"},
		{"nothing before it", oldRule("    timeframe: 1m\n    condition: count(a) per b > 200 and not other\n"), "f.yml:17:16 the condition counts without saying what"},
		{"near what is not there", oldRule("    timeframe: 1m\n    condition: selection | near nothing\n"), "f.yml:17:16 there is no search `nothing`"},
		{"near a pattern", oldRule("    timeframe: 1m\n    condition: selection | near 1 of ot*\n"), "f.yml:17:16 `near 1 of ot*` is not understood"},
		{"near nothing", oldRule("    timeframe: 1m\n    condition: selection | near\n"), "f.yml:17:16 `near` names nothing"},
		{"a collection", "action: global\n" + oldRule("    timeframe: 1m\n    condition: selection | count() > 5\n"), "f.yml:18:16 the rule is part of a collection"},
	} {
		r := File("f.yml", []byte(tc.doc), Options{})
		if len(r.Faults) == 0 || r.Faults[0].Where+" "+r.Faults[0].What != tc.want || r.Faults[0].Do == "" || r.Text != nil {
			t.Errorf("%s: %v\n%s", tc.name, r.Faults, r.Text)
		}
	}
	for _, same := range []string{oldRule("    condition: selection\n"), "id: n\ntitle: N\nlevel: low\nwhen: exists(user.name)\n", "a: [\n", ""} {
		if r := File("f.yml", []byte(same), Options{Timespan: "1h"}); r.Converted != 0 || r.Text != nil {
			t.Errorf("%q became %s", same, r.Text)
		}
	}
	if r := File("f.yml", []byte(oldRule("    condition: selection | count() > 5\n")), Options{Timespan: "2h"}); r.Converted != 1 || !strings.Contains(string(r.Text), "timespan: 2h") || len(r.Faults) != 1 || !r.Faults[0].Warn {
		t.Error(r.Faults)
	}
}

// TestSeveralDocuments: those of other forms stay as they are.
func TestSeveralDocuments(t *testing.T) {
	t.Parallel()
	one := oldRule("    timeframe: 1m\n    condition: selection | count() > 5\n")
	plain := "title: Plain\nid: p\nlevel: low\ndetection: {s: {a: b}, condition: s} # as it is\n"
	r := File("f.yml", []byte(one+"---\n"+plain+"---\n"+strings.Replace(one, "id: fab", "id: aab", 1)), Options{})
	list, faults := rules.Parse("f.yml", r.Text, rules.Options{})
	if r.Converted != 2 || !strings.Contains(string(r.Text), plain) || len(list) != 5 || rules.HasErrors(faults) || !strings.Contains(string(r.Text), "name: f_2_event\n") {
		t.Errorf("%d rules, %v\n%s", len(list), faults, r.Text)
	}
	if again := File("f.yml", r.Text, Options{}); again.Converted != 0 || len(again.Faults) != 0 {
		t.Errorf("what was converted is converted again: %v", again.Faults)
	}
}

// TestSigmaHQ converts SigmaHQ's own rules of the old form: what comes out loads.
func TestSigmaHQ(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(testkit.Shared(t), "data", "sigma", "sigma-rules.tar.gz"))
	if err != nil {
		testkit.Skip(t, "shared", err.Error())
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	converted, refused, without := 0, 0, 0
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, ".yml") {
			continue
		}
		doc, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		r := File(h.Name, doc, Options{Timespan: "1h"})
		if r.Converted == 0 {
			if len(r.Faults) > 0 && r.Faults[0].Code == "sigma-aggregation" {
				refused++
			}
			continue
		}
		converted++
		if plain := File(h.Name, doc, Options{}); plain.Converted == 0 {
			without++
		}
		list, faults := rules.Parse(h.Name, r.Text, rules.Options{})
		if rules.HasErrors(faults) || len(list) < 2 {
			t.Errorf("%s: %v\n%s", h.Name, faults, r.Text)
		}
	}
	if converted != 54 || refused != 2 || without != 11 {
		t.Errorf("%d converted, %d of them without a timeframe, %d refused", converted, without, refused)
	}
}

// FuzzFile: whatever the bytes are, what comes out is YAML, and nothing of the old form is left in it.
func FuzzFile(f *testing.F) {
	f.Add([]byte(oldRule("    timeframe: 24h\n    condition: selection | count(dst_port) by src_ip > 10\n")), "")
	f.Add([]byte(oldRule("    condition: selection | near other and not third\n")), "1h")
	f.Add([]byte("detection: {s: {a: b}, condition: s | count() > 5, timeframe: 1m}\n"), "")
	f.Add([]byte("title: x\ndetection:\n  condition: |\n    a\n    | sum(b) by c >= 1.5\n  a: [x]\n---\nb: c\n"), "5m")
	f.Fuzz(func(t *testing.T, doc []byte, span string) {
		r := File("f.yml", doc, Options{Timespan: strings.TrimSpace(span)})
		if (r.Converted == 0) != (r.Text == nil) {
			t.Fatalf("%d converted: %q", r.Converted, r.Text)
		}
		for _, e := range r.Faults {
			if e.What == "" || e.Where == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}
