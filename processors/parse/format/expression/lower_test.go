package expression

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/internal/match/source"
)

// TestEval has each operator and the forms of places.
func TestEval(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		// Constants and places.
		{`nil`, `nil`},
		{`true`, `true`},
		{`12`, `12`},
		{`1.5`, `float 1.5`},
		{`"x"`, `"x"`},
		{`0x10`, `16`},
		{`b"a\x62"`, `"ab"`},
		{"`a\\b`", `"a\\b"`},
		{`_t`, `"abc"`},
		{`source.ip`, `"10.1.2.3"`},
		{`_absent`, `absent`},
		{`_null`, `nil`},
		{`$["@timestamp"]`, `time 2024-05-01T10:00:00.000Z`},
		{`$env["source.ip"]`, `"10.1.2.3"`},
		{`$["_o"]["a b"]`, `"blank"`},
		{`_o.a.b`, `"deep"`},
		{`_o["a"].b`, `"deep"`},
		{`_o?.a?.b`, `"deep"`},
		{`_o["x.y"]`, `"dotted"`},
		{`_o["a b"]`, `"blank"`},
		{`_list[0]`, `"a"`},
		{`_list.1`, `"b"`},
		{`_list[-1]`, `"c"`},
		{`_list[9]`, `absent`},
		{`_o.list.0.n`, `"first"`},
		{`_o.list.1.v + 1.5`, `float 3.5`},
		{`_o.list.n`, `["first","second"]`},
		{`_o[_key].b`, `"deep"`},
		{`_list[_at]`, `"b"`},
		{`filter(_o.list, .v > 1).n`, `["second"]`},
		{`_o["in"]`, `absent`},
		{`_o.in`, `absent`},
		// Slices.
		{`_t[1:]`, `"bc"`},
		{`_t[:2]`, `"ab"`},
		{`_t[:-1]`, `"ab"`},
		{`_t[1:1]`, `absent`},
		{`_t[5:9]`, `absent`},
		{`_list[1:]`, `["b","c"]`},
		{`_absent[1:]`, `absent`},
		{`"häß"[1:2]`, `"ä"`},
		{`_t["a":]`, `absent`},
		// Sums.
		{`1 + 2`, `3`},
		{`"a" + "b"`, `"ab"`},
		{`"port " + source.port`, `"port 443"`},
		{`_n + 1`, `"801"`},
		{`int(_n) + 1`, `81`},
		{`_t + _absent`, `absent`},
		{`_t + _empty`, `absent`},
		{`_t + _o`, `absent`},
		{`1 + true`, `"1true"`},
		{`_one + "y"`, `"xy"`},
		{`_n - 1`, `79`},
		{`_n * 2`, `160`},
		{`_n / 3`, `float 26.666666666666668`},
		{`_n / 4`, `20`},
		{`7 % 4`, `3`},
		{`7 % 0`, `absent`},
		{`7 % -1`, `0`},
		{`7.5 % 2`, `absent`},
		{`1 / 0`, `absent`},
		{`_t * 2`, `absent`},
		{`-_n`, `-80`},
		{`-_f`, `float -2.5`},
		{`+_n`, `80`},
		{`-_t`, `absent`},
		{`+_t`, `absent`},
		{`-_neg`, `3`},
		{`_big + 1`, `float 9223372036854776000.0`},
		{`_big - 1`, `9223372036854775806`},
		{`_big * 2`, `float 18446744073709552000.0`},
		{`-_big - 2`, `float -9223372036854776000.0`},
		{`_big * -1`, `-9223372036854775807`},
		{`(-_big - 1) / -1`, `float 9223372036854776000.0`},
		{`$["@timestamp"] - start`, `1500000000`},
		{`start + 1500000000`, `time 2024-05-01T10:00:00.000Z`},
		{`1500000000 + start`, `time 2024-05-01T10:00:00.000Z`},
		{`$["@timestamp"] - 1500000000`, `time 2024-05-01T09:59:58.500Z`},
		{`start - "x"`, `absent`},
		{`1e308 * 10`, `absent`},
		// Choices.
		{`_yes ? 1 : 2`, `1`},
		{`_t ? 1 : 2`, `2`},
		{`_absent ?? "x"`, `"x"`},
		{`_empty ?? "x"`, `"x"`},
		{`_null ?? _absent ?? 3`, `3`},
		{`_no ?? true`, `false`},
		{`_t ?: 1`, `1`},
		{`if _yes { 1 } else { 2 }`, `1`},
		{`if _no { 1 } else if _yes { 3 } else { 2 }`, `3`},
		{`[1, _absent, "x", _t]`, `[1,"x","abc"]`},
		{`[]`, `[]`},
		{`_t | upper() | lower()`, `"abc"`},
		{`1 == 1`, `true`},
		{`not true`, `false`},
		{`_t + /* a .0 comment */ "x.1" // and _t.5`, `"abcx.1"`},
	} {
		d := newDocument(t, sample)
		if got := spell(d.compile(t, tt.src).Eval(d)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.src, got, tt.want)
		}
	}
}

