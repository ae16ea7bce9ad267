package parse

import (
	"errors"
	"fmt"
	"testing"

	"weir/event"
)

// TestParseAgain: a part of a record has no header, even if it begins like one, and is not split again.
func TestParseAgain(t *testing.T) {
	set := formatsOf(t, nil,
		"dataset: gate.access\ntitle: Gate\nmatch: {contains: [['\"gateway\":', '\"events\":']]}\nsplit: {json: events}\nsteps: [{json: {from: message, to: _json}}, {copy: {_json.user: user.name}}]\n",
		"dataset: rows.log\ntitle: Rows\nmatch: {starts: ['ROWS']}\nsplit: {lines: true}\nsteps: [{copy: {message: event.reason}}]\n",
		"dataset: two.log\nid: a\ntitle: A\nmatch: {starts: ['AAA']}\nsplit: {lines: true}\n",
		"dataset: two.log\nid: b\ntitle: B\nmatch: {starts: ['BBB']}\nsplit: {lines: true}\n",
	)
	p := newParser(t, Options{Formats: set})
	for _, tt := range []struct {
		name, as, was string
		part          bool
		line, want    string
	}{
		{"a part", "", "gate.access", true, `{"user":"ann"}`, `gate.access ann {"user":"ann"};`},
		{"the first part does not say that it is one", "", "gate.access", false, `{"user":"ann"}`, `gate.access ann {"user":"ann"};`},
		{"a whole record", "", "gate.access", false, `<13>1 - h p - - - {"gateway":"g","events":[{"user":"ann"},{"user":"bob"}]}`, `gate.access ann {"user":"ann"};gate.access bob {"user":"bob"};`},
		{"a part with such a list in it", "", "gate.access", true, `{"user":"ann","events":[{"user":"x"},{"user":"y"}]}`, `gate.access ann {"user":"ann","events":[{"user":"x"},{"user":"y"}]};`},
		{"a part that looks like a header", "", "rows.log", true, `<13>1 - h p - - - hello`, `rows.log  <13>1 - h p - - - hello;`},
		{"a part that is read as another dataset", "rows.log", "gate.access", true, `<13>1 - h p - - - hello`, `rows.log  <13>1 - h p - - - hello;`},
		{"nothing says which format it is", "", "two.log", true, `CCC`, ReasonPart},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, e, got := rawOf(tt.line), new(event.Event), ""
			err := p.ParseAgain(tt.as, tt.was, tt.part, &raw, e, func(e *event.Event) error {
				got += fmt.Sprintf("%s %s %s;", e.Str(event.EventDataset), e.Str(event.UserName), e.Str(event.Message))
				return nil
			})
			if dead, ok := errors.AsType[*DeadLetter](err); ok {
				got = dead.Reason
			} else if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	raw, e := rawOf("<13>1 - h p - - - hello"), new(event.Event) // the next record is one like any other
	if err := p.Parse(&raw, e, func(*event.Event) error { return nil }); err != nil || e.Str(event.Message) != "hello" {
		t.Errorf("%v, %s", err, e.AppendJSON(nil))
	}
}
