package frame

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/testkit"
)

// cut frames input that arrives in pieces; a record longer than the limit is marked by "~" at its end.
func cut(limit int, pieces ...string) (records []string, counts Counts) {
	f := New(limit)
	var buf []byte
	for i, p := range pieces {
		buf = append(buf, p...)
		eof := i == len(pieces)-1
		for {
			r, n, ok := f.Next(buf, eof)
			buf = buf[n:]
			if !ok {
				break
			}
			s := string(r.Bytes)
			if r.Truncated {
				s += "~"
			}
			records = append(records, s)
		}
	}
	return records, f.Counts()
}

func TestNext(t *testing.T) {
	long := strings.Repeat("x", 40)
	for _, tt := range []struct {
		name, in string
		want     []string
		counts   Counts
	}{
		{"lf", "<1>a\n<1>b\n", []string{"<1>a", "<1>b"}, Counts{}},
		{"crlf", "<1>a\r\n<1>b\r\n", []string{"<1>a", "<1>b"}, Counts{}},
		{"nul", "<1>a\x00<1>b\x00", []string{"<1>a", "<1>b"}, Counts{}},
		{"nul behind lf", "<1>a\n\x00<1>b\n\x00", []string{"<1>a", "<1>b"}, Counts{Empty: 2}},
		{"cr inside stays", "a\rb\r\r\n", []string{"a\rb\r"}, Counts{}},
		{"octet counting", "5 <1>ab6 <1>cde", []string{"<1>ab", "<1>cde"}, Counts{}},
		{"counted with line ends between", "5 <1>ab\n6 <1>cde\r\n5 <1>fg", []string{"<1>ab", "<1>cde", "<1>fg"}, Counts{Empty: 2}},
		{"counted with its line end inside", "6 <1>ab\n8 <1>cde\r\n", []string{"<1>ab", "<1>cde"}, Counts{}},
		{"counted with line ends inside", "9 <1>a\nb\n\nc5 <1>de", []string{"<1>a\nb\n\nc", "<1>de"}, Counts{}},
		{"every framing on one connection", "<1>a\n5 <1>bc<1>d\x00<1>e\r\n5 <1>fg<1>h\n", []string{"<1>a", "<1>bc", "<1>d", "<1>e", "<1>fg", "<1>h"}, Counts{}},
		{"empty lines", "\n\n\r\n<1>a\n\n", []string{"<1>a"}, Counts{Empty: 4}},
		{"no end of line", "<1>a\n<1>b", []string{"<1>a", "<1>b"}, Counts{}},
		{"nothing", "", nil, Counts{}},
		{"date is no count", "2024-01-01T00:00:00Z host a: b\n", []string{"2024-01-01T00:00:00Z host a: b"}, Counts{}},
		{"number and text is no count", "123 hello\n4 <b>\n", []string{"123 hello", "4 <b>"}, Counts{}},
		{"leading zero is no count", "05 <1>ab\n", []string{"05 <1>ab"}, Counts{}},
		{"eight digits are no count", "12345678 <1>a\n", []string{"12345678 <1>a"}, Counts{}},
		{"too small for its priority is no count", "2 <1>a\n4 <191>b\n", []string{"2 <1>a", "4 <191>b"}, Counts{}},
		{"smallest count", "3 <1>3 <2>", []string{"<1>", "<2>"}, Counts{}},
		{"digits at the end", "12", []string{"12"}, Counts{}},
		{"count cut off at the end", "12 <1", []string{"12 <1"}, Counts{}},
		{"record cut off at the end", "12 <1>ab", []string{"<1>ab"}, Counts{WrongCounts: 1}},
		{"not utf-8", "<1>\xff\xfe\x80\n", []string{"<1>\xff\xfe\x80"}, Counts{}},

		{"line as long as the limit", long[:32] + "\r\nb\n", []string{long[:32], "b"}, Counts{}},
		{"line one too long", long[:33] + "\nb\n", []string{long[:32] + "~", "b"}, Counts{Truncated: 1, Skipped: 1}},
		{"line much too long", long + long + "\nb\n", []string{long[:32] + "~", "b"}, Counts{Truncated: 1, Skipped: 48}},
		{"line too long without an end", long + long, []string{long[:32] + "~"}, Counts{Truncated: 1, Skipped: 48}},
		{"count beyond the limit is skipped exactly", "50 <1>" + long + "\n\n\n\n\n\n\n5 <1>ab", []string{"<1>" + long[:29] + "~", "<1>ab"}, Counts{Truncated: 1, Skipped: 18}},

		{"too large a count over lines", "22 <1>a\n<1>b\n<1>c\n<1>d\n<1>e\n<1>f\n", []string{"<1>a", "<1>b", "<1>c", "<1>d", "<1>e", "<1>f"}, Counts{WrongCounts: 1}},
		{"too large a count over counted records", "9 <1>a4 <1>b4 <1>c", []string{"<1>a", "<1>b", "<1>c"}, Counts{WrongCounts: 1}},
		{"too large a count at the end", "999 <1>a\n<1>b\n", []string{"<1>a", "<1>b"}, Counts{WrongCounts: 1}},
		{"absurd count over lines", "9999999 <1>a\n<1>b\n" + long + "\n<1>c\n", []string{"<1>a", "<1>b", long[:32] + "~", "<1>c"}, Counts{WrongCounts: 1, Truncated: 1, Skipped: 8}},
		{"too small a count, lines", "5 <1>abcdef\n<1>g\n", []string{"<1>ab", "cdef", "<1>g"}, Counts{}},
		{"too small a count, no lines", "5 <1>abcdef5 <1>gh5 <1>ij", []string{"<1>ab", "cdef", "<1>gh", "<1>ij"}, Counts{}},
		{"right count around a forged record", "17 <1>a\n<1>root: ok!4 <1>b", []string{"<1>a\n<1>root: ok!", "<1>b"}, Counts{}},
		{"right count around a forged record at the end", "12 <1>a\n9 <1>bc", []string{"<1>a\n9 <1>bc"}, Counts{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, counts := cut(32, tt.in)
			if !slices.Equal(got, tt.want) {
				t.Errorf("records\n got %q\nwant %q", got, tt.want)
			}
			if counts != tt.counts {
				t.Errorf("counts %+v, want %+v", counts, tt.counts)
			}
			checkSplits(t, 32, tt.in)
		})
	}
}

