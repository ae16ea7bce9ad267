package relp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// read parses input that arrives in pieces, one line of text per frame.
func read(limit int, pieces ...string) (frames []string, err error) {
	p := NewParser(limit)
	var buf []byte
	for _, piece := range pieces {
		buf = append(buf, piece...)
		for {
			f, n, ok, err := p.Next(buf)
			if err != nil {
				return frames, err
			}
			if ok {
				s := fmt.Sprintf("%d %s %q", f.Txn, f.Command, f.Data)
				if f.Truncated {
					s += "~"
				}
				frames = append(frames, s)
			}
			buf = buf[n:]
			if !ok && n == 0 {
				break
			}
		}
	}
	return frames, nil
}

func TestNext_Success(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"syslog", "2 syslog 5 <1>ab\n", []string{`2 syslog "<1>ab"`}},
		{"two", "2 syslog 5 <1>ab\n3 syslog 1 x\n", []string{`2 syslog "<1>ab"`, `3 syslog "x"`}},
		{"line ends inside", "2 syslog 3 a\nb\n", []string{`2 syslog "a\nb"`}},
		{"no data", "9 close 0\n", []string{`9 close ""`}},
		{"no data with a blank", "9 close 0 \n", []string{`9 close ""`}},
		{"largest numbers", "999999999 syslog 1 x\n", []string{`999999999 syslog "x"`}},
		{"leading zeros", "007 syslog 01 x\n", []string{`7 syslog "x"`}},
		{"as long as the limit", "1 syslog 8 12345678\n", []string{`1 syslog "12345678"`}},
		{"longer than the limit", "1 syslog 9 123456789\n2 close 0\n", []string{`1 syslog "12345678"~`, `2 close ""`}},
		{"unfinished", "1 syslog 5 ab", nil},
		{"open", "1 open 14 relp_version=0\n", []string{`1 open "relp_ver"~`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range len(tt.in) + 1 {
				got, err := read(8, tt.in[:i], tt.in[i:])
				if err != nil || !slices.Equal(got, tt.want) {
					t.Fatalf("split at %d: %q, %v; want %q", i, got, err, tt.want)
				}
			}
		})
	}
}

func TestNext_Failure(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     error
	}{
		{"a syslog line", "<34>hello\n", ErrTransaction},
		{"empty", "\n", ErrTransaction},
		{"tls hello", "\x16\x03\x01\x02\x00", ErrTransaction},
		{"transaction too long", "1234567890 syslog 1 x\n", ErrTransaction},
		{"no blank", "1\tsyslog 1 x\n", ErrTransaction},
		{"no command", "1  1 x\n", ErrCommand},
		{"command with digits", "1 sys1 1 x\n", ErrCommand},
		{"command too long", "1 " + strings.Repeat("a", 33), ErrCommand},
		{"no length", "1 syslog x\n", ErrLength},
		{"length too long", "1 syslog 1234567890 x\n", ErrLength},
		{"length without data", "1 syslog 5\n", ErrLength},
		{"length too small", "1 syslog 1 xy\n", ErrTrailer},
		{"length too large", "1 syslog 4 xy\n2 syslog 1 x\n", ErrTrailer},
		{"trailer of an over-long frame", "1 syslog 9 1234567890\n", ErrTrailer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range len(tt.in) + 1 {
				if got, err := read(8, tt.in[:i], tt.in[i:]); !errors.Is(err, tt.want) {
					t.Fatalf("split at %d: %q, %v; want %v", i, got, err, tt.want)
				}
			}
		})
	}
}

// FuzzNext: the way of delivery changes nothing, no data is beyond the limit, and frames written again are the input.
func FuzzNext(f *testing.F) {
	for _, s := range []string{"2 syslog 5 <1>ab\n9 close 0\n", "1 open 14 relp_version=0\n2 syslog 30 " + strings.Repeat("x", 30) + "\n", "1 syslog 4 xy\n", "\x00", "1 a 0 \n"} {
		f.Add([]byte(s), uint16(4))
	}
	f.Fuzz(func(t *testing.T, in []byte, at uint16) {
		const limit = 16
		whole, err := read(limit, string(in))
		i := int(at) % (len(in) + 1)
		if got, e := read(limit, string(in[:i]), string(in[i:])); !slices.Equal(got, whole) || !errors.Is(e, err) {
			t.Fatalf("split at %d: %q %v, at once: %q %v", i, got, e, whole, err)
		}
		var again []byte
		p := NewParser(limit)
		for rest := in; ; {
			f, n, ok, err := p.Next(rest)
			rest = rest[n:]
			if !ok || err != nil {
				break
			}
			if len(f.Data) > limit {
				t.Fatalf("%d bytes", len(f.Data))
			}
			again = append(again, fmt.Sprintf("%d %s %d", f.Txn, f.Command, len(f.Data))...)
			if len(f.Data) > 0 {
				again = append(append(again, ' '), f.Data...)
			}
			if again = append(again, '\n'); f.Truncated {
				return
			}
		}
		if !bytes.ContainsAny(in, "0") && !bytes.HasPrefix(in, again) {
			t.Fatalf("%q was read as %q", in, again)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	msg := "<134>1 2024-05-06T07:08:09.123Z fw-1 asa 812 ID47 - %ASA-6-302013: Built outbound TCP connection 112233 for outside:203.0.113.5/443"
	data := bytes.Repeat(fmt.Appendf(nil, "12345 syslog %d %s\n", len(msg), msg), 400)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		p := NewParser(64 << 10)
		for rest := data; len(rest) > 0; {
			_, n, ok, err := p.Next(rest)
			if !ok || err != nil {
				b.Fatal(ok, err)
			}
			rest = rest[n:]
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/400, "ns/record")
}
