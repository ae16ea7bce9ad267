package fold

import (
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/event/ecs"
)

func TestEach(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"kinds", `{"message":"Hello","process":{"pid":7,"args":["A","b"]},"odd":{"x":["C",1.5]}}`, "1.5 7 a b c hello"},
		{"objects", `{"labels":{"Key":"Value","n":[1,{"x":"Y"}]},"odd":{"list":[{"a":"B"},"T"]}}`, "1 b t value y"},
		{"weir's own", `{"event":{"id":"ID","kind":"event","module":"m","dataset":"d","original":"RAW","code":"42","action":"Act"},"weir":{"class":"c","src":"s","data":{"k":"Kept"},"time":"2026-11-21T07:50:08Z"},"ecs":{"version":"8.11"},"related":{"ip":["192.0.2.1"]}}`, "42 act kept"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v View
			v.Reset(decode(t, tt.doc))
			_ = v.Folded(event.MakeRef("message")) // some are made already
			var got, texts []string
			v.EachFolded(func(s string) bool { got = append(got, s); return true })
			v.EachText(func(s string) bool { texts = append(texts, String(s)); return true })
			slices.Sort(got)
			slices.Sort(texts)
			if strings.Join(got, " ") != tt.want || !slices.Equal(got, texts) {
				t.Errorf("%q and %q, want %s", got, texts, tt.want)
			}
			n := 0
			v.EachFolded(func(string) bool { n++; return n < 2 })
			if n != 2 {
				t.Errorf("went on to %d", n)
			}
		})
	}
}

func TestHidden(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"message": false, "event.code": false, "event.action": false, "log.syslog.hostname": false, "log.syslog.appname": false, "observer.name": false, "event.reason": false, "weir.data": false, "weir.other": false, "weir.tcp.end": false,
		"log.level": true, "log.syslog.severity.name": true, "log.syslog.facility.name": true, "log.syslog.priority": true, "observer.vendor": true, "observer.product": true, "observer.type": true,
		"event.outcome": true, "event.category": true, "event.type": true, "event.kind": true, "event.module": true, "agent.name": true, "log.file.path": true,
		"event.id": true, "event.original": true, "event.dataset": true, "related.ip": true, "ecs.version": true, "weir.class": true, "weir.time": true, "log.offset": true,
	} {
		f, ok := event.Lookup(path)
		if !ok || Hidden(f) != want {
			t.Errorf("%s: known %v, hidden %v", path, ok, !want)
		}
	}
	// After the list was made for the first time.
	for path, want := range map[string]bool{"weir.hiddentest": true, "hiddentest.x": false} {
		f, err := event.Register(ecs.Keyword, path)
		if err != nil || Hidden(f) != want {
			t.Errorf("%s: %v, hidden %v", path, err, !want)
		}
	}
}

// TestInner: the texts of a field are not those of the objects in it, and all of them together are all.
func TestInner(t *testing.T) {
	t.Parallel()
	e := decode(t, `{"labels":{"a":"one","b":{"c":["two",{"d":3}]}},"odd":{"list":["four",{"e":["five",null]}]}}`)
	var v View
	v.Reset(e)
	for _, tt := range []struct{ name, path, inner, all string }{
		{"an object", "labels", "3 one two", "3 one two"},
		{"a list with an object", "odd.list", "five", "five four"},
		{"a text", "labels.a", "", "one"},
		{"absent", "message", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			val := event.MakeRef(tt.path).Of(e)
			var inner, all []string
			v.inner(val, func(s string) bool { inner = append(inner, s); return true })
			v.All(val, func(s string) bool { all = append(all, s); return true })
			slices.Sort(inner)
			slices.Sort(all)
			if strings.Join(inner, " ") != tt.inner || strings.Join(all, " ") != tt.all {
				t.Errorf("%q and %q", inner, all)
			}
			n := 0
			v.All(val, func(string) bool { n++; return false })
			if n != min(1, len(all)) {
				t.Errorf("went on to %d", n)
			}
		})
	}
}