// checkSplits demands that the way of delivery changes nothing.
func checkSplits(t *testing.T, limit int, in string) {
	t.Helper()
	want, counts := cut(limit, in)
	if got, c := cut(limit, byByte(in)...); !slices.Equal(got, want) || c != counts {
		t.Errorf("byte by byte: %q %+v, at once: %q %+v", got, c, want, counts)
	}
	step := max(len(in)/300, 1)
	for i := 0; i <= len(in); i += step {
		if got, c := cut(limit, in[:i], in[i:]); !slices.Equal(got, want) || c != counts {
			t.Fatalf("split at %d: %q %+v, at once: %q %+v", i, got, c, want, counts)
		}
	}
}

func byByte(in string) []string {
	out := make([]string, 0, len(in)+1)
	for i := range len(in) {
		out = append(out, in[i:i+1])
	}
	return append(out, "")
}

func TestSettle(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"count beyond what came", "99 <1>a\n<1>b\n", []string{"<1>a", "<1>b"}},
		{"whole but for the doubt", "9 <1>a\n<2>b", []string{"<1>a\n<2>b"}},
		{"unfinished without a doubt waits", "99 <1>a\nb", nil},
		{"unfinished line waits", "<1>a", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := New(32)
			if r, n, ok := f.Next([]byte(tt.in), false); ok || n > 0 {
				t.Fatalf("took %q before it was settled", r.Bytes)
			}
			f.Settle()
			var got []string
			buf := []byte(tt.in)
			for {
				r, n, ok := f.Next(buf, false)
				buf = buf[n:]
				if !ok {
					break
				}
				got = append(got, string(r.Bytes))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if f.settle {
				t.Error("still settles: the next record would be cut too early")
			}
		})
	}
}

