package draft

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/query"
	"weir/sinks/notify/routing"
)

func compiledFor(t *testing.T, own string, sys System) *compiled {
	t.Helper()
	s, err := parse("searches.yaml", []byte(own))
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.compile(sys, at(1, 0), at(32, 0), kst)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func matches(t *testing.T, q *query.Query, doc string) bool {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	return q.Match(&e)
}

// TestOffHours: the query of times says of every minute what the hours say.
func TestOffHours(t *testing.T) {
	for _, x := range []struct{ name, hours, holidays string }{
		{"days", "Mon-Fri 08:00-19:00", ""}, {"over midnight", "Mon-Fri 22:00-06:00", ""}, {"a holiday", "Mon-Fri 08:00-19:00", "2026-10-09"}, {"always", "00:00-24:00", ""},
		{"two spans", "Mon-Fri 09:00-12:00, Mon-Sat 13:00-18:30", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := settings{}
			if x.holidays != "" {
				s.Holidays = []string{x.holidays}
			}
			working, err := routing.ParseHours(x.hours)
			if err != nil {
				t.Fatal(err)
			}
			q, err := query.Parse(s.offHours(working, at(1, 0), at(32, 0), kst))
			if err != nil {
				t.Fatal(err)
			}
			var e event.Event
			for m := at(1, 0); m.Before(at(32, 0)); m = m.Add(7 * time.Minute) {
				e.Reset()
				e.Set(event.Timestamp, event.At(m))
				want := !working.Contains(m, kst) || m.In(kst).Format(time.DateOnly) == x.holidays
				if q.Match(&e) != want {
					t.Fatalf("%s: %v", m, !want)
				}
			}
		})
	}
}

// TestSettings_WhoseCount: what the owner of a system says goes before the settings, and the system's own settings before both.
func TestSettings_WhoseCount(t *testing.T) {
	sys := System{ID: "crm", Home: []string{"US"}, Expected: []string{"10.0.0.0/8"}, Shared: []string{"team"}, Hours: "Mon 10:00-11:00", Class: "kr-pipa-access-2y"}
	c := compiledFor(t, "systems: {crm: {shared: [batch]}}", sys)
	for _, x := range []struct {
		name string
		q    *query.Query
		doc  string
		want bool
	}{
		{"home", c.foreign, `{"source.geo.country_iso_code":"US"}`, false},
		{"abroad", c.foreign, `{"source.geo.country_iso_code":"KR"}`, true},
		{"no country", c.foreign, `{"source.ip":"192.0.2.1"}`, false},
		{"shared by the file", c.shared, `{"user.name":"batch"}`, true},
		{"shared by the owner", c.shared, `{"user.name":"team"}`, false},
		{"in hours", c.off, `{"@timestamp":"2026-10-05T01:30:00Z"}`, false},
		{"out of them", c.off, `{"@timestamp":"2026-10-05T02:30:00Z"}`, true},
		{"a record by its class", c.define["access"], `{"weir.class":"kr-pipa-access-2y"}`, true},
		{"another class", c.define["access"], `{"weir.class":"standard"}`, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if matches(t, x.q, x.doc) != x.want {
				t.Errorf("%v", !x.want)
			}
		})
	}
	i := slices.IndexFunc(c.finding, func(f *finding) bool { return f.spec.ID == "elsewhere" })
	record := `{"event.dataset":"privacy_access.log","source.ip":%}`
	if matches(t, c.finding[i].query, strings.Replace(record, "%", `"10.1.1.1"`, 1)) || !matches(t, c.finding[i].query, strings.Replace(record, "%", `"192.0.2.1"`, 1)) {
		t.Error("addresses that are not expected")
	}
	if bare := compiledFor(t, "", System{}); matches(t, bare.define["access"], `{"weir.class":"standard"}`) || matches(t, bare.shared, `{"user.name":"root"}`) {
		t.Error("nothing is said, and it counts all the same")
	}
}

// TestDefinitions: what counts as a logon, a failed one, a change of an account.
func TestDefinitions(t *testing.T) {
	c := compiledFor(t, "", System{})
	for _, x := range []struct{ name, doc, want string }{
		{"sshd", `{"event":{"action":"ssh_login","category":["authentication","session"],"outcome":"success"},"user":{"name":"kim"}}`, "logon"},
		{"sshd failed", `{"event":{"action":"ssh_login","category":["authentication"],"outcome":"failure"},"user":{"name":"kim"}}`, "failed"},
		{"Windows 4624", `{"event":{"action":"logged-in","category":["authentication"],"type":["start"],"outcome":"success"},"user":{"name":"kim"}}`, "logon"},
		{"Windows 4634", `{"event":{"action":"logged-out","category":["authentication"],"type":["end"],"outcome":"success"},"user":{"name":"kim"}}`, ""},
		{"a machine", `{"event":{"action":"logged-in","category":["authentication"],"outcome":"success"},"user":{"name":"DC-1$"}}`, ""},
		{"the system", `{"event":{"action":"logged-in","category":["authentication"],"outcome":"success"},"user":{"name":"SYSTEM"}}`, ""},
		{"nobody", `{"event":{"action":"logged-in","category":["authentication"],"outcome":"success"}}`, ""},
		{"useradd", `{"event":{"action":"added-user-account","category":["iam"],"outcome":"success"},"user":{"name":"bob"}}`, "native"},
		{"Windows 4672", `{"event":{"action":"logged-in-special","category":["iam"],"outcome":"success"}}`, ""},
		{"Windows 4703", `{"event":{"action":"token-right-adjusted","category":["iam"],"outcome":"success"}}`, ""},
		{"a grant", `{"event":{"dataset":"access_rights.log","category":["iam"]},"weir":{"rights":{"action":"grant"}}}`, "held rights"},
		{"a list", `{"event":{"dataset":"access_rights.log"},"weir":{"rights":{"action":"held"}}}`, "held"},
		{"a view", `{"event":{"dataset":"privacy_access.log"},"weir":{"privacy":{"action":"view","subject":{"count":999}}}}`, "access"},
		{"many", `{"weir":{"privacy":{"action":"view","subject":{"count":1000}}}}`, "access handled"},
		{"a download", `{"weir":{"privacy":{"action":"download"}}}`, "access download"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var got []string
			for name, q := range c.define {
				if name != "machine" && matches(t, q, x.doc) {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != x.want {
				t.Errorf("%v, want %s", got, x.want)
			}
		})
	}
}
