package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLossless: documents in which known names, open fields, unknown names and objects meet are written as they were read.
func TestLossless(t *testing.T) {
	for _, tt := range []struct{ name, doc, want string }{
		{"a known and an unknown name, and one beside their object", `{"winlog":{"channel":"Security","event_data":{"AuditPolicyChanges":"x","Foo":"y"},"foo":"z"}}`, ""},
		{"an unknown name elsewhere", `{"winlog":{"event_data":{"AuditPolicyChanges":"x","Foo":"y"}},"zzz":1}`, ""},
		{"a value and what lies below it", `{"source":"x","source.ip":"y"}`, ""},
		{"of unknown names", `{"a":{"b":1,"b.c":2,"b.c.d":3},"a.b.e":4}`, `{"a":{"b":1,"b.c":2,"b.c.d":3,"b.e":4}}`},
		{"a text and members of an open field", `{"labels":"t","labels.x":"y"}`, ""},
		{"the other way round", `{"labels.x":"y","labels":"t"}`, `{"labels":"t","labels.x":"y"}`},
		{"a list and members", `{"labels":[{"a":1}],"labels.x":"y"}`, ""},
		{"a text in a field with known names", `{"winlog":{"event_data":"t","event_data.User":"u","event_data.Foo":"f"}}`, `{"winlog":{"event_data":"t","event_data.Foo":"f","event_data.User":"u"}}`},
		{"an object in a plain field and a name below it", `{"message":{"a":1},"message.b":2}`, ""},
		{"a list of objects and an unknown name", `{"dns":{"answers":{"data":"d","foo":1}}}`, ""},
		{"an unknown name and an unknown one beside", `{"dns":{"answers":{"data":"d","foo":1}},"zzz":1}`, ""},
		{"an object and a plain value for a plain field", `{"source.ip":{"a":{"b":1}},"source":{"ip":"x"}}`, `{"source":{"ip":"x","ip.a.b":1}}`},
		{"the plain value first", `{"source.ip":"x","source":{"ip":{"a":{"b":1}}}}`, `{"source":{"ip":"x","ip.a.b":1}}`},
		{"null and a member", `{"labels":null,"labels.x":1}`, ""},
		{"more parts than a document may be deep", `{"` + strings.Repeat("a.", 100) + `a":1}`, strings.Repeat(`{"a":`, nestDepth) + `{"` + strings.Repeat("a.", 100-nestDepth) + `a":1}` + strings.Repeat("}", nestDepth)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.doc
			}
			var e Event
			for _, doc := range []string{tt.doc, tt.want} {
				if err := e.Decode([]byte(doc)); err != nil {
					t.Fatal(err)
				}
				for range 4 { // the third time a shape would have a plan
					if got := string(e.AppendJSON(nil)); got != tt.want {
						t.Fatalf("got  %s\nwant %s", got, tt.want)
					}
				}
			}
		})
	}
}

// A name in an object that takes any key, below which a list knows names.
func TestLossless_KnownBelowAMember(t *testing.T) {
	f, err := Register(0, "winlog.event_data.LosslessUpper.Known")
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	const doc = `{"winlog":{"event_data":{"Foo":"y","LosslessUpper":"plain","LosslessUpper.Known":"k"}}}`
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	if got := string(e.AppendJSON(nil)); got != doc || e.Str(f) != "k" {
		t.Errorf("got  %s\nwant %s", got, doc)
	}
}

// TestBelow_AllKeys: a key with full stops beside an object of the same beginning does not hide what is in either.
func TestBelow_AllKeys(t *testing.T) {
	var e Event
	if err := e.Decode([]byte(`{"labels":{"a":{"b":1},"a.b":{"c":2}}}`)); err != nil {
		t.Fatal(err)
	}
	if got := e.GetPath("labels.a.b.c").Text(); got != "2" {
		t.Errorf("got %q", got)
	}
}

