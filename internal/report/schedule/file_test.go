package schedule

import (
	"strings"
	"testing"
	"time"
)

// whole is a file with everything.
const whole = `# reports of the compliance team
- report: access-review
  every: month on 3 08:00
  timezone: Asia/Seoul
  lang: ko
  format: [pdf, csv]
  to: [mail-compliance]
  folder: /srv/reports
- {report: mapping, name: isms-p, every: week on mon 07:30, folder: out}
`

// options know a channel and a mapping.
func options() FileOptions {
	return FileOptions{Name: "/data/reports.yaml", Channels: []string{"mail-compliance", "mail-soc"}, Mappings: []string{"isms-p"}}
}

// TestRead: what a file says, with what it leaves out filled in.
func TestRead(t *testing.T) {
	list, faults := Read([]byte(whole), options())
	if len(faults) > 0 || len(list) != 2 {
		t.Fatalf("%d entries, %v", len(list), faults)
	}
	a, b := list[0], list[1]
	if a.Report != "access-review" || a.Every.String() != "month on 3 08:00" || a.Zone.String() != "Asia/Seoul" || a.Lang != "ko" || strings.Join(a.Formats, " ") != "pdf csv" || strings.Join(a.To, " ") != "mail-compliance" || a.Folder != "/srv/reports" || a.Line != 2 {
		t.Errorf("%+v", a)
	}
	if b.Name != "isms-p" || b.Lang != "en" || strings.Join(b.Formats, " ") != "pdf" || b.Folder != "/data/out" || b.Zone != time.UTC {
		t.Errorf("%+v", b)
	}
	if a.id() == b.id() || a.id() != list[0].id() {
		t.Error("names of entries")
	}
	for _, empty := range []string{"", "# nothing\n\n", "\ufeff# nothing"} {
		if list, faults := Read([]byte(empty), options()); len(list)+len(faults) > 0 {
			t.Errorf("%q: %v, %v", empty, list, faults)
		}
	}
}

// TestRead_mistakes: each with its place and what to do; then nothing of the file is used.
func TestRead_mistakes(t *testing.T) {
	for name, c := range map[string]struct{ from, to, what, do, where string }{
		"unknown key":        {"lang: ko", "lnag: ko", "unknown key `lnag`", "did you mean `lang`?", ":5:3"},
		"unknown report":     {"report: access-review", "report: acces-review", "acces-review", "", ":2:"},
		"unknown channel":    {"[mail-compliance]", "[mail-complianc]", "there is no channel of notify.yaml `mail-complianc`", "did you mean `mail-compliance`?", ":7:8"},
		"unknown form":       {"[pdf, csv]", "[pdf, docx]", "there is no form `docx`", "", ":6:17"},
		"twice":              {"[pdf, csv]", "[pdf, pdf]", "`pdf` is there twice", "write it once", ":6:17"},
		"unknown zone":       {"Asia/Seoul", "Asia/Seul", "there is no time zone `Asia/Seul`", "write Asia/Seoul or UTC", ":4:13"},
		"no time":            {"month on 3 08:00", "month on 3", "`every` cannot be read", "write `month on 3 08:00`", ":3:10"},
		"no every":           {"  every: month on 3 08:00\n", "", "the entry has no `every`", "add every", ":2:"},
		"no report":          {"- report: access-review\n  every", "- every", "the entry has no `report`", "add report", ":2:"},
		"nowhere":            {"  to: [mail-compliance]\n  folder: /srv/reports\n", "", "the report goes nowhere", "add folder", ":2:"},
		"a name too many":    {"report: access-review", "report: sources\n  name: isms-p", "`name` belongs to a report of a mapping", "", ":2:"},
		"a name too few":     {"name: isms-p, ", "", "`name` belongs to a report of a mapping", "", ":9:"},
		"unknown mapping":    {"name: isms-p", "name: isms-q", "there is no mapping `isms-q`", "there are isms-p", ":9:"},
		"no list":            {whole, "report: sources\n", "the file is a list", "", ":1:"},
		"an entry is none":   {whole, "- sources\n", "an entry is a list of keys and values", "", ":1:"},
		"two documents":      {whole, whole + "---\n" + whole, "a second document begins here", "", ""},
		"no YAML":            {whole, "- [", "", "", ""},
		"no text":            {whole, "\xff", "", "", ""},
		"a language of ours": {"lang: ko", "lang: kr", "kr", "", ":5:"},
	} {
		t.Run(name, func(t *testing.T) {
			list, faults := Read([]byte(strings.Replace(whole, c.from, c.to, 1)), options())
			if len(list) > 0 || len(faults) == 0 {
				t.Fatalf("%d entries, %v", len(list), faults)
			}
			f := faults[0]
			if !strings.Contains(f.What, c.what) || !strings.Contains(f.Do, c.do) || !strings.Contains(f.Where, c.where) || f.Code != "report-schedule" || f.Exit != 2 {
				t.Errorf("%s at %s: %s (%s, exit %d)", f.What, f.Where, f.Do, f.Code, f.Exit)
			}
		})
	}
}

// FuzzRead: any bytes are entries that can be made, or a fault.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("- {report: sources, every: day 08:00, folder: ../../x}"))
	f.Add([]byte("- *a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, faults := Read(b, FileOptions{Name: "/data/reports.yaml"})
		if len(list) > 0 && len(faults) > 0 {
			for _, x := range faults {
				if !x.Warn {
					t.Errorf("entries beside %v", x)
				}
			}
		}
		for i := range list {
			e := &list[i]
			if e.Report == "" || len(e.Formats) == 0 || len(e.targets()) == 0 || e.Zone == nil || e.Every.unit == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
