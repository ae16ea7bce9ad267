package archive

import (
	"bytes"
	"testing"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/query/kqltest"
)

// TestKQL holds the archive against the cases of every back end, once with all rows in the memory tail and once with
// all of them sealed.
func TestKQL(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		name := "tail"
		if sealed {
			name = "sealed"
		}
		t.Run(name, func(t *testing.T) {
			archives := map[*byte]*Archive{} // the suite asks the same documents many queries
			kqltest.Run(t, func(kql string, docs [][]byte) []int {
				a := archives[&docs[0][0]]
				if a == nil {
					a = open(t, t.TempDir(), Options{})
					if err := a.Append(t.Context(), rowsOf(docs, 0), func(error) {}); err != nil {
						t.Fatal(err)
					}
					if sealed {
						if err := a.Seal(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
					archives[&docs[0][0]] = a
				}
				return places(t, a, kql, docs)
			})
		})
	}
}

// places returns which of the documents a query finds. Equal documents are told apart by finding each place once.
func places(t *testing.T, a *Archive, kql string, docs [][]byte) []int {
	t.Helper()
	q, err := query.Parse(kql)
	if err != nil {
		t.Fatal(err)
	}
	taken := make([]bool, len(docs))
	var out []int
	_, err = a.Search(t.Context(), search.Request{Query: q, Size: len(docs)}, func(doc []byte, _ *event.Event) error {
		for i := range docs {
			if !taken[i] && bytes.Equal(doc, docs[i]) {
				taken[i] = true
				out = append(out, i)
				return nil
			}
		}
		t.Errorf("%s found a document that was never stored: %s", kql, doc)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
