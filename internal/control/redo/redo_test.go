package redo_test

import (
	"testing"

	"weir/event"
	"weir/internal/control/redo"
	"weir/internal/query"
)

func decode(t *testing.T, doc string) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return &e
}

func TestRequest_DeadLetters(t *testing.T) {
	letter := decode(t, `{"event":{"dataset":"weir.deadletter","id":"a"},"message":"quote \" here","weir":{"deadletter":{"reason":"parser-panic","stage":"normalise"},"input":"syslog"}}`)
	closed := decode(t, `{"event":{"dataset":"weir.deadletter","id":"a"},"weir":{"deadletter":{"outcome":"filtered","reason":"parser-panic"},"input":"syslog"}}`)
	other := decode(t, `{"event":{"dataset":"system.auth","id":"a"},"weir":{"input":"syslog"}}`)
	for _, tc := range []struct {
		r    redo.Request
		want bool
	}{
		{redo.Request{}, true}, {redo.Request{Reason: "parser-panic"}, true}, {redo.Request{Reason: "other"}, false}, {redo.Request{Input: "syslog"}, true}, {redo.Request{Input: "aws"}, false},
		{redo.Request{Query: "weir.deadletter.stage: normalise or nothing"}, true}, {redo.Request{Query: "nothing or nobody"}, false}, {redo.Request{Reason: `"x`}, false},
	} {
		q, err := query.Parse(tc.r.DeadLetters())
		if err != nil {
			t.Fatalf("%s: %v", tc.r.DeadLetters(), err)
		}
		if q.Match(letter) != tc.want {
			t.Errorf("%s: %v", tc.r.DeadLetters(), !tc.want)
		}
		if q.Match(closed) || q.Match(other) {
			t.Errorf("%s finds what is no open dead letter", tc.r.DeadLetters())
		}
	}
}

func TestQuote(t *testing.T) {
	e := decode(t, `{"host":{"name":"a\"b\\c"}}`)
	q, err := query.Parse("host.name: " + redo.Quote(`a"b\c`))
	if err != nil || !q.Match(e) {
		t.Errorf("%s: %v", redo.Quote(`a"b\c`), err)
	}
}

func TestSummary_Fail(t *testing.T) {
	var s redo.Summary
	s.Fail("a", 2)
	s.Fail("b", 1)
	s.Fail("a", 1)
	if s.Failed != 4 || s.FailedBy["a"] != 3 || s.FailedBy["b"] != 1 {
		t.Errorf("%+v", s)
	}
}
