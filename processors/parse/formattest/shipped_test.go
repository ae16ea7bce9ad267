package formattest

import (
	"testing"

	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/formats"
)

// TestShipped runs the tests of all formats that come with weir.
func TestShipped(t *testing.T) {
	set, faults := format.Load(format.Source{Name: "shipped", FS: formats.FS()})
	for _, f := range faults {
		t.Error(f)
	}
	r, err := New(parse.Options{Formats: set})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.List() {
		t.Run(f.Name(), func(t *testing.T) {
			for _, res := range r.Run(f) {
				for _, p := range res.Problems {
					t.Errorf("%s:%d: %s: event %d: %s: %s, want %s", f.File, res.Line, res.Name, p.Event, p.What, p.Got, p.Want)
				}
			}
		})
	}
}
