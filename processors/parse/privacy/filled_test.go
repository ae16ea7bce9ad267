package privacy

import (
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// TestFields holds that a record which says all that it can fills nothing that Fields does not name.
func TestFields(t *testing.T) {
	for kind, read := range map[Kind][2]func(*event.Event, string) error{
		AccessRecord: {Access, CompleteAccess}, RightsRecord: {Rights, CompleteRights},
	} {
		var b strings.Builder
		b.WriteString("{")
		for i, w := range itemWords {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(`"` + w + `":"7"`)
		}
		b.WriteString(`,"more":{"key":1}}`)
		var e event.Event
		if err := read[0](&e, b.String()); err != nil {
			t.Fatal(err)
		}
		_ = read[1](&e, "")
		fields := Fields(kind)
		check := func(path string) {
			for _, f := range fields {
				if open, ok := strings.CutSuffix(f, "*"); f == path || ok && (strings.HasPrefix(path, open) || path+"." == open) {
					return
				}
			}
			t.Errorf("%s is filled and not named", path)
		}
		e.Each(func(f event.Field, _ event.Value) bool { check(f.Path()); return true })
		e.EachExtra(func(path string, _ event.Value) bool { check(path); return true })
		if !slices.IsSorted(fields) {
			t.Error("the list is not sorted")
		}
	}
}
