package file

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lines cuts data that comes in pieces, as a reader would give it: what is not cut off stays in front. A line is shown as
// place:text, with a + where it was too long.
func lines(limit int, final bool, pieces ...string) (out []string, cutOff int) {
	var data []byte
	base, skip := 0, false
	for i, piece := range pieces {
		data = append(data, piece...)
		last := i == len(pieces)-1
		c := cutter{limit: limit, skip: skip, end: last, final: last && final}
		for {
			l, ok := c.next(data)
			if !ok {
				break
			}
			text := fmt.Sprintf("%d:%s", base+l.at, l.bytes)
			if l.long {
				text += "+"
			}
			out = append(out, text)
		}
		data, base, skip = data[c.at:], base+c.at, c.skip
	}
	return out, base
}

func TestCutter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		final  bool
		pieces []string
		want   []string
		cutOff int
	}{
		{"lines", false, []string{"a\nbc\n"}, []string{"0:a", "2:bc"}, 5},
		{"a part of a line waits", false, []string{"a\nbc"}, []string{"0:a"}, 2},
		{"and is one at the end for good", true, []string{"a\nbc"}, []string{"0:a", "2:bc"}, 4},
		{"empty lines are passed over", false, []string{"\n\na\n\r\n\nb\n"}, []string{"2:a", "7:b"}, 9},
		{"carriage returns", false, []string{"a\r\nb\rc\r\n"}, []string{"0:a", "3:b\rc"}, 8},
		{"a carriage return alone", true, []string{"\r"}, nil, 1},
		{"in pieces", false, []string{"a", "b", "\nc\n", "d"}, []string{"0:ab", "3:c"}, 5},
		{"as long as may be", false, []string{"12345678\n1\n"}, []string{"0:12345678", "9:1"}, 11},
		{"one longer", false, []string{"123456789\n1\n"}, []string{"0:12345678+", "10:1"}, 12},
		{"much longer, in pieces", false, []string{"123456789", "0123456789", "\n1\n"}, []string{"0:12345678+", "20:1"}, 22},
		{"longer without an end", false, []string{"1234567890"}, []string{"0:12345678+"}, 10},
		{"longer at the end for good", true, []string{"1234567890"}, []string{"0:12345678+"}, 10},
		{"a hole", false, []string{"\x00\x00\x00a\nb\n"}, []string{"3:a", "5:b"}, 7},
		{"a hole in pieces", false, []string{"\x00\x00", "\x00", "\x00a\n"}, []string{"4:a"}, 6},
		{"zeros at the end may be written over", false, []string{"a\n\x00\x00\x00"}, []string{"0:a"}, 2},
		{"zeros within a line stay", false, []string{"a\x00b\n"}, []string{"0:a\x00b"}, 4},
		{"nothing", false, []string{""}, nil, 0},
		{"nothing for good", true, []string{""}, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, cutOff := lines(8, tt.final, tt.pieces...)
			if !slices.Equal(got, tt.want) || cutOff != tt.cutOff {
				t.Errorf("%q and %d bytes, want %q and %d", got, cutOff, tt.want, tt.cutOff)
			}
		})
	}
}

// FuzzCutter holds the cutter to this: however the bytes come, the lines and their places are the same; and apart from
// line ends, holes and the rest of long lines, no byte is lost.
func FuzzCutter(f *testing.F) {
	f.Add("a\nbc\r\n\n\x00\x00d\n", 3, 5)
	f.Add(strings.Repeat("x", 40)+"\ny", 1, 30)
	f.Add("\x00\x00\x00", 1, 2)
	f.Add("\r\n\r\r\n\x00\n", 2, 4)
	f.Fuzz(func(t *testing.T, text string, a, b int) {
		const limit = 8
		n := len(text)
		a, b = min(max(a, 0), n), min(max(b, 0), n)
		whole, _ := lines(limit, true, text)
		pieces, _ := lines(limit, true, text[:min(a, b)], text[min(a, b):max(a, b)], text[max(a, b):])
		if !slices.Equal(whole, pieces) {
			t.Fatalf("at once %q, in pieces %q", whole, pieces)
		}
		var c cutter
		c.limit, c.end, c.final = limit, true, true
		end := 0
		for {
			l, ok := c.next([]byte(text))
			if !ok {
				break
			}
			if l.at < end || !strings.HasPrefix(text[l.at:], string(l.bytes)) || len(l.bytes) > limit {
				t.Fatalf("%q at %d", l.bytes, l.at)
			}
			if between := strings.Trim(text[end:l.at], "\r\n\x00"); between != "" && end == 0 {
				t.Fatalf("%q before the first line is lost", between)
			}
			if end = l.at + len(l.bytes); !l.long && end < n && text[end] != '\n' && text[end] != '\r' {
				t.Fatalf("the line at %d ends in its middle", l.at)
			}
			if l.long {
				if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
					end += i
				} else {
					end = n
				}
			}
		}
	})
}

func BenchmarkCutter(b *testing.B) {
	data := bytes.Repeat([]byte(strings.Repeat("x", 199)+"\n"), 1300)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		c := cutter{limit: 1 << 20, end: true}
		for {
			if _, ok := c.next(data); !ok {
				break
			}
		}
	}
}
