// Package kqltest holds the cases that every implementation of KQL must answer alike: the predicate of package query,
// the archive, and Elasticsearch.
package kqltest

import (
	"slices"
	"testing"
)

// Run holds an implementation against all cases. search is given a query and ECS documents, one JSON object each, and
// returns the places, from 0, of those that the query is true for, in any order. It may be called with the same
// documents many times. Queries do not depend on the time or the zone of the machine.
func Run(t *testing.T, search func(q string, docs [][]byte) []int) {
	t.Helper()
	for _, s := range suites {
		docs := make([][]byte, len(s.docs))
		for i, d := range s.docs {
			docs[i] = []byte(d)
		}
		t.Run(s.name, func(t *testing.T) {
			for _, c := range s.cases {
				got := slices.Clone(search(c.query, docs))
				slices.Sort(got)
				if !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
					t.Errorf("%s\n finds %v\n wants %v", c.query, got, c.want)
				}
			}
		})
	}
}

// suite is a set of documents and what queries find in it.
type suite struct {
	name  string
	docs  []string
	cases []testCase
}

type testCase struct {
	query string
	want  []int
}
