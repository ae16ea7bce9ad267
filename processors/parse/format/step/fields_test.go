package step_test

import (
	"slices"
	"strings"
	"testing"

	"weir/processors/parse/format/step"
)

// TestSchema_Roots: roots are open fields unless weir has fields of their own below them, or they are of ECS.
func TestSchema_Roots(t *testing.T) {
	s := step.NewSchema()
	got := s.Roots([]string{"zz_one", "zz_two.deep", "zz_two", "source", "user", "zz_one", "weir"})
	if want := []string{"zz_one", "zz_two"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := s.Roots(nil); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

// TestSealed: what weir itself writes no format may write, what it leaves to formats they may.
func TestSealed(t *testing.T) {
	for path, ok := range map[string]bool{
		"event.ingested": false, "event.original": false, "ecs.version": false, "log.source.address": false, "weir.id": false,
		"weir.data.a": true, "event.id": true, "event.created": true, "event.dataset": true, "labels.a": true, "tags": true, "host.name": true, "message": true,
	} {
		f, faults := compiled(t, "- set: {"+path+": '2024-05-01T00:00:00Z'}")
		if (f != nil) != ok {
			t.Errorf("%s: %v", path, faults)
		}
	}
}

// TestUnknownField: another vendor's root is no place, and a mistyped field of ECS is told with the right one.
func TestUnknownField(t *testing.T) {
	for path, do := range map[string]string{
		"acme.thing.any.depth": "ok", "acme.other": "ok", "acmes.thing": "did you mean acme.thing?", "source.prt": "did you mean source.port?",
		"destination.adress": "did you mean destination.address?", "http.request.metod": "did you mean http.request.method?", "Source.ip": "did you mean source.ip?",
		"host.nme": "did you mean host.name?", "zorp.x": "write a field of ECS, a name below acme.thing, or scratch such as _x",
	} {
		f, faults := compiled(t, "- set: {"+path+": 192.0.2.1}")
		if do == "ok" {
			if f == nil {
				t.Errorf("%s: %v", path, faults)
			}
			continue
		}
		if f != nil || len(faults) == 0 || !strings.HasPrefix(faults[0].Do, do) {
			t.Errorf("%s: %v", path, faults)
			if len(faults) > 0 {
				t.Log(faults[0].Do)
			}
		}
	}
}

// TestOverlappingRoots: what one format calls an object another may not call a value: each load says the same.
func TestOverlappingRoots(t *testing.T) {
	const steps = "- set: {acme.thing.a: 1, acme.thing.a.b: 2}"
	first, faults := compiled(t, steps)
	again, more := compiled(t, steps)
	if (first == nil) != (again == nil) || len(faults) != len(more) {
		t.Errorf("the first load says %v, the second %v", faults, more)
	}
}
