package alertcmd

import (
	"strings"
	"testing"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/exceptions"
)

// printed is what the command prints of an alert, read as the file of exceptions is.
func printed(t *testing.T, a alert.Alert) (string, *exceptions.Exception) {
	t.Helper()
	out, _, err := terminal{b: &backend{rows: []control.AlertRow{{Alert: a, Short: "3f9c"}}}}.run(t, "show", "3f9c", "--exception")
	if err != nil {
		t.Fatal(err)
	}
	list := exceptions.Parse("exceptions.yaml", []byte(out), nil, noon)
	if len(list.Items) != 1 || len(list.Faults) != 0 {
		t.Fatalf("%s\nis read as %+v, %v", out, list.Items, list.Faults)
	}
	return out, list.Items[0]
}

// TestException_reads: what is printed is what the loader takes, whatever stands in the alert; it holds for the events of
// the alert and for no others.
func TestException_reads(t *testing.T) {
	type values = map[string]string
	for _, tc := range []struct {
		name  string
		group values
		all   values // of each event of the evidence
		other values // what another event has that must still raise an alert
	}{
		{"an address", values{"source.ip": "203.0.113.5"}, nil, values{"source.ip": "203.0.113.6"}},
		{"another victim", values{"source.ip": "203.0.113.5"}, values{"user.name": "root"}, values{"user.name": "kim"}},
		{"quotes", values{"user.name": `a"b\c'd`}, nil, values{"user.name": "ab"}},
		{"Korean", values{"user.name": "김민수"}, nil, values{"user.name": "김민"}},
		{"what must not be seen", values{"user.name": "a\u202eb\x1b[2J\nc\t"}, nil, values{"user.name": "ab"}},
		{"a number", values{"destination.port": "22"}, values{"host.name": "web-1"}, values{"destination.port": "23"}},
		{"what is no field", values{"who": "x", "user.name": "root"}, nil, values{"user.name": "x"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := alert.Alert{ID: "3f9cab7e00000001", Rule: "it's: a rule", Group: tc.group, Evidence: []alert.Evidence{{EventID: "e", Values: tc.all}, {EventID: "f", Values: tc.all}}}
			out, x := printed(t, a)
			if x.Rule != a.Rule || x.Owner != "ana" || !strings.Contains(x.Reason, a.ID) || !x.Until.After(noon.AddDate(0, 0, exceptionDays-1)) {
				t.Errorf("%s\nis read as %+v", out, x)
			}
			if strings.ContainsAny(out, "\u202e\x1b") {
				t.Errorf("printed as it is: %q", out)
			}
			cond, err := match.Compiler{}.Compile(x.When)
			if err != nil {
				t.Fatal(err)
			}
			set := func(e *event.Event, v values) {
				for path, text := range v {
					if f, ok := event.Lookup(path); ok {
						if value, ok := f.Fit(event.Str(text)); ok {
							e.Set(f, value)
						}
					}
				}
			}
			var its, others event.Event
			set(&its, tc.all)
			set(&its, tc.group)
			set(&others, tc.all)
			set(&others, tc.group)
			set(&others, tc.other)
			if !cond.Match(&its) || cond.Match(&others) {
				t.Errorf("%s holds for its event: %v, for another: %v", x.When, cond.Match(&its), cond.Match(&others))
			}
		})
	}
}

// TestException_Failure: without anything that tells the events from others nothing is printed: an exception from all of a
// rule is no exception.
func TestException_Failure(t *testing.T) {
	a := alert.Alert{ID: "3f9cab7e00000001", Rule: "r", Evidence: []alert.Evidence{{EventID: "e", Values: map[string]string{"message": "m"}}, {EventID: "f", Values: map[string]string{"message": "m"}}}}
	out, _, err := terminal{b: &backend{rows: []control.AlertRow{{Alert: a}}}}.run(t, "show", "3f9c", "--exception")
	if fault.Code(err) != "usage" || out != "" {
		t.Errorf("%q, %v", out, err)
	}
}

// TestNarrow: what differs from event to event, and what no exception should hang on, is left out.
func TestNarrow(t *testing.T) {
	a := guessed().Alert
	if got := strings.Join(narrow(&a), " and "); got != `host.name == "web-1" and source.ip == "203.0.113.5" and user.name == "root"` {
		t.Errorf("got %s", got)
	}
}
