package control

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/rules/coverage"
)

// covered is a backend that has an archive.
type covered struct {
	fake

	report *coverage.Report
	err    error
}

func (c *covered) Coverage(_ context.Context, r coverage.Request) (*coverage.Report, error) {
	c.note(r)
	return c.report, c.err
}

// TestCoverage asks over the socket: question and answer arrive as they were.
func TestCoverage(t *testing.T) {
	b := &covered{report: &coverage.Report{From: at, To: at.Add(time.Hour), Set: "h", Seen: []string{"linux//sshd"},
		Rules:      []coverage.RuleRow{{ID: "r", Tags: []string{"attack.t1110"}, Missing: [][]string{{"a", "b"}}, Matches: 3, Since: at}},
		Techniques: []coverage.Technique{{ID: "T1110", Rules: 1, MissingSources: []string{"x"}, MissingFields: []string{"a|b"}}},
		Sets:       []coverage.Used{{Hash: "h", Rules: -1, First: at, Last: at, OldestEvent: at, NewestEvent: at, Events: 5, Lost: []string{"l"}}},
		Gaps:       []coverage.Gap{{Kind: coverage.NotEvaluated, From: at, To: at, Topic: "t", Partition: 3, FromOffset: 1, ToOffset: 9, Why: "w"}},
	}}
	c, _ := serve(t, b)
	asked := coverage.Request{From: at, To: at.Add(time.Minute)}
	got, err := c.Coverage(t.Context(), asked)
	if err != nil || !reflect.DeepEqual(got, b.report) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, b.report)
	}
	if q := b.question(); !reflect.DeepEqual(q, asked) {
		t.Errorf("asked %+v", q)
	}
	b.err = errors.New("the disk is gone")
	if _, err := c.Coverage(t.Context(), asked); err == nil {
		t.Error("what went wrong there is not said here")
	}
	if _, err := (&server{backend: &fake{}}).coverage(t.Context(), asked); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("a backend without an archive: %v", err)
	}
}