// TestErrors holds the place of a mistake, its sentence and the advice.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		src       string
		line, col int
		code, msg string
	}{
		{`_a ==`, 1, 5, "expr-syntax", "too early"},
		{`_a = 1`, 1, 4, "expr-syntax", "write == to compare"},
		{``, 1, 1, "expr-syntax", "empty"},
		{`lowr(_a)`, 1, 1, "expr-unknown-function", "did you mean lower?"},
		{`_a == 1 and frobnicate(_b)`, 1, 13, "expr-unknown-function", "the functions are"},
		{`unknown.place == 1`, 1, 1, "expr-unknown-field", "there is no field"},
		{`_a.0 == 1 and unknown.place`, 1, 15, "expr-unknown-field", "there is no field"},
		{"_a.0.1 == 1 and\n  _b.0 == lowr(_x)", 2, 11, "expr-unknown-function", "did you mean lower?"},
		{`_a == null`, 1, 7, "expr-unknown-field", "write nil"},
		{`re(_a, "\d\s(") and _b.0 == 1`, 1, 8, "expr-regex", "pattern"},
		{`"\d\d" in _a and frobnicate(_b)`, 1, 18, "expr-unknown-function", "frobnicate"},
		{`_a matches _b`, 1, 12, "expr-type", "constant"},
		{`_a matches "("`, 1, 12, "expr-regex", "pattern"},
		{`re(_a, "(?=x)")`, 1, 8, "expr-regex", "pattern"},
		{`find(_a, "[")`, 1, 10, "expr-regex", "pattern"},
		{`re(_a, _b)`, 1, 8, "expr-type", "constant"},
		{`cidr(_a, "10.0.0.0/99")`, 1, 10, "expr-type", "10.0.0.0/8"},
		{`glob(_a, 5)`, 1, 10, "expr-type", "constant"},
		{`lower()`, 1, 1, "expr-arguments", "lower(_kv.action)"},
		{`lower(_a, _b)`, 1, 1, "expr-arguments", "2 arguments"},
		{`date(_a, "QQQQ")`, 1, 10, "expr-type", "QQQQ"},
		{`int(_a, 99)`, 1, 9, "expr-type", "base"},
		{`_a ** 2`, 1, 1, "expr-not-allowed", "operator **"},
		{`1..5`, 1, 1, "expr-not-allowed", "operator .."},
		{`_a.lower()`, 1, 1, "expr-not-allowed", "no methods"},
		{`{"a": 1}`, 1, 1, "expr-not-allowed", "not allowed"},
		{`let x = 1; x`, 1, 1, "expr-not-allowed", "let"},
		{`1; 2`, 1, 1, "expr-not-allowed", "not allowed"},
		{`$[_a]`, 1, 1, "expr-not-allowed", "constant text"},
		{`any(_a, any(#, any(#, true)))`, 1, 16, "expr-too-deep", "loops"},
		{`# == 1`, 1, 1, "expr-syntax", "here"},
		{`now()`, 1, 1, "expr-unknown-function", "no function now"},
		{`sum(_a)`, 1, 1, "expr-unknown-function", "no function sum"},
		{`_a == "x" AND _b`, 1, 11, "expr-syntax", "write and"},
		{"_a == \xff", 1, 1, "expr-syntax", "UTF-8"},
		{strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), 1, 201, "expr-too-deep", "deeper"},
		{strings.Repeat("_a.b + ", 2100) + "1", 1, 1, "expr-too-deep", "deeper"},
		{"_a in [" + strings.Repeat(`"a", `, 20000) + "]", 1, 1, "expr-too-long", "table"},
	} {
		d := newDocument(t, `{}`)
		_, err := Compile(tt.src, d.resolve)
		e, ok := errors.AsType[*source.Error](err)
		if !ok {
			t.Errorf("%.60s: %v", tt.src, err)
			continue
		}
		if e.Line != tt.line || e.Col != tt.col || e.Code != tt.code || !strings.Contains(e.Error()+e.Why, tt.msg) {
			t.Errorf("%.60s: %s %v (%s)", tt.src, e.Code, e, e.Why)
		}
	}
}

// TestResolveFault holds that the reason of a place's fault is kept.
func TestResolveFault(t *testing.T) {
	_, err := Compile(`_a == 1 or sorce.ip == "x"`, func(path string) (int, error) {
		if path == "sorce.ip" {
			return 0, &fault.Error{Code: "format-field", What: "no field", Why: "because", Do: "source.ip"}
		}
		return 0, nil
	})
	e, ok := errors.AsType[*source.Error](err)
	if !ok || e.Code != "format-field" || e.Why != "because" || e.Do != "source.ip" || e.Col != 12 {
		t.Errorf("%+v", err)
	}
}

// TestConst holds that what reads no place is calculated once.
func TestConst(t *testing.T) {
	for src, want := range map[string]bool{`1 + 2 * 3`: true, `lower("A") == "a"`: true, `_a == 1`: false, `"x" in ["x"]`: true, `date("10:00", "HH:mm")`: false, `nil ?? [1]`: true, `count([1], # == 1)`: false} {
		d := newDocument(t, `{}`)
		p := d.compile(t, src)
		v, ok := p.Const()
		if ok != want || ok && spell(v) != spell(p.Eval(d)) {
			t.Errorf("%s: %v %s", src, ok, spell(v))
		}
	}
}