func TestTrim(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a\n": "a", "a\r\n": "a", "a\x00": "a", "a\n\x00\x00": "a", "\n": "", "": "", "\na": "\na", "a ": "a "} {
		if got := string(Trim([]byte(in))); got != want {
			t.Errorf("Trim(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRealFiles frames rsyslog's own framing inputs as lines and counted; both must give the same records.
func TestRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "syslog", "rsyslog", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			var counted bytes.Buffer
			for line := range strings.SplitSeq(string(data), "\n") {
				if line = strings.TrimSuffix(line, "\r"); line == "" {
					continue
				}
				want = append(want, line)
				fmt.Fprintf(&counted, "%d <13>%s", len(line)+4, line)
			}
			got, counts := cut(64<<10, string(data))
			if !slices.Equal(got, want) || counts.WrongCounts+counts.Truncated > 0 {
				t.Errorf("%d lines, want %d; %+v", len(got), len(want), counts)
			}
			got, counts = cut(64<<10, counted.String())
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "<13>")
			}
			if !slices.Equal(got, want) || counts != (Counts{}) {
				t.Errorf("%d counted records, want %d; %+v", len(got), len(want), counts)
			}
		})
	}
}

// FuzzNext: the way of delivery changes nothing, no record is empty or beyond the limit, and of input without digits
// nothing is lost but line ends and what is beyond the limit.
func FuzzNext(f *testing.F) {
	for _, s := range []string{
		"<34>a\n<34>b\r\n<34>c\x00", "5 <1>ab6 <1>cde", "99 <1>a\n<1>b\n", "5 <1>abcdef5 <1>gh", "\r\n\r\x00\n", "9999999 <1>a\n12 <1>", "3 <1>3 <2>x 3 <3>",
		"40 <1>" + strings.Repeat("y", 80), strings.Repeat("1", 40) + " <1>a", "5 <1>ab" + strings.Repeat("z", 30) + "0004 <1>c", "8 <1>a\n<1>", "7 <1>a\n12",
	} {
		f.Add([]byte(s), uint16(3), uint16(9))
	}
	f.Fuzz(func(t *testing.T, in []byte, a, b uint16) {
		const limit = 24
		whole, counts := cut(limit, string(in))
		i := int(a) % (len(in) + 1)
		j := i + int(b)%(len(in)-i+1)
		for name, pieces := range map[string][]string{"three": {string(in[:i]), string(in[i:j]), string(in[j:])}, "bytes": byByte(string(in))} {
			if got, c := cut(limit, pieces...); !slices.Equal(got, whole) || c != counts {
				t.Fatalf("in %s: %q %+v, at once: %q %+v", name, got, c, whole, counts)
			}
		}
		kept := 0
		for _, r := range whole {
			n := len(strings.TrimSuffix(r, "~"))
			if len(r) == 0 || len(r) > limit+1 {
				t.Fatalf("record %q", r)
			}
			kept += n
		}
		if bytes.ContainsAny(in, "0123456789\r\x00~") {
			return
		}
		if lost := len(in) - kept - counts.Skipped - bytes.Count(in, []byte("\n")); lost != 0 {
			t.Fatalf("%d bytes are gone of %q: %q", lost, in, whole)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	msg := "<134>1 2024-05-06T07:08:09.123Z fw-1 asa 812 ID47 - %ASA-6-302013: Built outbound TCP connection 112233 for outside:203.0.113.5/443"
	for _, bb := range []struct{ name, record string }{
		{"lf", msg + "\n"}, {"counted", fmt.Sprintf("%d %s", len(msg), msg)}, {"nul", msg + "\x00"}, {"adrift", "5 <1>ab" + msg + "\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			data := []byte(strings.Repeat(bb.record, 400))
			records := 0
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f := New(64 << 10)
				for rest := data; ; records++ {
					_, n, ok := f.Next(rest, false)
					if rest = rest[n:]; !ok {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
		})
	}
}
