package mapping_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/report"
	"weir/internal/report/doc"
	"weir/internal/report/mapping"
	"weir/internal/report/prose"
)

// load reads the shipped mappings, and those of a folder.
func load(t testing.TB, folder string) ([]*mapping.Mapping, fault.List) {
	t.Helper()
	list, faults, err := mapping.Load(mapping.Options{Folder: folder, Sections: report.Sections})
	if err != nil {
		t.Fatal(err)
	}
	return list, faults
}

// TestShipped: every search of the shipped mappings is KQL over fields that exist, every section exists, both languages are
// there, and nothing says that it was read on a day that is none.
func TestShipped(t *testing.T) {
	list, faults := load(t, "")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, m.ID)
		if m.Title.En == "" || m.Title.Ko == "" || m.Note.En == "" || m.Note.Ko == "" {
			t.Errorf("%s lacks a language", m.ID)
		}
		for _, c := range m.Controls {
			if c.Shows.En == "" || c.Shows.Ko == "" || len(c.Searches)+len(c.Sections) == 0 {
				t.Errorf("%s %s lacks a language, or is shown by nothing", m.ID, c.Number)
			}
			if c.Status == "read" && c.Checked == "never" || c.Status == "never" && c.Checked != "never" {
				t.Errorf("%s %s: %s, checked %s", m.ID, c.Number, c.Status, c.Checked)
			}
			for _, s := range c.Searches {
				q, err := query.Parse(s.KQL)
				if err != nil {
					t.Fatalf("%s %s: %v", m.ID, c.Number, err)
				}
				if w := q.Unknown(func(string) bool { return false }); len(w) > 0 {
					t.Errorf("%s %s: %s: %v", m.ID, c.Number, s.KQL, w[0])
				}
				if s.Name.En == "" || s.Name.Ko == "" {
					t.Errorf("%s %s: %s lacks a language", m.ID, c.Number, s.KQL)
				}
			}
			for _, s := range c.Sections {
				kind, name, _ := strings.Cut(s, "/")
				if !slices.Contains(report.Sections(kind), name) {
					t.Errorf("%s %s: there is no section %s", m.ID, c.Number, s)
				}
			}
		}
	}
	if !slices.Equal(ids, []string{"isms-p", "iso-27001-a8", "pci-dss-10"}) {
		t.Errorf("mappings %v", ids)
	}
	var numbers []string
	isms, err := mapping.Find(list, "isms-p")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range isms.Controls {
		numbers = append(numbers, c.Number)
	}
	if !slices.Equal(numbers, []string{"2.5.6", "2.9.4", "2.9.5", "2.9.6", "2.11.3"}) {
		t.Errorf("numbers of ISMS-P %v", numbers)
	}
}

