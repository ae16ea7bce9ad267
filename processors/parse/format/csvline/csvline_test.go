package csvline

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       []string
	}{
		{"nothing", ``, nil},
		{"one field", `a`, []string{"a"}},
		{"empty fields", `,a,,`, []string{"", "a", "", ""}},
		{"quotes", `1,"a, b",2`, []string{"1", "a, b", "2"}},
		{"doubled quotes", `"say ""hi""",x`, []string{`say "hi"`, "x"}},
		{"only doubled quotes", `"""",x`, []string{`"`, "x"}},
		{"empty quotes", `"",x,""`, []string{"", "x", ""}},
		{"quote inside a plain field", `5" pipe,x`, []string{`5" pipe`, "x"}},
		{"blanks before a quote", `a, "b, c" ,d`, []string{"a", "b, c ", "d"}},
		{"text behind a quote", `"a"b,c`, []string{"ab", "c"}},
		{"quote behind a quote", `"a"b"c,d`, []string{`ab"c`, "d"}},
		{"quote that is never closed", `a,"b,c`, []string{"a", "b,c"}},
		{"doubled quote that is never closed", `a,"b""c`, []string{"a", `b"c`}},
		{"quote at the end", `a,"`, []string{"a", ""}},
		{"separator at the end of quotes", `"a",`, []string{"a", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var scratch []byte
			got, err := Split(nil, c.line, ',', '"', &scratch)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("Split(%q) = %q, %v; want %q", c.line, got, err, c.want)
			}
		})
	}
}

func TestSplitSeparators(t *testing.T) {
	got, _ := Split(nil, "a\t'b\tc'\t\"d", '\t', '\'', nil)
	if want := []string{"a", "b\tc", `"d`}; !slices.Equal(got, want) {
		t.Errorf("tabs: %q, want %q", got, want)
	}
	got, _ = Split(nil, `a "b c" d`, ' ', '"', nil)
	if want := []string{"a", "b c", "d"}; !slices.Equal(got, want) {
		t.Errorf("blanks: %q, want %q", got, want)
	}
	got, _ = Split(nil, `"a,b"`, ',', 0, nil)
	if want := []string{`"a`, `b"`}; !slices.Equal(got, want) {
		t.Errorf("no quote: %q, want %q", got, want)
	}
}

// What a caller keeps of one line must outlive the next, although both use the same scratch.
func TestFieldsOutliveScratch(t *testing.T) {
	var scratch []byte
	first, _ := Split(nil, `"a""b",x`, ',', '"', &scratch)
	_, _ = Split(nil, `"c""d",x`, ',', '"', &scratch)
	if first[0] != `a"b` {
		t.Errorf("a field became %q when the next line was read", first[0])
	}
}

func TestSplitAppends(t *testing.T) {
	got, _ := Split([]string{"kept"}, "a,b", ',', '"', nil)
	if want := []string{"kept", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTooManyFields(t *testing.T) {
	if _, err := Split(nil, strings.Repeat(",", maxFields), ',', '"', nil); err == nil {
		t.Error("a line of 65537 fields is no error")
	}
	if got, err := Split(nil, strings.Repeat(",", maxFields-1), ',', '"', nil); err != nil || len(got) != maxFields {
		t.Errorf("a line of 65536 fields: %d, %v", len(got), err)
	}
}

// FuzzSplit: what is written by the rules is read back as it was, whatever the bytes.
func FuzzSplit(f *testing.F) {
	f.Add("a", `b"c`, "d,e", `x,"y""z`)
	f.Add("", "\n", `"`, `"a"b,`)
	f.Fuzz(func(t *testing.T, a, b, c, raw string) {
		var line strings.Builder
		for i, field := range []string{a, b, c} {
			if i > 0 {
				line.WriteByte(',')
			}
			line.WriteString(`"` + strings.ReplaceAll(field, `"`, `""`) + `"`)
		}
		var scratch []byte
		got, err := Split(nil, line.String(), ',', '"', &scratch)
		if err != nil || !slices.Equal(got, []string{a, b, c}) {
			t.Errorf("%q became %q, %v", line.String(), got, err)
		}
		// Any text: no field holds more than the line.
		got, _ = Split(got[:0], raw, ',', '"', &scratch)
		total := 0
		for _, field := range got {
			total += len(field)
		}
		if total > len(raw) {
			t.Errorf("%d bytes of fields in %d bytes", total, len(raw))
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	line := `1,2024/05/01 10:00:00,0011223344,TRAFFIC,end,2305,2024/05/01 10:00:00,192.0.2.1,198.51.100.7,0.0.0.0,0.0.0.0,` +
		`"a rule, with a name",,,web-browsing,vsys1,trust,untrust,ethernet1/1,ethernet1/2,forward,` + strings.Repeat("0,", 60)
	var scratch []byte
	fields := make([]string, 0, 128)
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		fields, _ = Split(fields[:0], line, ',', '"', &scratch)
	}
}
