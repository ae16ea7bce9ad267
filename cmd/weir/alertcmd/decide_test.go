package alertcmd

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// faster is what who comes second is told.
func faster(short string) error {
	return &fault.Error{Code: "alert-changed", What: "ben closed alert " + short + " as benign meanwhile", Exit: fault.ExitFound}
}

// TestDecide_transcripts: one line of what happened, and what is next.
func TestDecide_transcripts(t *testing.T) {
	const what = "  203.0.113.5 guessed root's password on web-1\n"
	for _, tc := range []struct {
		name string
		s    terminal
		args string
		out  string
		msg  string
	}{
		{"ack", terminal{env: inC}, "ack 3f9c", "3f9c  acknowledged by ana" + what, "Verdicts: true_positive, false_positive, benign, duplicate, resolved. Next: weir alerts close 3f9c --verdict true_positive\n"},
		{"ack in Korean", terminal{env: inKorean}, "ack 3f9c", "3f9c  acknowledged by ana  203.0.113.5이(가) web-1의 root 비밀번호를 알아냈습니다\n",
			"Verdicts: true_positive, false_positive, benign, duplicate, resolved. Next: weir alerts close 3f9c --verdict true_positive\n"},
		{"several", terminal{env: inC}, "ack 3f9c b07e --by kim", "3f9c  acknowledged by kim" + what + "b07e  acknowledged by kim" + what,
			"Verdicts: true_positive, false_positive, benign, duplicate, resolved. Next: weir alerts close b07e --verdict true_positive\n"},
		{"close", terminal{env: inC}, "close 3f9c --verdict benign", "3f9c  closed as benign by ana" + what, "Next: weir alerts list\n"},
		{"close as nothing", terminal{env: inC}, "close 3f9c --verdict false_positive", "3f9c  closed as false_positive by ana" + what,
			"Its rule raises it again for the next event of this kind. Next: weir alerts show 3f9c --exception\n"},
		{"open", terminal{env: inC}, "open 3f9c", "3f9c  opened by ana" + what, "Next: weir alerts show 3f9c\n"},
		{"take", terminal{env: inC}, "assign 3f9c", "3f9c  given to ana by ana" + what, "Next: weir alerts show 3f9c\n"},
		{"give", terminal{env: inC}, "assign 3f9c --to ben", "3f9c  given to ben by ana" + what, "Next: weir alerts show 3f9c\n"},
		{"give away", terminal{env: inC}, "assign 3f9c --nobody", "3f9c  given to nobody by ana" + what, "Next: weir alerts show 3f9c\n"},
		{"note", terminal{env: inC}, "note 3f9c seen", "3f9c  noted by ana" + what, "Next: weir alerts show 3f9c\n"},
		{"Kafka is away", terminal{env: inC, b: &backend{rows: []control.AlertRow{guessed()}, waiting: true}}, "open 3f9c", "3f9c  opened by ana" + what,
			"Kafka has not taken it yet: it is kept here, and sent by itself\nNext: weir alerts show 3f9c\n"},
		{"quiet", terminal{env: inC, quiet: true}, "open 3f9c", "3f9c  opened by ana" + what, ""},
		{"a hostile name", terminal{env: inC}, "open 3f9c --by a\x1b[2Jb", "3f9c  opened by a\\x1b[2Jb" + what, "Next: weir alerts show 3f9c\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.s.b == nil {
				tc.s.b = &backend{rows: []control.AlertRow{guessed()}}
			}
			out, msg, err := tc.s.run(t, strings.Fields(tc.args)...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "stdout", out, tc.out)
			same(t, "stderr", msg, tc.msg)
		})
	}
}

