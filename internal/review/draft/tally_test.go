package draft

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/query"
	"weir/internal/review"
)

func decoded(t testing.TB, text string) *event.Event {
	t.Helper()
	e := &event.Event{}
	if err := e.Decode([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestScope: what belongs to a system, in whatever case people write its name.
func TestScope(t *testing.T) {
	s := newTally(System{ID: "crm", Names: []string{"고객관리", "Sales DB"}, Events: `host.name: "crm-1"`})
	q, err := query.Parse(s.scopeText)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name, doc string
		want      bool
	}{
		{"as it is", `{"weir.privacy.system":"crm"}`, true},
		{"upper", `{"weir.privacy.system":"CRM"}`, true},
		{"title", `{"weir.rights.system":"Crm"}`, true},
		{"another name", `{"weir.rights.system":"고객관리"}`, true},
		{"another name, lower", `{"weir.privacy.system":"sales db"}`, true},
		{"its host", `{"host.name":"crm-1"}`, true},
		{"another host", `{"host.name":"crm-2"}`, false},
		{"another system", `{"weir.privacy.system":"crm2"}`, false},
		{"an alert about it", `{"host.name":"crm-1","event.dataset":"weir.alert"}`, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if q.Match(decoded(t, x.doc)) != x.want {
				t.Errorf("%v", !x.want)
			}
		})
	}
	if s := newTally(System{ID: "crm", Events: `host.name: "a" or host.name: "b"`}); !strings.Contains(s.scopeText, `(host.name: "a" or host.name: "b")`) {
		t.Errorf("%s", s.scopeText)
	}
}

// TestHolds: what an account may do follows from the records of rights, in their order.
func TestHolds(t *testing.T) {
	period := review.Period{From: at(1, 0), To: at(32, 0)}
	type step struct{ action, more string }
	for _, x := range []struct {
		name    string
		steps   []step
		rights  []string
		removed bool
	}{
		{"granted", []step{{"grant", `"weir.rights.right":["read"]`}}, []string{"read"}, false},
		{"granted twice", []step{{"grant", `"weir.rights.right":["read"]`}, {"grant", `"weir.rights.right":["write"]`}}, []string{"read", "write"}, false},
		{"one is removed", []step{{"grant", `"weir.rights.right":["read","write"]`}, {"remove", `"weir.rights.right":["read"]`}}, []string{"write"}, false},
		{"the last is removed", []step{{"grant", `"weir.rights.right":["read"]`}, {"remove", `"weir.rights.right":["read"]`}}, nil, true},
		{"all are removed", []step{{"grant", `"weir.rights.right":["read","write"]`}, {"remove", `"x":"y"`}}, nil, true},
		{"granted again", []step{{"grant", `"weir.rights.right":["read"]`}, {"remove", `"x":"y"`}, {"grant", `"weir.rights.right":["read"]`}}, []string{"read"}, false},
		{"changed", []step{{"grant", `"weir.rights.right":["read"]`}, {"change", `"weir.rights.old":["read"],"weir.rights.new":["admin"]`}}, []string{"admin"}, false},
		{"listed", []step{{"held", `"weir.rights.right":["read"]`}}, []string{"read"}, false},
		{"of a name nobody wrote", []step{{"grant", `"x":"y"`}}, []string{"-"}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newTally(System{ID: "crm"})
			for i, st := range x.steps {
				s.holds(decoded(t, `{"user.target.name":"kim","weir.rights.action":"`+st.action+`",`+st.more+`}`), at(5+i, 0), period)
			}
			h := s.holders["kim"]
			var got []string
			for r := range h.rights {
				got = append(got, r)
			}
			slices.Sort(got)
			if !slices.Equal(got, x.rights) || h.removed.IsZero() == x.removed {
				t.Errorf("%v, removed %s; want %v", got, h.removed, x.rights)
			}
		})
	}
	s := newTally(System{ID: "crm"})
	s.holds(decoded(t, `{"weir.rights.action":"grant"}`), at(5, 0), period)
	if len(s.holders) != 0 {
		t.Error("a right of nobody")
	}
	// Taken away before the period: that is history and no finding of this month.
	s.holds(decoded(t, `{"user.target.id":"77","weir.rights.action":"grant","weir.rights.right":["a"]}`), at(-60, 0), period)
	s.holds(decoded(t, `{"user.target.id":"77","weir.rights.action":"remove","weir.rights.right":["a"]}`), at(-30, 0), period)
	if h := s.holders["77"]; h == nil || len(h.rights) != 0 || !h.removed.IsZero() {
		t.Errorf("%+v", h)
	}
}

func TestNetworkOf(t *testing.T) {
	for _, x := range []struct{ doc, want string }{
		{`{"source.ip":"10.1.2.3"}`, "private"}, {`{"source.ip":"203.0.113.5"}`, "internet"}, {`{"source.ip":"fd00::1"}`, "private"}, {`{"source.ip":"2001:db8::1"}`, "internet"},
		{`{"source.ip":"127.0.0.1"}`, "private"}, {`{"source.ip":"169.254.1.1"}`, "private"}, {`{}`, "local"}, {`{"source.ip":"10.1.2.3","weir.asset.source.site":"Seoul"}`, "Seoul"},
	} {
		e := decoded(t, x.doc)
		if got := networkOf(e, e.Str(event.SourceIP)); got != x.want {
			t.Errorf("%s: %s, want %s", x.doc, got, x.want)
		}
	}
}

