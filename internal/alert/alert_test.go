package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAlert_keys: what is on the topic is read by other programs too. Keys may be added, none may go.
func TestAlert_keys(t *testing.T) {
	a := sample()
	a.Within, a.MergedInto, a.WhatKo = time.Minute, "00ff", "비밀번호"
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"id":          `"3f9c0a1b2c3d4e5f"`,
		"revision":    "2",
		"rule":        `"ssh-brute-force"`,
		"version":     "3",
		"level":       `"high"`,
		"first":       `"2026-11-21T07:50:03Z"`,
		"last":        `"2026-11-21T07:50:09.4Z"`,
		"count":       "17",
		"within":      "60000000000",
		"merged_into": `"00ff"`,
		"what_ko":     `"비밀번호"`,
		"conditions":  `[{"name":"failed","expr":"event.outcome == \"failure\"","needed":5,"matched":128}]`,
		"evidence":    `[{"event_id":"e1","time":"2026-11-21T07:50:03Z","when":"failed","src":"weir.raw.syslog/0/1/0","values":{"message":"m","user.name":"root"}}]`,
	} {
		if got := string(doc[key]); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	for _, key := range []string{"title", "tags", "author", "group", "what", "created"} {
		if _, ok := doc[key]; !ok {
			t.Errorf("no key %s", key)
		}
	}
}

// TestAlert_optional: an alert of a rule about one event has no more to say than there is.
func TestAlert_optional(t *testing.T) {
	b, err := json.Marshal(&Alert{ID: "00", Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"within", "merged_into", "what_ko", "tags", "author"} {
		if strings.Contains(string(b), `"`+key+`"`) {
			t.Errorf("%s is written where there is none: %s", key, b)
		}
	}
}
