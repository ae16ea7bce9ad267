package archive

import (
	"encoding/json"
	"reflect"
	"testing"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive/search"
	"weir/internal/query"
)

// An archive that was written when a name of winlog.event_data was a member of its object gives the same documents, and
// finds them by the same queries, when the name is a field of its own. Rules read it as that field.
func TestNameThatIsKnownLater(t *testing.T) {
	const path = "winlog.event_data.KnownLaterInArchive"
	old := []byte(`{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"id":"1"},"winlog":{"channel":"Security","event_data":{"KnownLaterInArchive":"needle","Other":"hay","User":"u1"}}}`)
	fresh := []byte(`{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"id":"2"},"winlog":{"channel":"Security","event_data":{"KnownLaterInArchive":"needle","User":"u2"}}}`)
	queries := []string{path + ": needle", path + ": need*", path + ": *", "winlog.event_data.*: needle", "winlog.event_data: needle", "not winlog.event_data: other", "needle", "winlog.event_data: *", path + " >= n"}

	a := open(t, t.TempDir(), Options{})
	if err := a.Append(t.Context(), rowsOf([][]byte{old}, 0), func(error) {}); err != nil {
		t.Fatal(err)
	}
	seal(t, a)
	if _, known := event.Lookup(path); known {
		t.Fatal("the name is known already: the test shows nothing")
	}
	f, err := event.Register(ecs.Keyword, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Append(t.Context(), rowsOf([][]byte{fresh}, 1), func(error) {}); err != nil {
		t.Fatal(err)
	}
	for _, sealed := range []bool{false, true} {
		if sealed {
			seal(t, a)
		}
		for _, kql := range queries {
			q, err := query.Parse(kql)
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]string{}
			_, err = a.Search(t.Context(), search.Request{Query: q, Size: 10}, func(doc []byte, e *event.Event) error {
				found[e.Str(event.EventID)] = string(doc)
				if e.Str(f) != "needle" {
					t.Errorf("%s: the field of event %s has %q", kql, e.Str(event.EventID), e.Str(f))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for id, doc := range map[string][]byte{"1": old, "2": fresh} {
				var got, want any
				if err := json.Unmarshal([]byte(found[id]), &got); err != nil {
					t.Errorf("sealed %v: %s does not find event %s", sealed, kql, id)
					continue
				}
				if err := json.Unmarshal(doc, &want); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("sealed %v: %s: event %s is %s", sealed, kql, id, found[id])
				}
			}
		}
	}
}
