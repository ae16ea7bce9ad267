package users

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/fault"
)

const people = `name,aliases,department,owner,privileged,criticality,valid_from,valid_to
kim,kim@example.com SEOUL\minsu 1007,sales,lee,no,low,,
root,,,ops,yes,critical,,
minsu,,lab,cho,,,,2024-04-30
minsu,,logistics,cho,,,2024-05-01,
`

func load(t *testing.T, name, text string) (*List, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestAdd(t *testing.T) {
	l, err := load(t, "users.csv", people)
	if err != nil || l.Len() != 4 {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, doc, want string
		found, missed   int
	}{
		{"by name", `{"user":{"name":"KIM"}}`, `{"criticality":"low","department":"sales","name":"kim","owner":"lee","privileged":false}`, 1, 0},
		{"by mail", `{"user":{"name":"someone","email":"Kim@Example.com"}}`, `{"criticality":"low","department":"sales","name":"kim","owner":"lee","privileged":false}`, 1, 0},
		{"by number", `{"user":{"id":"1007"}}`, `{"criticality":"low","department":"sales","name":"kim","owner":"lee","privileged":false}`, 1, 0},
		{"with a domain", `{"user":{"name":"minsu","domain":"seoul"}}`, `{"criticality":"low","department":"sales","name":"kim","owner":"lee","privileged":false}`, 1, 0},
		{"in April", `{"@timestamp":"2024-04-30T12:00:00Z","user":{"name":"minsu"}}`, `{"department":"lab","name":"minsu","owner":"cho"}`, 1, 0},
		{"in May", `{"@timestamp":"2024-05-01T00:00:00Z","user":{"name":"minsu"}}`, `{"department":"logistics","name":"minsu","owner":"cho"}`, 1, 0},
		{"both", `{"source":{"user":{"name":"kim"}},"user":{"target":{"name":"root"}}}`,
			`{"criticality":"low","department":"sales","name":"kim","owner":"lee","privileged":false,"target":{"criticality":"critical","name":"root","owner":"ops","privileged":true}}`, 2, 0},
		{"unknown", `{"user":{"name":"nobody"}}`, `null`, 0, 1},
		{"none", `{"message":"x"}`, `null`, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			found, missed := l.Add(&e)
			var doc struct{ Weir struct{ User any } }
			if err := json.Unmarshal(e.AppendJSON(nil), &doc); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(doc.Weir.User)
			if err != nil || string(got) != tt.want || found != tt.found || missed != tt.missed {
				t.Errorf("%d found, %d missed\ngot  %s\nwant %s", found, missed, got, tt.want)
			}
			if found > 0 && !e.Has(event.RelatedUser) {
				t.Error("the name of the list is not in related.user")
			}
		})
	}
}

func TestLoad_Mistakes(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"unknown column", "u.csv", "name,manager\n", `u.csv:1:6: unknown column "manager"`},
		{"no name", "u.csv", "name,owner\n,x\n", "u.csv:2:1: a user has no name"},
		{"twice", "u.csv", "name,aliases\na,b\nB,\n", "u.csv:3:1: B is called B, as a is"},
		{"privileged", "u.yaml", "- name: a\n  privileged: maybe\n", `u.yaml:2:15: unknown privileged "maybe"`},
		{"criticality", "u.csv", "name,criticality\na,x\n", `u.csv:2:3: unknown criticality "x"`},
		{"date", "u.csv", "name,valid_to\na,x\n", `u.csv:2:3: "x" is no date`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := load(t, tt.file, tt.text)
			var list fault.List
			if !errors.As(err, &list) || l != nil || len(list) != 1 || list[0].Code != "users-invalid" || !strings.HasSuffix(list[0].Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestLoad_Same(t *testing.T) {
	l, err := load(t, "u.yaml", "- name: a\n  aliases: [x, y]\n  privileged: true\n")
	if err != nil || l.Find("Y", 0) == nil || !l.Find("a", 0).Privileged || l.Find("z", 0) != nil || l.Find("", 0) != nil {
		t.Errorf("%+v %v", l, err)
	}
}

func TestHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	h, err := NewHolder(path)
	if err != nil || h.List().Len() != 0 {
		t.Fatalf("a file that is not there: %v", err)
	}
	put := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("name\na\n")
	if err := h.Reload(); err != nil || h.List().Find("a", 0) == nil {
		t.Errorf("%v", err)
	}
	before := h.List()
	put("nme\nb\n")
	if err := h.Reload(); err == nil || h.List() != before {
		t.Errorf("a mistake took the list away: %v", err)
	}
	put("nme\n")
	if h, err := NewHolder(path); err == nil || h.List().Len() != 0 {
		t.Error("a list that begins with a mistake is empty, and says so")
	}
}

func BenchmarkAdd(b *testing.B) {
	path := filepath.Join(b.TempDir(), "users.csv")
	if err := os.WriteFile(path, []byte(people), 0o600); err != nil {
		b.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		b.Fatal(err)
	}
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		e.SetStr(event.UserName, "kim")
		e.SetStr(event.UserTargetName, "nobody")
		l.Add(&e)
	}
}
