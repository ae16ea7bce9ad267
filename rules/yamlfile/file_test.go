package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestSplitKeepsTheLinesOfEachDocument(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, want string
	}{
		{"one", "a\nb", "0:a|b"},
		{"two", "a\n---\nb", "0:a| 2:b"},
		{"a head alone", "---\na", "1:a"},
		{"with a comment", "a\n--- # next\nb", "0:a| 2:b"},
		{"with blanks", "a\n---  \nb", "0:a| 2:b"},
		{"empty ones between", "---\n\n---\n# x\n---\na\n---", "5:a|"},
		{"more dashes are a text", "a\n----\nb", "0:a|----|b"},
		{"indented it is a text", "a\n ---\nb", "0:a| ---|b"},
		{"nothing", "\n# x\n", ""},
	} {
		var got []string
		for _, d := range split(tc.file, strings.Split(tc.file, "\n")) {
			got = append(got, fmt.Sprintf("%d:%s", d.line, strings.ReplaceAll(d.text, "\n", "|")))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, doc string
		docs      int
		want      string
	}{
		{"a mark at the start", "\ufeffa: 1\n", 1, ""},
		{"line ends of Windows", "a: 1\r\n---\r\nb: 2\r\n", 2, ""},
		{"empty", "", 0, ""},
		{"as large as it may be", strings.Repeat("#", MaxSize-5) + "\na: 1", 1, ""},
		{"too large", strings.Repeat("#", MaxSize+1), 0, "f.yml rule-too-large: the file is larger than 1 MiB | split it; put long lists of values into a list file and use in_list\n"},
		{"bytes that are no text", "a: 1\nb: \xff\n", 0, "f.yml:2:4 rule-syntax: the file is not plain UTF-8 text | save it as UTF-8\n"},
		{"a control character", "a: 김\x01\n", 0, "f.yml:1:5 rule-syntax: the file is not plain UTF-8 text | save it as UTF-8\n"},
		{"letters of every script", "a: 김é\t\U0001f600\n", 1, ""},
	} {
		f, docs := Open("f.yml", []byte(tc.doc))
		if len(docs) != tc.docs || say(f.Faults()) != tc.want {
			t.Errorf("%s: %d documents, %s", tc.name, len(docs), say(f.Faults()))
		}
	}
}

// TestAdd: a fault has its line and a caret within it, warnings refuse nothing, one thing is told once, and not without end.
func TestAdd(t *testing.T) {
	t.Parallel()
	f, docs := Open("f.yml", []byte("a: 김치\nb: 2\n"))
	f.Body(docs[0])
	f.Add(Place{1, 4}, 2, fault.Error{Code: "x", What: "w", Warn: true})
	if f.Refused() {
		t.Error("refused by a warning")
	}
	f.Add(Place{1, 4}, 99, fault.Error{Code: "x", What: "w"})
	f.Add(Place{1, 99}, 1, fault.Error{Code: "x", What: "behind"})
	f.Add(Place{99, 1}, 1, fault.Error{Code: "x", What: "below"})
	if !f.Refused() || len(f.Faults()) != 3 {
		t.Fatal(say(f.Faults()))
	}
	a, b, c := f.Faults()[0], f.Faults()[1], f.Faults()[2]
	if a.Text != "a: 김치" || a.Mark != 4 || a.Width != 2 || b.Mark != 6 || b.Width != 1 || c.Text != "" || c.Mark != 0 {
		t.Errorf("%+v %+v %+v", a, b, c)
	}
	for i := range 2 * MaxFaults {
		f.Add(Place{2, 1}, 1, fault.Error{Code: "x", What: fmt.Sprint(i)})
	}
	if !f.Full() || len(f.Faults()) != MaxFaults {
		t.Error(len(f.Faults()))
	}
	// The next document is about itself.
	f, docs = Open("f.yml", []byte("a: [\n---\nb: 1\n"))
	f.Body(docs[0])
	if !f.Refused() || f.Body(docs[1]) == nil || f.Refused() {
		t.Error("the second document is refused for the first")
	}
	if f.Refuse(); !f.Refused() || docs[1].Place() != (Place{3, 1}) {
		t.Error("refused", docs[1].Place())
	}
}
