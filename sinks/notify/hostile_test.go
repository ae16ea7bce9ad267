package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
)

// foreignAlerts are records of weir.alerts that no weir wrote.
func foreignAlerts() map[string]string {
	long := strings.Repeat("x", 1<<20)
	whole := `"rule":"r","title":"t","group":{"host.name":"web-9"},"what":"w","first":"2026-11-21T10:00:00Z","last":"2026-11-21T10:00:00Z","created":"2026-11-21T10:00:00Z"`
	return map[string]string{
		"no bytes":            "",
		"not JSON":            "\x00\xff garbage",
		"null":                "null",
		"another JSON":        `["a"]`,
		"revision too large":  `{"id":"f1","revision":99999999999999999999}`,
		"greatest revision":   `{"id":"f2","revision":9223372036854775807,"level":"critical","count":9223372036854775807,` + whole + `}`,
		"negative count":      `{"id":"f3","revision":1,"level":"critical","count":-9223372036854775808,` + whole + `}`,
		"nothing but an id":   `{"id":"f4","revision":1}`,
		"unknown level":       `{"id":"f5","revision":1,"level":"bananas",` + whole + `}`,
		"id of a megabyte":    `{"id":"` + long + `","revision":1,"level":"critical",` + whole + `}`,
		"value of a megabyte": `{"id":"f6","revision":1,"level":"critical","rule":"r","group":{"host.name":"` + long + `"}}`,
		"controls":            `{"id":"f7\u0000","revision":1,"level":"critical","rule":"r\r\nBcc: eve@example.org","title":"\u001b]0;owned\u0007","group":{"host.name":"a\r\nb\u0000"}}`,
		"not UTF-8":           `{"id":"f8","revision":1,"level":"critical","rule":"r","group":{"host.name":"` + "\xff\xfe" + `"}}`,
		"names channels":      `{"id":"f9","revision":1,"level":"critical","rule":"r","notify":["nowhere","` + long + `"],"group":{}}`,
		"year 1":              `{"id":"g1","revision":1,"level":"critical","rule":"r","group":{},"first":"0001-01-01T00:00:00Z","last":"0001-01-01T00:00:00Z","created":"0001-01-01T00:00:00Z"}`,
		"year 9999":           `{"id":"g2","revision":1,"level":"critical","rule":"r","group":{},"first":"9999-12-31T23:59:59Z","last":"9999-12-31T23:59:59Z","created":"9999-12-31T23:59:59Z"}`,
		"ended in 9999":       `{"id":"g3","revision":1,"level":"critical","rule":"r","group":{},"ended":"9999-12-31T23:59:59Z"}`,
		"merged into itself":  `{"id":"g4","revision":1,"level":"critical","rule":"r","group":{},"merged_into":"g4"}`,
	}
}

// foreignDecisions are the same of weir.changes.
func foreignDecisions() map[string]string {
	return map[string]string{
		"no bytes":         "",
		"null":             "null",
		"not JSON":         "{{{{",
		"unknown alert":    `{"alert":"nowhere","version":1,"kind":"state","state":"closed","by":"eve"}`,
		"unknown state":    `{"alert":"ours","version":1,"kind":"state","state":"bananas","by":"eve"}`,
		"greatest version": `{"alert":"ours","version":9223372036854775807,"kind":"state","state":"acknowledged","by":"eve"}`,
		"large version":    `{"alert":"ours","version":99999999999999999999,"kind":"state","state":"closed","by":"eve"}`,
		"id of a megabyte": `{"alert":"` + strings.Repeat("x", 1<<20) + `","version":1,"kind":"state","state":"closed","by":"eve"}`,
	}
}

// TestHostile_Records: after each of them an alert of ours is told, and its end too.
func TestHostile_Records(t *testing.T) {
	check := func(t *testing.T, w *world) {
		t.Helper()
		w.pass(time.Minute)
		w.got("mail") // what is told of the foreign ones is their own affair
		w.comes(w.alert("ours", "ssh", "critical", "web-1"))
		w.pass(time.Minute)
		w.want("mail", "firing rule=ssh host.name=web-1: ours")
		w.decides("ours", 1, alert.Closed)
		w.pass(10 * time.Minute)
		w.want("mail", "resolved rule=ssh host.name=web-1: ours/closed")
	}
	for name, doc := range foreignAlerts() {
		t.Run("alert, "+name, func(t *testing.T) {
			w := newWorld(t, simple)
			w.deliver("weir.alerts", []byte(doc), []byte(doc))
			w.deliver("weir.changes", []byte(doc))
			check(t, w)
		})
	}
	for name, doc := range foreignDecisions() {
		t.Run("change, "+name, func(t *testing.T) {
			w := newWorld(t, simple)
			w.comes(w.alert("ours2", "ssh", "critical", "web-2"))
			w.deliver("weir.changes", []byte(strings.ReplaceAll(doc, `"ours"`, `"ours2"`)), []byte(doc))
			w.deliver("weir.alerts", []byte(doc))
			if strings.Contains(doc, `"ours"`) {
				w.pass(time.Minute)
				w.got("mail")
				// A decision that no weir can have made binds nobody.
				w.decides("ours2", 1, alert.Closed)
				w.pass(10 * time.Minute)
				w.want("mail", "resolved rule=ssh host.name=web-2: ours2/closed")
			}
			w.crash()
			check(t, w)
		})
	}
}

