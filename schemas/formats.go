package schemas

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
)

// The list of formats is no field list: it stands apart from them, under a name that Types does not take for one.
//
//go:embed formats.list
var formats string

// Formats returns, by dataset, the fields that events of weir's own formats can have. A path that ends in .* stands for any
// field below. Events that come as JSON can have any field and are not among them: of those nobody knows beforehand. The map
// is shared; nobody changes it.
func Formats() (map[string][]string, error) { return readFormats() }

// EveryFormat stands in the list for what events of all datasets can have: what comes from the header, from the way that a
// record took, and from the enrichment.
const EveryFormat = "*"

// readFormats reads the list once.
var readFormats = sync.OnceValues(func() (map[string][]string, error) {
	rows, err := csv.NewReader(strings.NewReader(formats)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the list of formats: %w", err)
	}
	out := map[string][]string{}
	for _, row := range rows[1:] {
		out[row[0]] = append(out[row[0]], row[1])
	}
	every := out[EveryFormat]
	delete(out, EveryFormat)
	for dataset, fields := range out {
		out[dataset] = append(fields, every...)
	}
	return out, nil
})
