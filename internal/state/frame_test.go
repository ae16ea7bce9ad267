package state

import (
	"bytes"
	"testing"
)

func TestFrame(t *testing.T) {
	frame := appendFrame([]byte("before"), []Change{{"a", []byte("1")}, {"b", nil}, {"", []byte{}}})
	frame = appendFrame(frame, nil)
	values := map[string][]byte{"b": []byte("old"), "c": []byte("stays")}
	left := frame[len("before"):]
	for range 2 {
		body, rest, ok := nextFrame(left)
		if !ok {
			t.Fatal("no frame")
		}
		if err := applyFrame(values, body); err != nil {
			t.Fatal(err)
		}
		left = rest
	}
	if len(left) != 0 || len(values) != 3 || string(values["a"]) != "1" || string(values["c"]) != "stays" || values[""] == nil {
		t.Errorf("%q, %d bytes left", values, len(left))
	}
}

func TestFrame_BrokenBodies(t *testing.T) {
	for _, body := range [][]byte{{}, {1}, {1, 5, 'a'}, {1, 1, 'a'}, {1, 1, 'a', 9, 'b'}, {0, 7}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 1}} {
		if err := applyFrame(map[string][]byte{}, body); err == nil {
			t.Errorf("%v is taken for a body", body)
		}
	}
}

// FuzzFrame: bytes from a disk are either refused or mean the same when they are written again.
func FuzzFrame(f *testing.F) {
	f.Add(appendFrame(nil, []Change{{"a", []byte("1")}, {"b", nil}}))
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		body, rest, ok := nextFrame(in)
		if !ok {
			body, rest = in, nil // past the checksum
		}
		if len(rest) > len(in) {
			t.Fatal("more is left than there was")
		}
		values := map[string][]byte{}
		if applyFrame(values, body) != nil {
			return
		}
		var changes []Change
		for k, v := range values {
			changes = append(changes, Change{k, v})
		}
		again := map[string][]byte{}
		body, rest, ok = nextFrame(appendFrame(nil, changes))
		if !ok || len(rest) != 0 || applyFrame(again, body) != nil || len(again) != len(values) {
			t.Fatalf("%q is not read back: %q", values, again)
		}
		for k, v := range values {
			if !bytes.Equal(again[k], v) {
				t.Fatalf("%q became %q", v, again[k])
			}
		}
	})
}
