package event

import "testing"

func TestReader(t *testing.T) {
	var r Reader
	const first, second = `{"a":{"b":[1,"x\n",true]},"c":null}`, `["y",{"d":2.5}]`
	v, err := r.Value(first)
	if err != nil || v.String() != first {
		t.Fatalf("got %s, %v", v, err)
	}
	// Several values of one message stand beside each other.
	w, err := r.Value(" " + second + "\n")
	if err != nil || w.String() != second || v.String() != first {
		t.Fatalf("got %s beside %s, %v", w, v, err)
	}
	for _, broken := range []string{"", "{", `{"a":1}x`, `[1,{"b":[2,`} {
		if v, err := r.Value(broken); err == nil || v.Kind() != Absent {
			t.Errorf("got %s of %q", v, broken)
		}
	}
	r.Reset()
	if v, err := r.Value(second); err != nil || v.String() != second {
		t.Errorf("after the end of a message: %s, %v", v, err)
	}
	if n := testing.AllocsPerRun(100, func() {
		r.Reset()
		_, _ = r.Value(second)
	}); n > 0 {
		t.Errorf("reading allocates %v times", n)
	}
}

// FuzzReader compares with ParseValue.
func FuzzReader(f *testing.F) {
	f.Add(`{"a":[1,2,{"b":"\u00e9"}]}`, `[]`)
	f.Add(`{"a":`, `{"a":1}`)
	f.Fuzz(func(t *testing.T, one, two string) {
		var r Reader
		for _, s := range []string{one, two, one} {
			got, err := r.Value(s)
			want, wantErr := ParseValue([]byte(s))
			if (err == nil) != (wantErr == nil) || got.String() != want.String() {
				t.Fatalf("got %s, %v; want %s, %v", got, err, want, wantErr)
			}
		}
	})
}