// TestFind: the nearest name, else all of them.
func TestFind(t *testing.T) {
	list, _ := load(t, "")
	for id, want := range map[string]string{"nist": "there are isms-p, iso-27001-a8, pci-dss-10", "isms-q": "did you mean `isms-p`?"} {
		_, err := mapping.Find(list, id)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Do != want {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// own is a file of one's own.
const own = `id: house-rules
title: House rules
controls:
  - number: "7"
    shows: {ko: 로그인, en: Logons}
    searches:
      - {kql: "event.category: authentication", top: user.name, expect: daily}
    sections: [retention/holds]
`

// TestLoad_own: one's own files come beside the shipped ones, and one with the same id takes the place of it.
func TestLoad_own(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": own, "b.yaml": strings.Replace(own, "house-rules", "isms-p", 1), "c.txt": "no mapping"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, faults := load(t, dir)
	if len(faults) > 0 || len(list) != 4 {
		t.Fatalf("%d mappings, %v", len(list), faults)
	}
	m, err := mapping.Find(list, "isms-p")
	if err != nil || len(m.Controls) != 1 || m.File != filepath.Join(dir, "b.yaml") || m.Title.In("ko") != "House rules" {
		t.Errorf("%+v, %v", m, err)
	}
	c := m.Controls[0]
	if c.Status != "never" || c.Checked != "never" || c.Searches[0].Name.En != "event.category: authentication" || c.Searches[0].Expect != mapping.Daily || c.Shows.In("ko") != "로그인" {
		t.Errorf("%+v", c)
	}
}

// TestLoad_mistakes: each with its place, and what to do; the shipped mappings are there all the same.
func TestLoad_mistakes(t *testing.T) {
	for name, c := range map[string]struct{ text, what, where string }{
		"no KQL":              {strings.Replace(own, "event.category: authentication", "(event.category:", 1), "this is no KQL", ":7:"},
		"unknown section":     {strings.Replace(own, "retention/holds", "retention/hold", 1), "the report retention has no section `hold`", ":8:"},
		"unknown report":      {strings.Replace(own, "retention/holds", "retentions/holds", 1), "is a section of no report", ":8:"},
		"unknown key":         {strings.Replace(own, "expect:", "expects:", 1), "unknown key `expects`", ":7:"},
		"unknown expectation": {strings.Replace(own, "daily", "weekly", 1), "weekly", ":7:"},
		"no number":           {strings.Replace(own, `number: "7"`, `status: read`, 1), "the control has no `number`", ":4:"},
		"no day":              {strings.Replace(own, `number: "7"`, `number: "7", checked: soon`, 1), "", ":4:"},
		"nothing shows it":    {"id: a\ncontrols: [{number: \"1\"}]\n", "nothing shows this control", ":2:"},
		"no id":               {"title: a\ncontrols: [{number: \"1\", sections: retention/law}]\n", "no `id`", ":1:"},
		"a bad id":            {"id: ../a\ncontrols: [{number: \"1\", sections: retention/law}]\n", "no `id`", ":1:"},
		"no controls":         {"id: a\n", "no `controls`", ":1:"},
		"controls are none":   {"id: a\ncontrols: 7\n", "`controls` is a list", ":2:"},
		"a control is none":   {"id: a\ncontrols: [7]\n", "a control is a list of keys and values", ":2:"},
		"two documents":       {own + "---\n" + own, "a second document begins here", ""},
		"no YAML":             {"id: [", "", ""},
		"no text":             {"\xff\xfe", "", ""},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.yaml"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, faults := load(t, dir)
		if len(faults) == 0 || len(list) != 3 {
			t.Errorf("%s: %d mappings, no fault", name, len(list))
			continue
		}
		f := faults[0]
		if !strings.Contains(f.What, c.what) || !strings.Contains(f.Where, c.where) || f.Code != "report-mapping" || strings.Contains(f.What+f.Do, "rule") {
			t.Errorf("%s: %s at %s (%s)", name, f.What, f.Where, f.Do)
		}
	}
}

// FuzzLoad: any bytes are a mapping whose searches can be run, or at least one fault.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(own))
	f.Add([]byte("id: a\ncontrols: [{number: '1', searches: [{kql: '*'}]}]"))
	f.Add([]byte("&a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.yaml"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		list, faults := load(t, dir)
		if len(list) == 3 && len(faults) == 0 && !slices.ContainsFunc(list, func(m *mapping.Mapping) bool { return m.File != filepath.Base(m.File) }) {
			t.Error("neither a mapping nor a fault")
		}
		for _, m := range list {
			for _, c := range m.Controls {
				for _, s := range c.Searches {
					if _, err := query.Parse(s.KQL); err != nil {
						t.Errorf("%q was taken", s.KQL)
					}
				}
			}
		}
	})
}

// begin is November in UTC.
var begin = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// TestGather: each control with its evidence, gaps by name, and what cannot be had as a gap with its reason.
func TestGather(t *testing.T) {
	m := &mapping.Mapping{ID: "x", Title: mapping.Text{En: "X"}, Controls: []mapping.Control{
		{Number: "1", Status: "read", Checked: "2026-11-21", Searches: []mapping.Search{{KQL: "some", Expect: mapping.Some}, {KQL: "none", Expect: mapping.None}, {KQL: "daily", Top: "user.name", Expect: mapping.Daily}, {KQL: "any", Expect: mapping.Any}, {KQL: "broken", Expect: mapping.Any}}},
		{Number: "2", Status: "never", Checked: "never", Sections: []string{"retention/holds", "retention/law", "sources/clock"}},
		{Number: "3", Status: "memory", Checked: "never", Searches: []mapping.Search{{KQL: "damaged", Expect: mapping.Any}}},
	}}
	asked, steps := 0, []int{}
	r := mapping.Reader{
		Search: func(_ context.Context, kql, top string, from, to time.Time, _ *time.Location) (mapping.Found, error) {
			switch kql {
			case "none":
				return mapping.Found{Hits: 3}, nil
			case "daily":
				days := make([]int64, 30)
				for i := range 20 {
					days[i] = int64(i % 2)
				}
				return mapping.Found{Hits: 10, Days: days, Top: []mapping.Value{{Value: top, Count: 10}}}, nil
			case "broken":
				return mapping.Found{}, errors.New("no such thing")
			case "damaged":
				return mapping.Found{Hits: 1, Unreadable: 2}, nil
			}
			return mapping.Found{}, nil
		},
		Report: func(_ context.Context, kind string) (*doc.Document, error) {
			asked++
			if kind == "sources" {
				return nil, errors.New("it is elsewhere")
			}
			return &doc.Document{Blocks: []doc.Block{{}, {Table: &doc.Table{Name: "law", Rows: [][]doc.Cell{{{Mark: "warn"}, {Mark: "bad"}}, {{}}}}}, {Table: &doc.Table{Name: "law.hr", Rows: [][]doc.Cell{{{}}}}}, {Table: &doc.Table{Name: "holds"}}}}, nil
		},
		Step: func(done, all int) { steps = append(steps, done, all) },
	}
	f, err := mapping.Gather(t.Context(), r, m, begin, begin.AddDate(0, 1, 0), nil, begin.AddDate(0, 0, 22).Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for i := range f.Shown {
		states = append(states, f.Shown[i].State())
		for _, s := range f.Shown[i].Searches {
			states = append(states, s.State)
		}
		for _, s := range f.Shown[i].Sections {
			states = append(states, s.State)
		}
	}
	if got, want := strings.Join(states, " "), "gap gap look gap nothing gap gap nothing look gap look look"; got != want {
		t.Errorf("states %s, want %s", got, want)
	}
	daily := f.Shown[0].Searches[2]
	if len(daily.Missing) != mapping.MaxDays || daily.Missing[0] != "2026-11-01" || daily.Left != 2 || daily.Top[0].Value != "user.name" {
		t.Errorf("%+v", daily)
	}
	if s := f.Shown[1].Sections[1]; s.Rows != 3 || s.Warn != 1 || s.Bad != 1 || asked != 2 {
		t.Errorf("%+v, asked for %d reports", s, asked)
	}
	if len(steps) != 12 || steps[10] != 5 || steps[11] != 6 {
		t.Errorf("steps %v", steps)
	}
	for lang, want := range map[string][]string{"en": {"no evidence: no such thing", "no evidence: it is elsewhere", "2026-11-01", "and 2 more days", "to be looked at"}, "ko": {"증적 없음", "확인 필요", "외 2일"}} {
		d := mapping.Document(f, prose.Voice{Lang: lang})
		text := ""
		for _, b := range d.Blocks {
			if b.Table == nil {
				continue
			}
			if !b.Table.Whole() || b.Table.Empty == "" {
				t.Errorf("%s is not whole", b.Table.Name)
			}
			for _, row := range b.Table.Rows {
				for _, c := range row {
					text += c.Text + "\n"
				}
			}
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, text)
			}
		}
		if n := prose.Notes(d); len(n) != 1 || !strings.ContainsAny(n[0], "2") {
			t.Errorf("notes %q", n)
		}
	}
}

// TestShown_State: a control of which nothing was found is not shown; beside anything else that nothing counts for nothing.
func TestShown_State(t *testing.T) {
	for parts, want := range map[string]string{"": mapping.Gap, "nothing": mapping.Gap, "nothing nothing": mapping.Gap, "nothing ok": mapping.OK, "ok look": mapping.Look, "look gap nothing": mapping.Gap} {
		var a, b mapping.Shown
		for p := range strings.FieldsSeq(parts) {
			a.Searches = append(a.Searches, mapping.SearchShown{State: p})
			b.Sections = append(b.Sections, mapping.SectionsShown{State: p})
		}
		if a.State() != want || b.State() != want {
			t.Errorf("%q: %s and %s, want %s", parts, a.State(), b.State(), want)
		}
	}
}

// TestGather_ended: who goes away ends it, and gets no report of gaps.
func TestGather_ended(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := mapping.Reader{Search: func(ctx context.Context, _, _ string, _, _ time.Time, _ *time.Location) (mapping.Found, error) {
		cancel()
		return mapping.Found{}, ctx.Err()
	}}
	m := &mapping.Mapping{Controls: []mapping.Control{{Number: "1", Searches: []mapping.Search{{KQL: "*"}}}}}
	if _, err := mapping.Gather(ctx, r, m, begin, begin.AddDate(0, 1, 0), nil, begin); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
