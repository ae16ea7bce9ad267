package retention_test

import (
	"encoding/json"
	"testing"
	"time"

	"weir/internal/retention"
)

// TestFacts: facts are plain data. They survive JSON, so a report may be made in another process, and what is not there takes no
// room.
func TestFacts(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	f := retention.Facts{Made: at, Zone: "Asia/Seoul", Policy: retention.PolicyFacts{Version: "ab", Refused: retention.Unsafe},
		Classes:  []retention.ClassFacts{{Name: "a", Title: retention.Text{Ko: "가"}, Keep: "1 year", Gaps: []retention.Gap{{From: "2026-01-01", To: "2026-01-02", Days: 2}}, NextExpiry: at}},
		Unknown:  []retention.UnknownFacts{{Name: "x", Near: "a"}},
		Holds:    []retention.HoldFacts{{ID: "H1", Active: true, Keeps: 3, Placed: at}},
		Warnings: []retention.Warning{{Kind: retention.WarnHoldEnds, Hold: "H1", Time: at}}}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back retention.Facts
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(b) {
		t.Errorf("%v\n%s\n%s", err, b, again)
	}
	empty, err := json.Marshal(retention.ClassFacts{Name: "a", Keep: "forever"})
	if want := `{"name":"a","title":{},"keep":"forever","segments":0,"events":0,"bytes":0}`; err != nil || string(empty) != want {
		t.Errorf("%s %v, want %s", empty, err, want)
	}
}

// TestText_In: a text that is missing in a language is said in the other.
func TestText_In(t *testing.T) {
	for _, tc := range []struct{ en, ko, lang, want string }{{"a", "가", "ko", "가"}, {"a", "가", "en", "a"}, {"a", "", "ko", "a"}, {"", "가", "en", "가"}, {"", "", "en", ""}} {
		if got := (retention.Text{En: tc.en, Ko: tc.ko}).In(tc.lang); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// TestWords: the slugs are a contract: reports in other languages and scripts know them.
func TestWords(t *testing.T) {
	for want, got := range map[string]retention.Why{"due": retention.Due, "not-due": retention.NotDue, "forever": retention.Forever, "unknown-class": retention.Unknown, "held": retention.Held,
		"fresh": retention.Fresh, "clock": retention.Unsafe, "off": retention.Off, "policy": retention.Unstated} {
		if string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, w := range []struct{ got, want string }{{retention.WarnNeverChecked, "never-checked"}, {retention.WarnCheckedOld, "checked-old"}, {retention.WarnHoldEnds, "hold-ends"}, {retention.WarnHoldEnded, "hold-ended"},
		{retention.WarnBeyond, "beyond"}, {retention.WarnUnknown, "unknown-class"}, {retention.WarnClock, "clock"}, {retention.WarnShorter, "shorter"}} {
		if w.got != w.want {
			t.Errorf("%s, want %s", w.got, w.want)
		}
	}
}
