package query

import (
	"fmt"
	"testing"

	"weir/event"
)

// What a path gives is what a condition on its name looks at.
func TestPath_Each(t *testing.T) {
	const doc = `{"@timestamp":"2026-11-21T07:00:00.000Z","host":{"ip":["10.0.0.1","10.0.0.2"],"name":"a"},"source":{"port":22},` +
		`"dns":{"answers":[{"data":"x","ttl":5},{"data":"y"}]},"labels":{"env":"prod","tier":"1"},"my":{"own":[{"k":1},{"k":"two"}]},"user":{"name":null}}`
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"host.name":        "[a]",
		"host.ip":          "[10.0.0.1 10.0.0.2]",
		"source.port":      "[22]",
		"dns.answers.data": "[x y]",
		"labels.env":       "[prod]",
		"labels":           "[prod 1]",
		"my.own.k":         "[1 two]",
		"user.name":        "[]",
		"no.such":          "[]",
	} {
		got := []string{}
		MakePath(path).Each(&e, func(v event.Value) bool {
			got = append(got, v.Text())
			return true
		})
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
	n := 0
	MakePath("host.ip").Each(&e, func(event.Value) bool { n++; return false })
	if n != 1 {
		t.Errorf("went on after the end: %d", n)
	}
}
