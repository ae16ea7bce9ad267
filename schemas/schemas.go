// Package schemas holds the field lists of ECS, of weir and of vendors, from which the table in event is made, and the
// Elasticsearch template that follows from them.
package schemas

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
)

//go:embed *.csv
var lists embed.FS

// Types returns the type that a field list gives to each path, as Elasticsearch calls it. The table in event folds
// several of them into one; who writes a mapping wants to know which it was.
func Types() (map[string]string, error) {
	names, err := fs.Glob(lists, "*.csv")
	if err != nil {
		return nil, fmt.Errorf("listing field lists: %w", err)
	}
	return read(names...)
}

// ECS returns the types of the fields of ECS alone.
func ECS() (map[string]string, error) { return read("ecs.csv") }

// read joins field lists.
func read(names ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range names {
		f, err := lists.Open(name)
		if err != nil {
			return nil, fmt.Errorf("opening field list %s: %w", name, err)
		}
		defer f.Close()
		r := csv.NewReader(f)
		r.FieldsPerRecord = -1 // the list of ECS has no descriptions
		rows, err := r.ReadAll()
		if err != nil {
			return nil, fmt.Errorf("reading field list %s: %w", name, err)
		}
		for _, row := range rows[1:] {
			out[row[0]] = row[1]
		}
	}
	return out, nil
}
