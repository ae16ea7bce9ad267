package snmptrap

import (
	"bytes"
	"testing"
)

func TestBER_Next(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      string
		tag     byte
		content string
		rest    string
		ok      bool
	}{
		{"short", "\x04\x02abZ", 4, "ab", "Z", true},
		{"empty", "\x04\x00", 4, "", "", true},
		{"long form", "\x04\x81\x02abZ", 4, "ab", "Z", true},
		{"longer than it need be", "\x04\x84\x00\x00\x00\x01a", 4, "a", "", true},
		{"nothing", "", 0, "", "", false},
		{"a tag alone", "\x04", 0, "", "", false},
		{"indefinite", "\x30\x80ab\x00\x00", 0, "", "", false},
		{"five bytes of length", "\x04\x85\x00\x00\x00\x00\x01a", 0, "", "", false},
		{"longer than the rest", "\x04\x05ab", 0, "", "", false},
		{"a length that is cut", "\x04\x82\x01", 0, "", "", false},
		{"a huge length", "\x04\x84\xff\xff\xff\xffab", 0, "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := ber{rest: []byte(tt.in), at: 7}
			tag, content, at := b.next()
			if b.failed == tt.ok || tag != tt.tag || string(content) != tt.content || tt.ok && string(b.rest) != tt.rest {
				t.Fatalf("tag %d, %q, rest %q, failed %v", tag, content, b.rest, b.failed)
			}
			if tt.ok && !bytes.Equal([]byte(tt.in)[at-7:][:len(content)], content) {
				t.Errorf("it does not begin at %d", at)
			}
		})
	}
}

func TestBER_FailsForGood(t *testing.T) {
	b := ber{rest: []byte("\x04\x01a\x02\x01\x05")}
	b.take(tagInteger)
	if n := b.integer(); n != 0 || !b.failed {
		t.Errorf("read %d behind a failure", n)
	}
	if inner := b.enter(); !inner.failed {
		t.Error("a sequence behind a failure is read")
	}
}

func TestBER_Integer(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int64
		ok       bool
	}{
		{"zero", "\x02\x01\x00", 0, true},
		{"negative", "\x02\x01\xff", -1, true},
		{"four bytes", "\x02\x04\x7f\xff\xff\xff", 1<<31 - 1, true},
		{"unsigned of 32 bits", "\x02\x05\x00\xff\xff\xff\xff", 1<<32 - 1, true},
		{"no byte", "\x02\x00", 0, false},
		{"too long", "\x02\x06\x00\x00\x00\x00\x00\x01", 0, false},
		{"another type", "\x04\x01\x00", 0, false},
	} {
		b := ber{rest: []byte(tt.in)}
		if got := b.integer(); got != tt.want || b.failed == tt.ok {
			t.Errorf("%s: %d, failed %v", tt.name, got, b.failed)
		}
	}
}

// FuzzBER holds the reader to this: elements that it reads lie in the input one behind the other, and never overlap.
func FuzzBER(f *testing.F) {
	for _, s := range []string{"", "\x30\x03\x02\x01\x00", "\x04\x84\xff\xff\xff\xff", "\x30\x80\x00\x00", "\x04\x81\x00\x02\x01\x05"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		b := ber{rest: in}
		end := 0
		for !b.failed {
			_, content, at := b.next()
			if b.failed {
				break
			}
			if at < end+2 || at+len(content) > len(in) || b.at != at+len(content) || len(b.rest) != len(in)-b.at {
				t.Fatalf("content at %d, %d long, after %d of %d", at, len(content), end, len(in))
			}
			end = b.at
		}
	})
}
