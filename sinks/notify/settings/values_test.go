package settings

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
)

// wide has what testConfig lacks: types that no channel uses today, and one that nobody can.
type wide struct {
	Small   int16             `yaml:"small"`
	Count   uint8             `yaml:"count"`
	Size    unit.Bytes        `yaml:"size"`
	Maybe   *int              `yaml:"maybe"`
	Table   map[string]string `yaml:"table"`
	Numbers []int             `yaml:"numbers"`
	Groups  []struct {
		A string `yaml:"a"`
	} `yaml:"groups"`
	Words   []string `yaml:"words" enum:"one,two"`
	Nothing chan int `yaml:"nothing"`
	Left    string   `yaml:"-"`
	Plain   string
}

// decode reads the keys of a channel into a wide; it returns the faults as "line:col what".
func decode(t *testing.T, text string) (wide, []string) {
	t.Helper()
	var got wide
	kinds := []Kind{{Name: "wide", Config: func() any { return &wide{} }, New: func(c any, _ channel.Deps) (channel.Channel, error) {
		got = *c.(*wide)
		return &testChannel{closed: new(int)}, nil
	}}}
	_, faults := Read([]byte("channels:\n  c:\n    type: wide\n"+text+"route: {to: c}\n"), Options{Name: "n.yaml", Kinds: kinds})
	var out []string
	for _, f := range faults {
		out = append(out, strings.TrimPrefix(f.Where, "n.yaml:")+" "+f.What)
	}
	return got, out
}

func TestDecoder_Success(t *testing.T) {
	seven := 7
	for _, tc := range []struct {
		name, text string
		want       wide
	}{
		{"small numbers", "    small: -3\n    count: 200\n", wide{Small: -3, Count: 200}},
		{"a size", "    size: 16 MiB\n", wide{Size: 16 << 20}},
		{"a pointer", "    maybe: 7\n", wide{Maybe: &seven}},
		{"a table", "    table:\n      a: 1\n      \"b c\": x\n", wide{Table: map[string]string{"a": "1", "b c": "x"}}},
		{"a list", "    numbers: [1, 2]\n", wide{Numbers: []int{1, 2}}},
		{"one value for a list", "    numbers: 1_000\n", wide{Numbers: []int{1000}}},
		{"an empty list", "    numbers: []\n", wide{Numbers: []int{}}},
		{"words of a list", "    words: [one, two]\n", wide{Words: []string{"one", "two"}}},
		{"a text that looks like a number", "    table: {version: 1.10}\n", wide{Table: map[string]string{"version": "1.10"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, faults := decode(t, tc.text)
			if len(faults) > 0 || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %+v, %q", got, faults)
			}
		})
	}
	got, faults := decode(t, "    groups:\n      - {a: x}\n      - a: y\n")
	if len(faults) > 0 || len(got.Groups) != 2 || got.Groups[0].A != "x" || got.Groups[1].A != "y" {
		t.Errorf("groups %+v, %q", got.Groups, faults)
	}
}

func TestDecoder_Failure(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"too large for its type", "    count: 256\n", "4:12 `count` cannot be `256`"},
		{"negative", "    count: -1\n", "4:12 `count` cannot be `-1`"},
		{"a size without a unit that is one", "    size: 16 MB\n", "4:11 `size`: "},
		{"a word that is none of them", "    words: [one, three]\n", "4:18 `words` cannot be `three`"},
		{"a list in a list", "    numbers: [[1]]\n", "4:15 `numbers` needs one value"},
		{"a key twice in a table", "    table: {a: 1, a: 2}\n", "4:19 the key `a` is there twice"},
		{"a group where a value belongs", "    small: {a: 1}\n", "4:"},
		{"a value in a list of groups", "    groups: [x]\n", "4:14 `groups` is a group of keys"},
		{"what cannot be written at all", "    nothing: 1\n", "4:14 `nothing` cannot be configured"},
		{"a field without a name in the file", "    Plain: x\n", "4:5 unknown key `Plain` in c"},
		{"a field that is not of the file", "    \"-\": x\n", "4:5 unknown key `-` in c"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, faults := decode(t, tc.text)
			if len(faults) != 1 || !strings.HasPrefix(faults[0], tc.want) {
				t.Errorf("got %q, want %q", faults, tc.want)
			}
		})
	}
}

// TestSecrets: what is written for a secret is kept as it is written: the channel resolves it. No message quotes it.
func TestSecrets(t *testing.T) {
	f, faults, _ := read(t, "channels:\n  a: {type: post, key: hunter2, keys: [hunter3, \"env:X\"], headers: {A: hunter4}}\nroute: {to: a}\n")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	c := f.Channels["a"].Channel.(*testChannel).c
	if string(c.Key) != "hunter2" || string(c.Keys[1]) != "env:X" || string(c.Headers["A"]) != "hunter4" {
		t.Errorf("secrets %q %q", string(c.Key), string(c.Keys[1]))
	}
	_, faults, _ = read(t, "channels:\n  a: {type: post, key: hunter2, host: bad}\nroute: {to: a}\n")
	for _, e := range faults {
		if strings.Contains(e.What+e.Why+e.Do+e.Error(), "hunter2") {
			t.Errorf("a secret in %v", e)
		}
	}
}

func TestZone(t *testing.T) {
	for _, tc := range []struct {
		text, want string
	}{
		{"time_zone: Asia/Seoul\n", "Asia/Seoul"},
		{"time_zone: UTC\n", "UTC"},
		{"# none\nchannels: {}\n", "UTC"},
	} {
		f, faults, _ := read(t, tc.text)
		if len(faults) > 0 || f.Zone.String() != tc.want {
			t.Errorf("%q: %v, %v", tc.text, f, faults)
		}
	}
	for _, bad := range []string{"''", "Nowhere/City", "../../etc/passwd", "[UTC]", "+09:00"} {
		if f, _, _ := read(t, "time_zone: "+bad+"\n"); f != nil {
			t.Errorf("%s is a zone: %s", bad, f.Zone)
		}
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "0": 0, "30d": 30 * 24 * time.Hour, "1m": time.Minute} {
		f, faults, _ := read(t, "channels: {a: {type: shout}}\nroute: {to: a, repeat: "+text+"}\n")
		if len(faults) > 0 || f.Route.Repeat != want {
			t.Errorf("%s: %v", text, faults)
		}
	}
	for _, bad := range []string{"31d", "59s", "-1h", "1 hour", "[1h]", "''"} {
		if f, _, _ := read(t, "channels: {a: {type: shout}}\nroute: {to: a, repeat: "+bad+"}\n"); f != nil {
			t.Errorf("%s is taken as %s", bad, f.Route.Repeat)
		}
	}
}
