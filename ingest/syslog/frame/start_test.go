package frame

import (
	"strings"
	"testing"
)

func TestCountHead(t *testing.T) {
	for _, tt := range []struct {
		in          string
		head, count int
		is          answer
	}{
		{"12 <34>x", 3, 12, yes},
		{"9999999 <0>", 8, 9999999, yes},
		{"3 <0>", 2, 3, yes},
		{"2 <0>", 2, 2, no},
		{"", 0, 0, unsure},
		{"1", 0, 0, unsure},
		{"1234567", 0, 0, unsure},
		{"12345678", 0, 0, no},
		{"12 ", 3, 12, unsure},
		{"12 <", 3, 12, unsure},
		{"12 <191", 3, 12, unsure},
		{"12 <1911>", 3, 12, no},
		{"12 <>", 3, 12, no},
		{"12 x", 3, 12, no},
		{"12\t<3>", 0, 0, no},
		{"0 <3>", 0, 0, no},
		{" 12 <3>", 0, 0, no},
	} {
		head, count, is := countHead([]byte(tt.in))
		if is != tt.is || is == yes && (head != tt.head || count != tt.count) {
			t.Errorf("countHead(%q) = %d, %d, %d; want %d, %d, %d", tt.in, head, count, is, tt.head, tt.count, tt.is)
		}
	}
}

func TestStartsRecord(t *testing.T) {
	for in, want := range map[string]answer{
		"": unsure, "\n": yes, "\r\n": yes, "\x00": yes, "<1>": yes, "<": unsure, "<12": unsure, "<x": no, "1": unsure, "12 <": unsure,
		"12 <1>": yes, "12 x": no, "a": no, " <1>": no,
	} {
		if got := startsRecord([]byte(in)); got != want {
			t.Errorf("startsRecord(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestHoldsStart(t *testing.T) {
	for in, want := range map[string]bool{
		"<1>a": false, "<1>a\n<2>b": true, "<1>a\x00<2>b": true, "<1>a5 <2>b": true, "<1>a <2>b": false, "<1>a\n<b>": false, "<1><2>": false,
		"<1>a\n<2": false, "<1>xml <a><b>\n<3>": true, "": false,
	} {
		if got := holdsStart([]byte(in)); got != want {
			t.Errorf("holdsStart(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestIndexCount(t *testing.T) {
	for _, tt := range []struct {
		in          string
		from, least int
		want        int
	}{
		{"ab5 <1>c", 0, 1, 2},
		{"ab00005 <1>c", 0, 1, 6},
		{"ab123456789 <1>c", 0, 1, 4},
		{"5 <1>c", 0, 1, -1},
		{"5 <1>c", 0, 0, 0},
		{"ab <1>c", 0, 1, -1},
		{"ab5 <x>6 <2>", 0, 1, 7},
		{"ab5 <1", 0, 1, -1},
		{"no number here", 0, 1, -1},
	} {
		if got := indexCount([]byte(tt.in), tt.from, tt.least); got != tt.want {
			t.Errorf("indexCount(%q, %d, %d) = %d, want %d", tt.in, tt.from, tt.least, got, tt.want)
		}
	}
}

func TestIndexEnd(t *testing.T) {
	pad := strings.Repeat("x", 1000)
	for _, tt := range []struct {
		name, in   string
		from, want int
	}{
		{"lf first", "a\nb\x00", 0, 1}, {"nul first", "a\x00b\n", 0, 1}, {"behind from", "a\nb\nc", 2, 3}, {"none", "abc", 0, -1}, {"empty", "", 0, -1},
		{"far", pad + "\n", 0, 1000}, {"far nul before lf", pad + "\x00\n", 3, 1000}, {"lf in an earlier window", "\n" + pad + "\x00", 0, 0},
	} {
		if got := indexEnd([]byte(tt.in), tt.from); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