// TestAbout: an alert is about a system if it says so itself, or if one of the events behind it does.
func TestAbout(t *testing.T) {
	d := &drafter{o: &Options{Period: review.Period{From: at(1, 0), To: at(32, 0), Zone: "Asia/Seoul"}, Searches: shippedSearches(t)}, facts: &review.Facts{}, zone: kst}
	if err := d.add(System{ID: "crm", Events: `host.name: "crm-1"`}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name, doc string
		want      bool
	}{
		{"its group", `{"event.dataset":"weir.alert","host.name":"crm-1"}`, true},
		{"its evidence", `{"event.dataset":"weir.alert","weir.alert.evidence":[{"values":{"host.name":"web"}},{"values":{"host.name":"crm-1"}}]}`, true},
		{"a record as evidence", `{"event.dataset":"weir.alert","weir.alert.evidence":[{"values":{"weir.privacy.system":"crm"}}]}`, true},
		{"another host", `{"event.dataset":"weir.alert","weir.alert.evidence":[{"values":{"host.name":"web"}}]}`, false},
		{"two hosts are not joined", `{"event.dataset":"weir.alert","weir.alert.evidence":[{"values":{"host.name":"crm"}},{"values":{"x":"-1"}}]}`, false},
		{"nothing known", `{"event.dataset":"weir.alert"}`, false},
		{"evidence of a strange form", `{"event.dataset":"weir.alert","weir.alert.evidence":["x",{"values":"y"}]}`, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := d.systems[0].about(decoded(t, x.doc), &event.Event{}); got != x.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func shippedSearches(t testing.TB) *Searches {
	t.Helper()
	s, err := parse("searches.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestChange: who did what to whom, in the two ways in which it is written.
func TestChange(t *testing.T) {
	for _, x := range []struct {
		name, doc string
		want      review.RightsChange
	}{
		{
			"a record of rights", `{"event.id":"1","event.dataset":"access_rights.log","user.name":"admin","user.target.name":"kim","weir.rights.action":"change","weir.rights.old":["a"],"weir.rights.new":["b","c"],"weir.rights.approved_by":"lee","weir.rights.reason":"new team"}`,
			review.RightsChange{Event: "1", Action: "change", By: "admin", Account: "kim", Old: "a", New: "b, c", Approved: "lee", Reason: "new team", Dataset: "access_rights.log"},
		},
		{
			"Windows: added to a group", `{"event.id":"2","event.dataset":"system.security","event.action":"added-member-to-group","user.name":"admin","user.target.name":"kim","group.name":"Domain Admins","host.name":"dc"}`,
			review.RightsChange{Event: "2", Action: "added-member-to-group", By: "admin", Account: "kim", Right: "Domain Admins", Native: true, Dataset: "system.security", Host: "dc"},
		},
		{
			"Linux: useradd names only the account", `{"event.id":"3","event.dataset":"system.auth","event.action":"added-user-account","user.name":"bob","host.name":"h"}`,
			review.RightsChange{Event: "3", Action: "added-user-account", Account: "bob", Native: true, Dataset: "system.auth", Host: "h"},
		},
		{
			"Linux: usermod says it in words", `{"event.id":"4","event.dataset":"system.auth","event.action":"modified-user-account","message":"add 'bob' to group 'sudo'"}`,
			review.RightsChange{Event: "4", Action: "modified-user-account", Reason: "add 'bob' to group 'sudo'", Native: true, Dataset: "system.auth"},
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := change(decoded(t, x.doc), time.Time{}); got != x.want {
				t.Errorf("%+v\nwant %+v", got, x.want)
			}
		})
	}
}

func TestHandling(t *testing.T) {
	for _, x := range []struct {
		name, doc string
		address   string
		subjects  int64
	}{
		{"an address", `{"source.ip":"10.0.0.1","source.domain":"pc","weir.privacy.subject.count":5,"weir.privacy.subject.id":["a"]}`, "10.0.0.1", 5},
		{"a terminal", `{"source.domain":"pc","weir.privacy.subject.id":["a","b"]}`, "pc", 2},
		{"nothing said", `{}`, "", 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			if h := handling(decoded(t, x.doc), time.Time{}); h.Address != x.address || h.Subjects != x.subjects {
				t.Errorf("%+v", h)
			}
		})
	}
}

// TestShort: what somebody else wrote is cut at a character, and never breaks the JSON of a review.
func TestShort(t *testing.T) {
	if got := short(strings.Repeat("가", maxText+5)); got != strings.Repeat("가", maxText)+"…" {
		t.Errorf("%d bytes", len(got))
	}
	if got := short(strings.Repeat("x", maxText)); strings.HasSuffix(got, "…") {
		t.Error("a text that fits is cut")
	}
	if got := short("a\xffb"); got != "a\uFFFDb" {
		t.Errorf("%q", got)
	}
}

// TestStrings_OutliveTheEvent: an event is only valid until the next one; what a tally keeps is its own.
func TestStrings_OutliveTheEvent(t *testing.T) {
	text := []byte(access(at(5, 10), "id-1", "kim", "10.0.0.1", "download", "weir.privacy.reason", `"because"`))
	var e event.Event
	if err := e.Decode(text); err != nil {
		t.Fatal(err)
	}
	h := handling(&e, at(5, 10))
	c := counted(t, &finding{spec: &searchSpec{Count: "by", By: []string{"user.name"}}})
	c.add(&finding{spec: &searchSpec{Count: "by", By: []string{"user.name"}}}, &e, at(5, 10), 1)
	for i := range text {
		text[i] = '#'
	}
	if h.Event != "id-1" || h.Account != "kim" || h.Reason != "because" || h.Address != "10.0.0.1" || c.groups["kim"].values[0] != "kim" {
		t.Errorf("%+v %+v", h, c.groups)
	}
}
