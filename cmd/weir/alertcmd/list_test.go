package alertcmd

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/fault"
)

func closedOne() control.AlertRow {
	a := guessed()
	a.Short, a.State, a.Verdict = "b07e", alert.Closed, alert.Benign
	return a
}

// TestList_transcripts: what a person sees, in three languages of the terminal, and what a pipe gets.
func TestList_transcripts(t *testing.T) {
	taken, past := guessed(), guessed()
	taken.Short, taken.State, taken.Assignee, taken.Level = "b07e", alert.Acknowledged, "김민수", "medium"
	past.Short, past.Historic, past.WhatKo = "c001", true, ""
	rows := []control.AlertRow{guessed(), taken, past}
	for _, tc := range []struct {
		name string
		s    terminal
		args []string
		out  string
		msg  string
	}{
		{"C", terminal{env: inC, b: &backend{rows: rows[:1]}}, nil, "" +
			"ID    LEVEL  STATE  LAST       COUNT  RULE             WHAT\n" +
			"3f9c  high   open   1 min ago     17  ssh-brute-force  203.0.113.5 guessed root's password on web-1\n",
			"1 open. Next: weir alerts show 3f9c\n"},
		{"whose they are", terminal{env: inEnglish, b: &backend{rows: rows}}, nil, "" +
			"ID    LEVEL   STATE           LAST       COUNT  RULE             WHOSE   WHAT\n" +
			"3f9c  high    open            1 min ago     17  ssh-brute-force          203.0.113.5 guessed root's…\n" +
			"b07e  medium  acknowledged    1 min ago     17  ssh-brute-force  김민수  203.0.113.5 guessed root's…\n" +
			"c001  high    open, historic  1 min ago     17  ssh-brute-force          203.0.113.5 guessed root's…\n",
			"2 open. Next: weir alerts show 3f9c\n"},
		{"ko", terminal{env: inKorean, b: &backend{rows: rows[:1]}}, nil, "" +
			"ID    LEVEL  STATE  LAST       COUNT  RULE             WHAT\n" +
			"3f9c  high   open   1 min ago     17  ssh-brute-force  203.0.113.5이(가) web-1의 root 비밀번호를 알…\n",
			"1 open. Next: weir alerts show 3f9c\n"},
		{"a pipe says the same everywhere", terminal{env: inKorean, pipe: true, b: &backend{rows: rows[1:]}}, nil, "" +
			"b07e\tmedium\tacknowledged\t2026-11-21T11:59:00Z\t17\tssh-brute-force\t203.0.113.5 guessed root's password on web-1\n" +
			"c001\thigh\topen\t2026-11-21T11:59:00Z\t17\tssh-brute-force\t203.0.113.5 guessed root's password on web-1\n",
			"1 open. Next: weir alerts show b07e\n"},
		{"a pipe that asks for Korean", terminal{pipe: true, b: &backend{rows: rows[:1]}}, []string{"--lang", "ko"}, "" +
			"3f9c\thigh\topen\t2026-11-21T11:59:00Z\t17\tssh-brute-force\t203.0.113.5이(가) web-1의 root 비밀번호를 알아냈습니다\n",
			"1 open. Next: weir alerts show 3f9c\n"},
		{"none", terminal{b: &backend{}}, nil, "", "no alerts; rules that run: weir rules list\n"},
		{"more than asked for", terminal{env: inC, b: &backend{rows: rows}}, []string{"--size", "2"}, "" +
			"ID    LEVEL   STATE         LAST       COUNT  RULE             WHOSE   WHAT\n" +
			"3f9c  high    open          1 min ago     17  ssh-brute-force          203.0.113.5 guessed root's...\n" +
			"b07e  medium  acknowledged  1 min ago     17  ssh-brute-force  김민수  203.0.113.5 guessed root's...\n",
			"1 open among these 2; there are more: --size 0. Next: weir alerts show 3f9c\n"},
		{"an older weir answers with closed ones", terminal{pipe: true, b: &backend{rows: []control.AlertRow{closedOne()}}}, nil, "", "no alerts; rules that run: weir rules list\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, msg, err := tc.s.run(t, append([]string{"list"}, tc.args...)...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "stdout", out, tc.out)
			same(t, "stderr", msg, tc.msg)
		})
	}
}

// TestList_asks: each flag is asked for, and nothing else.
func TestList_asks(t *testing.T) {
	for args, want := range map[string]control.AlertsRequest{
		"":                                      {Live: true, Sort: "last", Size: 101},
		"--all --size 0":                        {Sort: "last"},
		"--state closed --sort count":           {State: alert.Closed, Sort: "count", Size: 101},
		"--mine --level high --from -1h":        {Live: true, Assignee: "ana", Level: "high", From: noon.Add(-time.Hour), Sort: "last", Size: 101},
		"--entity 203.0.113.5 --rule r --tag t": {Live: true, Entity: "203.0.113.5", Rule: "r", Tag: "t", Sort: "last", Size: 101},
		"--suppressed --canary --assignee ben":  {Live: true, Suppressed: true, Canary: true, Assignee: "ben", Sort: "last", Size: 101},
	} {
		b := &backend{}
		if _, _, err := (terminal{b: b}).run(t, append([]string{"list"}, strings.Fields(args)...)...); err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if got := b.asked[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: asked %+v", args, got)
		}
	}
}

func TestList_Failure(t *testing.T) {
	for args, says := range map[string]string{
		"--level bad": "--level bad is not known", "--state done": "--state done is not known", "--sort id": "--sort id is not known", "--lang fr": "--lang fr is not known", "x": "too much: x", "--size -1": "--size must be 0 or more",
	} {
		_, _, err := (terminal{b: &backend{}}).run(t, append([]string{"list"}, strings.Fields(args)...)...)
		if fault.Code(err) != "usage" || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, _, err := (terminal{b: &backend{}, user: "nobody"}).run(t, "list", "--mine"); fault.Code(err) != "usage" {
		t.Errorf("of nobody: %v", err)
	}
}

func TestList_JSON(t *testing.T) {
	out, _, err := terminal{json: true, b: &backend{rows: []control.AlertRow{guessed(), closedOne()}}}.run(t, "list", "--all")
	if err != nil || strings.Count(out, "\n") != 2 || !strings.Contains(out, `"verdict":"benign"`) || !strings.Contains(out, `"what_ko":"203`) {
		t.Errorf("%v\n%s", err, out)
	}
}
