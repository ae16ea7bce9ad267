package formatdoc

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"weir/processors/parse/format"
	"weir/processors/parse/formats"
)

// described has one line for each step, as a test reads it.
func described(text string) string {
	var out []string
	for _, s := range Describe("x", []byte(text)) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s%s if[%s] %s -> %s (%s)", s.Line, strings.Repeat(".", s.Depth), s.Kind, s.If, strings.Join(s.Reads, ","), strings.Join(s.Fills, ","), s.What)))
	}
	return strings.Join(out, "\n")
}

func TestDescribe(t *testing.T) {
	for _, tt := range []struct{ name, step, want string }{
		{"dissect", `dissect: '%{_d->} %{source.ip}:%{+source.port} %{?skip} %{}'`, "2 dissect if[] message -> _d,source.ip,source.port ()"},
		{"grok", `grok: {from: _a, patterns: ['^%{IP:source.ip:ip} (?<user.name>\w+) %{WORD}$']}`, "2 grok if[] _a -> source.ip,user.name ()"},
		{"kv", `kv: {pairs: ' ', fields: {src: source.ip, x: [a, b], y: ~}, rest: _kv}`, "2 kv if[] message -> source.ip,a,b,_kv ()"},
		{"csv", `csv: {columns: [event.code, _, ~, source.ip]}`, "2 csv if[] message -> event.code,source.ip ()"},
		{"json", `json: {}`, "2 json if[] message -> _json ()"},
		{"xml", `xml: {from: _a, to: _b}`, "2 xml if[] _a -> _b ()"},
		{"call", `call: {name: cisco.asa, from: _a}`, "2 call if[] _a ->  (cisco.asa)"},
		{"call by name", `call: cisco.asa`, "2 call if[]  ->  (cisco.asa)"},
		{"set", `set: {event.kind: event, "a b": 1}`, "2 set if[]  -> event.kind,a b ()"},
		{"copy", `copy: {_a: b, _c: [d, e]}`, "2 copy if[] _a,_c -> b,d,e ()"},
		{"eval", `eval: {a: _b + 1}`, "2 eval if[]  -> a ()"},
		{"convert", `convert: {a: int}`, "2 convert if[] a -> a ()"},
		{"lower", `lower: [a, b]`, "2 lower if[] a,b -> a,b ()"},
		{"remove", `remove: [a, b]`, "2 remove if[]  ->  (a, b)"},
		{"lookup", `lookup: {from: _a, to: b, table: tables/x.csv}`, "2 lookup if[] _a -> b (tables/x.csv)"},
		{"choose", `choose: {on: _a, cases: {x: {b: 1}, y: {b: 2, c: 3}}, else: {d: 4}}`, "2 choose if[] _a -> b,c,d (2 cases)"},
		{"date", `date: {from: [_a, _b]}`, "2 date if[] _a,_b -> @timestamp ()"},
		{"address", `address: {_a: source}`, "2 address if[] _a -> source ()"},
		{"include", `include: x`, "2 include if[]  ->  (x)"},
		{"drop", `{drop: true, if: _a == 1}`, "2 drop if[_a == 1]  ->  ()"},
		{"else", `{if: _a, set: {b: 1}, else: [{stop: true}], on_error: [{fail: no}]}`, "2 set if[_a]  -> b ()\n2 .stop if[else]  ->  ()\n2 .fail if[on error]  ->  (no)"},
		{"switch", `switch: {on: _a, cases: {x|y: [{set: {b: 1}}, {stop: true}]}, else: [{if: _c, stop: true}]}`, "2 switch if[] _a ->  ()\n2 .set if[x|y]  -> b ()\n2 .stop if[]  ->  ()\n2 .stop if[else, _c]  ->  ()"},
		{"first", `first: [[{stop: true}], [{drop: true}]]`, "2 first if[]  ->  ()\n2 .stop if[first]  ->  ()\n2 .drop if[or]  ->  ()"},
		{"foreach", `foreach: {in: _a, as: _i, do: [{set: {b: 1}}]}`, "2 foreach if[] _a -> _i ()\n2 .set if[]  -> b ()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := described("steps:\n  - " + tt.step + "\n"); got != tt.want {
				t.Errorf("%s\nwant\n%s", got, tt.want)
			}
		})
	}
	if got := Describe("x", []byte("a: {")); got != nil {
		t.Errorf("a broken file: %v", got)
	}
}

// TestDescribe_EveryKind: no kind of step is without words, in the shipped formats all of which load.
func TestDescribe_EveryKind(t *testing.T) {
	err := fs.WalkDir(formats.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(formats.FS(), name)
		if err != nil {
			return err
		}
		for _, s := range Describe(name, text) {
			silent := len(s.Reads)+len(s.Fills) == 0 && s.What == ""
			if silent && s.Kind != "do" && s.Kind != "first" && s.Kind != "drop" && s.Kind != "stop" {
				t.Errorf("%s:%d: nothing is said about %s", name, s.Line, s.Kind)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestFields: the vendor's fields are told apart from those that everybody knows.
func TestFields(t *testing.T) {
	text := "dataset: acme.log\ntitle: Acme\nroot: acme.gate\nsteps:\n  - set: {source.ip: 10.0.0.1, acme.gate.zone: x, event.kind: event, _scratch: 1}\n"
	set, faults := format.Load(format.Source{Name: "x", FS: fstest.MapFS{"a.yaml": {Data: []byte(text)}}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	known, vendor := Fields(set.List()[0])
	if strings.Join(known, " ") != "event.kind source.ip" || strings.Join(vendor, " ") != "acme.gate.zone" {
		t.Errorf("%v, %v", known, vendor)
	}
}