// garbage is what may stand in notify.yaml while weir runs.
func garbage() map[string]string {
	return map[string]string{
		"empty channels":   "channels: {}\nroute: {to: [mail]}\n",
		"not YAML":         "channels: {mail: [\n\t\x00",
		"bytes":            "\xff\xfe\x00\x01\x02garbage",
		"a list":           "- a\n- b\n",
		"unknown key":      simple + "\nbananas: 1\n",
		"unknown type":     "channels: {mail: {type: pigeon}}\nroute: {to: [mail]}\n",
		"unknown channel":  "channels: {mail: {type: box}}\nroute: {to: [boss]}\n",
		"negative waits":   "channels: {mail: {type: box}}\nroute: {to: [mail], group_wait: -5m}\n",
		"endless waits":    "channels: {mail: {type: box}}\nroute: {to: [mail], repeat: 99999999999999h}\n",
		"laughs":           "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nroute: {to: *f}\n",
		"deep":             "route: " + strings.Repeat("{routes: [", 5000) + strings.Repeat("]}", 5000),
		"deep routes":      "channels: {mail: {type: box}}\nroute: {to: [mail], routes: " + strings.Repeat("[{routes: ", 200) + "[]" + strings.Repeat("}]", 200) + "}\n",
		"two megabytes":    "# " + strings.Repeat("x", 2<<20),
		"a folder":         "",
		"only its name":    "",
		"a broken pattern": "channels: {mail: {type: box}}\nroute: {to: [mail], match: {hours: Fri-Sun 99:99-01:00}}\n",
	}
}

// TestHostile_File: whatever takes the place of notify.yaml while weir runs, what was in use goes on, the fault is kept for who
// asks, and the next good file is taken.
func TestHostile_File(t *testing.T) {
	for name, doc := range garbage() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simple)
			path := filepath.Join(w.dir, FileName)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			var err error
			switch name {
			case "a folder":
				err = os.Mkdir(path, 0o700)
			case "only its name": // a link in a circle
				err = os.Symlink(FileName, path)
			default:
				err = os.WriteFile(path, []byte(doc), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.comes(w.alert("a", "ssh", "critical", "web-1"))
			w.pass(time.Minute)
			w.comes(w.alert("b", "ssh", "critical", "web-2"))
			w.pass(time.Minute)
			w.want("mail", "firing rule=ssh host.name=web-1: a", "firing rule=ssh host.name=web-2: b")
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			w.write("channels: {mail: {type: box}, boss: {type: box}}\nroute: {to: [boss], group_by: [rule]}\n")
			w.pass(time.Minute)
			w.comes(w.alert("c", "ssh", "critical", "web-3"))
			w.pass(time.Minute)
			w.want("boss", "firing rule=ssh: c")
		})
	}
}

// TestHostile_FileNotReadable: a file that could not be read is read as soon as it can be, though neither its time nor its size
// changes.
func TestHostile_FileNotReadable(t *testing.T) {
	// Root may read everything, so a folder stands for a file without the right to read it.
	w := newWorld(t, simple)
	path, aside := filepath.Join(w.dir, FileName), filepath.Join(w.dir, "aside")
	w.write("channels: {boss: {type: box}}\nroute: {to: [boss], group_by: [rule]}\n")
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	// A folder of the same time: its size is that of the file in the eyes of the notifier.
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "channels: {boss: {type: box}}\nroute: {to: [boss], group_by: [rule]}\n"
	for i := range 20 { // what is in it makes it larger than the file, where folders are in memory
		if err := os.Mkdir(filepath.Join(path, strings.Repeat("x", i+1)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	text += strings.Repeat("#", int(max(folder.Size()-int64(len(text)), 0)))
	if err := os.WriteFile(aside, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, aside} {
		if err := os.Chtimes(name, fi.ModTime(), fi.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(10 * time.Second)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, path); err != nil {
		t.Fatal(err)
	}
	w.pass(10 * time.Second)
	w.comes(w.alert("a", "ssh", "critical", "web-1"))
	w.pass(time.Minute)
	w.want("boss", "firing rule=ssh: a")
}

// FuzzHostile_Records: no record stops the stage, and one of ours is known behind it.
func FuzzHostile_Records(f *testing.F) {
	for _, doc := range foreignAlerts() {
		if len(doc) < 1000 {
			f.Add([]byte(doc))
		}
	}
	for _, doc := range foreignDecisions() {
		if len(doc) < 1000 {
			f.Add([]byte(doc))
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		w := newWorld(t, simple)
		w.deliver("weir.alerts", doc)
		w.deliver("weir.changes", doc)
		ours := w.alert("ours-and-nobody-elses", "ssh", "critical", "web-1")
		value, err := json.Marshal(ours)
		if err != nil {
			t.Fatal(err)
		}
		w.deliver("weir.alerts", value)
		a, err := w.n.store.Alert(t.Context(), ours.ID)
		if err != nil || a == nil || a.Revision < 1 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}
