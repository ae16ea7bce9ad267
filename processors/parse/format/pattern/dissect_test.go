package pattern

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestDissect(t *testing.T) {
	for _, c := range []struct {
		name, pattern, text string
		want                []string // name=value; nil: no match
	}{
		{"delimiters", `%{a}:%{b} - %{c}`, `1:2 - 3 - 4`, []string{"a=1", "b=2", "c=3 - 4"}},
		{"text at the start", `<%{pri}>%{rest}`, `<13>x`, []string{"pri=13", "rest=x"}},
		{"other text at the start", `<%{pri}>%{rest}`, `[13>x`, nil},
		{"text at the end", `[%{a}] x`, `[1] x and more`, []string{"a=1"}},
		{"delimiter is missing", `%{a}:%{b}`, `12`, nil},
		{"empty parts", `%{a},%{b},%{c}`, `,2,`, []string{"a=", "b=2", "c="}},
		{"padding", `%{a->} %{b}`, `1    2`, []string{"a=1", "b=2"}},
		{"padding of nothing", `%{a} %{->} %{b}`, `1 x    2`, []string{"a=1", "b=2"}},
		{"no padding", `%{a} %{b}`, `1  2`, []string{"a=1", "b= 2"}},
		{"appended", `%{t} %{+t} %{+t} %{m}`, `May 1 10:00 hello`, []string{"t=May 1 10:00", "m=hello"}},
		{"appended emptiness", `%{t},%{+t},%{+t}`, `a,,b`, []string{"t=a b"}},
		{"appended alone", `%{+t} %{m}`, `a b`, []string{"t=a", "m=b"}},
		{"skipped", `%{?x} %{} %{a}`, `1 2 3`, []string{"a=3"}},
		{"places", `%{source.ip}:%{source.port}`, `192.0.2.1:80`, []string{"source.ip=192.0.2.1", "source.port=80"}},
		{"quoted place", `%{_j."a}b"} %{c}`, `1 2`, []string{`_j."a}b"=1`, "c=2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := CompileDissect(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			out := make([]string, len(d.Names()))
			for i := range out {
				out[i] = "left over"
			}
			var got []string
			if d.Match(c.text, out) {
				for i, name := range d.Names() {
					got = append(got, name+"="+out[i])
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDissectRefuses(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		column        int
		want          string
	}{
		{"no name", `abc`, 1, "no %{name}"},
		{"open", `%{a} %{b`, 6, "without its }"},
		{"adjoining", `%{a}%{b}`, 5, "nothing between them"},
		{"twice", `%{a} %{a}`, 6, "write %{+a}"},
		{"adding to no name", `%{a} %{+}`, 6, "without a name"},
		{"key and value", `%{*k}=%{&k}`, 1, "use a kv step"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CompileDissect(c.pattern)
			var e *Error
			if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Why, c.want) {
				t.Errorf("error %v, want column %d and %q", err, c.column, c.want)
			}
		})
	}
}

// FuzzDissect: the parts of a match, put together with the delimiters, are a text that matches with the same parts.
func FuzzDissect(f *testing.F) {
	f.Add(`[%{a}] %{b}: %{c}`, `[1] 2: 3`)
	f.Add(`%{a->},%{+a},%{b}`, `1,,2,3`)
	f.Add(`%{a.b} %{?c} %{}`, `x y z`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		d, err := CompileDissect(pattern)
		if err != nil {
			return
		}
		out := make([]string, len(d.Names()))
		if !d.Match(text, out) {
			return
		}
		for i, part := range out {
			if len(part) > len(text) {
				t.Errorf("%s has %d bytes of a text of %d", d.Names()[i], len(part), len(text))
			}
		}
		if strings.ContainsAny(pattern, "+?") || strings.Contains(pattern, "->") || strings.Contains(pattern, "%{}") {
			return
		}
		whole := d.lead
		for _, c := range d.cuts {
			whole += out[c.out] + c.delimiter
		}
		again := make([]string, len(out))
		if !strings.HasPrefix(text, whole) || !d.Match(whole, again) || !slices.Equal(out, again) {
			t.Errorf("%q of %q: %q, then %q of %q", out, text, again, whole, pattern)
		}
	})
}

func BenchmarkDissect(b *testing.B) {
	d, err := CompileDissect(`%{date} %{time} [%{level}] %{source.ip}:%{source.port} -> %{destination.ip}:%{destination.port} %{}`)
	if err != nil {
		b.Fatal(err)
	}
	out := make([]string, len(d.Names()))
	b.ReportAllocs()
	for b.Loop() {
		if !d.Match(`2024-05-01 10:00:00 [info] 192.0.2.1:51234 -> 198.51.100.7:443 allowed by rule 7`, out) {
			b.Fatal("no match")
		}
	}
}