// maker makes random documents, in which no path has two values.
type maker struct {
	r     *rand.Rand
	taken map[string]bool
	n     int // of values, each of which is another one
}

// Names of fields, of open ones, of parents of fields, and some that no list knows.
var names = []string{"winlog", "event_data", "channel", "User", "AuditPolicyChanges", "Foo", "foo", "labels", "x", "dns", "answers", "data", "name", "source", "ip", "message", "weir", "other", "", "a", "dns.answers", "event_data.Foo", "labels.x", "winlog.event_data", "source.ip", "x.y", "process", "parent", "args"}

// object makes an object below a path.
func (m *maker) object(path string, depth int) string {
	var out []string
	used := map[string]bool{}
	for range m.r.IntN(6) {
		key := names[m.r.IntN(len(names))]
		full := key
		if depth > 0 {
			full = path + "." + key
		}
		if used[key] || m.taken[full] {
			continue
		}
		used[key] = true
		value := ""
		if depth < 4 && m.r.IntN(2) == 0 {
			value = m.object(full, depth+1)
		} else {
			m.taken[full] = true
			form := []string{`"t%d!"`, `%d.25`, `true`, `null`, `[]`, `["t%d!",1]`, `[{"data":"t%d!","y":1},{"Foo":[2]}]`}[m.r.IntN(7)]
			if value = form; strings.Contains(form, "%d") {
				m.n++
				value = fmt.Sprintf(form, m.n+1000)
			}
		}
		out = append(out, fmt.Sprintf("%q:%s", key, value))
	}
	return "{" + strings.Join(out, ",") + "}"
}

// leaves returns the values of a document as encoding/json sees them, by path, sorted.
func leaves(t *testing.T, doc []byte) []string {
	t.Helper()
	var top any
	if err := json.Unmarshal(doc, &top); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	var out []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if m, ok := v.(map[string]any); ok {
			for k, v := range m {
				walk(path+"."+k, v)
			}
			return
		}
		text, _ := json.Marshal(v)
		out = append(out, path+"="+string(text))
	}
	walk("", top)
	slices.Sort(out)
	return out
}

// TestLossless_Random: whatever a document holds, decoding and encoding it loses nothing, and doing so again changes
// nothing. An event that conforms still has every text.
func TestLossless_Random(t *testing.T) {
	m := maker{r: rand.New(rand.NewPCG(7, 8))}
	var e, back Event
	for range 4000 {
		m.taken, m.n = map[string]bool{}, 0
		doc := []byte(m.object("", 0))
		if err := e.Decode(doc); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		first := e.AppendJSON(nil)
		if got, want := leaves(t, first), leaves(t, doc); !slices.Equal(got, want) {
			t.Fatalf("%s\nbecame %s:\n%q\nwant\n%q", doc, first, got, want)
		}
		if err := back.Decode(first); err != nil {
			t.Fatal(err)
		}
		for path := range m.taken {
			if got, want := back.GetPath(path), e.GetPath(path); len(leaves(t, got.AppendJSON(nil))) != len(leaves(t, want.AppendJSON(nil))) {
				t.Fatalf("%s\nbecame %s\nin which %s is %s, not %s", doc, first, path, got, want)
			}
		}
		if second := back.AppendJSON(nil); !bytes.Equal(leavesText(t, second), leavesText(t, first)) {
			t.Fatalf("%s\nbecame %s\nand then %s", doc, first, second)
		}
		e.Conform()
		conformed := e.AppendJSON(nil)
		for i := range m.n {
			text, number := fmt.Sprintf("t%d!", 1001+i), fmt.Sprintf("%d.25", 1001+i)
			if !bytes.Contains(conformed, []byte(text)) && !bytes.Contains(conformed, []byte(number)) {
				t.Fatalf("%s\nconforms to %s\nwithout %s or %s", doc, conformed, text, number)
			}
		}
	}
}

// leavesText is leaves as one text.
func leavesText(t *testing.T, doc []byte) []byte { return []byte(strings.Join(leaves(t, doc), "\n")) }
