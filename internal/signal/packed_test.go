package signal

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestPack(t *testing.T) {
	s := full()
	want := `{"message":"a \"b\"\n","user.name":"김민수"}`
	if got := string(s.Pack([]byte("x"))); got != "x"+want {
		t.Errorf("packed %s", got)
	}
	s.Values, s.Packed = nil, want
	if got := string(s.Pack(nil)); got != want {
		t.Errorf("packed again %s", got)
	}
	if b, err := Encode(s); err != nil || !strings.Contains(string(b), `"values":`+want+`}`) {
		t.Errorf("written as %s, %v", b, err)
	}
	if got := (&Signal{}).Pack(nil); len(got) != 0 {
		t.Errorf("no values are %s", got)
	}
}

func TestGet(t *testing.T) {
	packed := `{"":"none","b":"x","c\"d":"\u00e9","z":""}`
	cases := []struct {
		key, want string
		ok        bool
	}{{"", "none", true}, {"a", "", false}, {"b", "x", true}, {`c"d`, "é", true}, {"y", "", false}, {"z", "", true}, {"zz", "", false}}
	for _, c := range cases {
		if got, ok := Get(packed, c.key); got != c.want || ok != c.ok {
			t.Errorf("%q: %q, %v", c.key, got, ok)
		}
	}
	for _, odd := range []string{"", "{", "{}", `{"b`, `{"b":`, `{"b":"`, `["b"]`, `{"b":1}`} {
		if got, ok := Get(odd, "b"); ok {
			t.Errorf("%s: %q", odd, got)
		}
	}
}

func TestCut(t *testing.T) {
	long := strings.Repeat("김", 400)
	packed := string((&Signal{Values: map[string]string{"a": "x", "b": long, "c": "y"}}).Pack(nil))
	got := map[string]string{}
	Each(string(Cut(nil, packed, 1024)), func(k, v string) { got[k] = v })
	if len(got) != 3 || got["a"] != "x" || got["c"] != "y" || len(got["b"]) > 1024 || len(got["b"]) < 1000 || !strings.HasSuffix(got["b"], "김…") {
		t.Errorf("cut to %d bytes: %v", len(got["b"]), got)
	}
	short := `{"a":"x"}`
	if got := string(Cut([]byte("<"), short, 8)); got != "<"+short {
		t.Errorf("what is short became %s", got)
	}
	if got := string(Cut(nil, "", 8)); got != "" {
		t.Errorf("nothing became %s", got)
	}
}

// Whatever a map holds, packed it is the same; what is no packed value is read without harm.
func FuzzPacked(f *testing.F) {
	f.Add("user.name", "김민수", `{"a":"b"}`)
	f.Add("a\"", "\\", `{"a":"b\\","c":"`)
	f.Fuzz(func(t *testing.T, key, value, odd string) {
		in := map[string]string{key: value, "b": "x"}
		packed := string((&Signal{Values: in}).Pack(nil))
		want := map[string]string{}
		if err := json.Unmarshal([]byte(packed), &want); err != nil {
			t.Fatalf("%s: %v", packed, err)
		}
		got, keys := map[string]string{}, []string(nil)
		Each(packed, func(k, v string) { got[k] = v; keys = append(keys, k) })
		if !maps.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", packed, got, want)
		}
		cut := map[string]string{}
		Each(string(Cut(nil, packed, 16)), func(k, v string) { cut[k] = v })
		if len(cut) != len(got) || slices.ContainsFunc(slices.Collect(maps.Values(cut)), func(v string) bool { return len(v) > 16 }) {
			t.Fatalf("%s was cut to %v", packed, cut)
		}
		Each(odd, func(k, _ string) { Get(odd, k) })
		Cut(nil, odd, 4)
	})
}
