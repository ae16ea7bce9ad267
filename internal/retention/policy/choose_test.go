package policy

import (
	"testing"
	"time"

	"weir/event"
)

// doc decodes an event.
func doc(t testing.TB, text string) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return &e
}

// TestChoose: the file first, then the systems, then what weir ships, then standard.
func TestChoose(t *testing.T) {
	p := parse(t, `
- {name: contract, keep_at_least: 2 years, when: 'weir.privacy.system == "partner"'}
- {name: dated, keep_at_least: 1 year, valid_from: 2026-01-01, valid_to: 2026-06-30, when: event.module == "old"}
- {name: dated, keep_at_least: 2 years, valid_from: 2026-07-01, when: event.module == "new"}
`, `
systems:
  - {name: crm, aliases: [고객관리], reviewers: [kim]}
  - {name: hr, sensitive: true, hosts: [hr-1], datasets: [hr.audit], reviewers: [kim]}
  - {name: shop, telecom: true, match: 'event.module == "shop" and event.action == "read"', reviewers: [kim]}
`)
	for _, tc := range []struct{ name, doc, want string }{
		{"nothing known", `{"event":{"dataset":"system.auth"}}`, "standard"},
		{"an access record of no system", `{"event":{"dataset":"privacy_access.log"}}`, "kr-pipa-access-1y"},
		{"of a small system", `{"event":{"dataset":"privacy_access.log"},"weir":{"privacy":{"system":"CRM"}}}`, "kr-pipa-access-1y"},
		{"of a system by its other name", `{"event":{"dataset":"crm.audit"},"weir":{"privacy":{"system":"고객관리"}}}`, "kr-pipa-access-1y"},
		{"of a sensitive one", `{"event":{"dataset":"privacy_access.log"},"weir":{"privacy":{"system":"Hr"}}}`, "kr-pipa-access-2y"},
		{"by its dataset", `{"event":{"dataset":"hr.audit"}}`, "kr-pipa-access-2y"},
		{"by its condition", `{"event":{"module":"shop","action":"read"}}`, "kr-pipa-access-2y"},
		{"the condition does not hold", `{"event":{"module":"shop","action":"ping"}}`, "standard"},
		{"a logon on its host", `{"event":{"dataset":"system.auth","category":["authentication"]},"host":{"name":"HR-1"}}`, "kr-pipa-access-2y"},
		{"an access record of its host", `{"event":{"dataset":"privacy_access.log"},"host":{"name":"hr-1"}}`, "kr-pipa-access-2y"},
		{"something else of its host", `{"event":{"dataset":"system.cron"},"host":{"name":"hr-1"}}`, "standard"},
		{"a logon elsewhere", `{"event":{"dataset":"system.auth","category":["authentication"]},"host":{"name":"web-1"}}`, "standard"},
		{"rights, whichever system", `{"event":{"dataset":"access_rights.log"},"weir":{"rights":{"action":"grant","system":"hr"},"privacy":{"system":"hr"}}}`, "kr-pipa-rights-3y"},
		{"the file comes first", `{"event":{"dataset":"privacy_access.log"},"weir":{"privacy":{"system":"partner"}}}`, "contract"},
		{"in its days", `{"event":{"module":"old"},"weir":{"time":"2026-06-30T14:59:59Z"}}`, "dated"},
		{"the day after, by the clock of the zone", `{"event":{"module":"old"},"weir":{"time":"2026-06-30T15:00:00Z"}}`, "standard"},
		{"the next variant", `{"event":{"module":"new"},"weir":{"time":"2026-06-30T15:00:00Z"}}`, "dated"},
		{"without weir.time the logged one", `{"@timestamp":"2026-06-30T14:00:00Z","event":{"module":"new"}}`, "standard"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := p.Choose(doc(t, tc.doc)); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// TestClass: of several variants the one for today's events is shown, else the last.
func TestClass(t *testing.T) {
	p := parse(t, "- {name: a, keep_at_least: 1y, valid_to: 2026-06-30, when: event.kind == 'event'}\n- {name: a, keep_at_least: 2y, valid_from: 2026-08-01, when: event.kind == 'event'}\n", "")
	for day, want := range map[string]string{"2026-06-30": "1 year", "2026-07-15": "2 years", "2026-08-01": "2 years"} {
		at, _ := time.Parse(time.DateOnly, day)
		if got := p.Class("a", at).Keep.String(); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	if p.Class("b", time.Now()) != nil {
		t.Error("a class that nobody has named")
	}
}

// BenchmarkChoose is the step of normalise, on an event that no condition wants.
func BenchmarkChoose(b *testing.B) {
	p := parse(b, "", "systems:\n  - {name: crm, reviewers: [kim]}\n  - {name: hr, sensitive: true, hosts: [hr-1], reviewers: [kim]}\n")
	e := doc(b, `{"event":{"dataset":"system.auth","category":["authentication"],"kind":"event"},"host":{"name":"web-1"},"message":"Accepted publickey for kim"}`)
	b.ReportAllocs()
	for b.Loop() {
		if p.Choose(e) != Standard {
			b.Fatal("another class")
		}
	}
}