// TestDecide_asks: each command asks for what its words say.
func TestDecide_asks(t *testing.T) {
	three := 3
	for _, tc := range []struct {
		args []string
		want alerting.Decision
	}{
		{[]string{"ack", "3f9c", "--note", "looking"}, alerting.Decision{ID: "3f9c", Kind: alert.ToState, State: alert.Acknowledged, Note: "looking", By: "ana"}},
		{[]string{"close", "3f9c", "--verdict", "duplicate", "--if-version", "3"}, alerting.Decision{ID: "3f9c", Kind: alert.ToState, State: alert.Closed, Verdict: alert.Duplicate, By: "ana", Version: &three}},
		{[]string{"open", "3f9c", "--by", "ben"}, alerting.Decision{ID: "3f9c", Kind: alert.ToState, State: alert.Open, By: "ben"}},
		{[]string{"assign", "3f9c", "--by", "ben"}, alerting.Decision{ID: "3f9c", Kind: alert.Assign, Assignee: "ben", By: "ben"}},
		{[]string{"assign", "3f9c", "--nobody", "--note", "off duty"}, alerting.Decision{ID: "3f9c", Kind: alert.Assign, Note: "off duty", By: "ana"}},
		{[]string{"note", "3f9c", "two words"}, alerting.Decision{ID: "3f9c", Kind: alert.Note, Note: "two words", By: "ana"}},
	} {
		b := &backend{rows: []control.AlertRow{guessed()}}
		if _, _, err := (terminal{b: b}).run(t, tc.args...); err != nil {
			t.Errorf("%v: %v", tc.args, err)
			continue
		}
		if got := b.asked[0]; !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%v: asked %+v", tc.args, got)
		}
	}
	b := &backend{rows: []control.AlertRow{guessed()}}
	if _, _, err := (terminal{b: b}).run(t, "note", "3f9c", "b07e", "both"); err != nil || len(b.asked) != 2 || b.asked[1].(alerting.Decision).Note != "both" {
		t.Errorf("asked %+v, %v", b.asked, err)
	}
}

func TestDecide_Failure(t *testing.T) {
	for args, says := range map[string]string{
		"ack":                                 "missing: ID",
		"close 3f9c":                          "what it was is not said",
		"close 3f9c --verdict fine":           "--verdict fine is not known",
		"assign 3f9c --to ben --nobody":       "two things",
		"note 3f9c":                           "missing: TEXT",
		"note":                                "missing: ID TEXT",
		"ack 3f9c b07e --if-version 2":        "--if-version is of one alert",
		"ack 3f9c --if-version -1":            "no number of changes",
		"close 3f9c --verdict benign --to me": "unknown flag",
	} {
		b := &backend{rows: []control.AlertRow{guessed()}}
		_, _, err := (terminal{b: b}).run(t, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), says) || len(b.asked) > 0 {
			t.Errorf("%s: %v; asked %v", args, err, b.asked)
		}
	}
	for _, args := range []string{"ack 3f9c", "assign 3f9c"} {
		if _, _, err := (terminal{b: &backend{}, user: "nobody"}).run(t, strings.Fields(args)...); fault.Code(err) != "usage" || !strings.Contains(err.Error(), "does not say who you are") {
			t.Errorf("%s by nobody: %v", args, err)
		}
	}
}

// TestDecide_second: who comes second is told who was faster; of several alerts the others are changed all the same, and a
// weir that is gone ends the command.
func TestDecide_second(t *testing.T) {
	b := &backend{rows: []control.AlertRow{guessed()}, fails: map[string]error{"b07e": faster("b07e"), "ffff": &fault.Error{Code: "alert-unknown", What: "no alert's id begins with ffff", Exit: fault.ExitUsage}}}
	if out, _, err := (terminal{b: b}).run(t, "ack", "b07e"); fault.Code(err) != "alert-changed" || fault.Exit(err) != fault.ExitFound || out != "" {
		t.Errorf("alone: %q, %v", out, err)
	}
	out, msg, err := terminal{b: b, env: inC}.run(t, "ack", "b07e", "3f9c", "ffff")
	if found, ok := errors.AsType[ui.Found](err); !ok || found.Code != fault.ExitFound {
		t.Errorf("got %v", err)
	}
	same(t, "stdout", out, "3f9c  acknowledged by ana  203.0.113.5 guessed root's password on web-1\n")
	same(t, "stderr", msg, "error[alert-changed]: ben closed alert b07e as benign meanwhile\nerror[alert-unknown]: no alert's id begins with ffff\n"+
		"Verdicts: true_positive, false_positive, benign, duplicate, resolved. Next: weir alerts close 3f9c --verdict true_positive\n")
	b = &backend{rows: []control.AlertRow{guessed()}, fails: map[string]error{"b07e": &fault.Error{Code: "not-running", What: "gone", Exit: fault.ExitMissing}}}
	if _, _, err := (terminal{b: b}).run(t, "ack", "b07e", "3f9c"); fault.Code(err) != "not-running" || len(b.asked) != 1 {
		t.Errorf("%v after %d questions", err, len(b.asked))
	}
}

func TestDecide_JSON(t *testing.T) {
	out, msg, err := terminal{json: true, b: &backend{rows: []control.AlertRow{guessed()}, waiting: true}}.run(t, "close", "3f9c", "--verdict", "benign")
	if err != nil || msg != "" || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"state":"closed","verdict":"benign"`) || !strings.Contains(out, `"waiting":true`) {
		t.Errorf("%v, %q\n%s", err, msg, out)
	}
}
