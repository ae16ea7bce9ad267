package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/control/notifying"
	"weir/internal/fault"
)

const explained = `
channels: {mail: {type: box}, boss: {type: box}, phone: {type: box}}
route:
  to: mail
  group_by: [rule]
  escalate: [{after: 15m, to: boss}]
  routes:
    - {match: {level: critical, hours: "Mon-Fri 09:00-18:00"}, to: phone, group_by: []}
    - {match: {rule: noise-*}, to: []}
maintenance: [{name: patch, owner: bo, reason: updates, weekly: "Sat 12:00-14:00", match: {host.name: db-*}}]
`

// lines writes an explanation.
func lines(r notifying.Route) string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, fmt.Sprintf("%d:%d %v %v %q", s.Line, s.Depth, s.Matched, s.Takes, s.Why))
	}
	for _, t := range r.To {
		out = append(out, fmt.Sprintf("to %s line %d group %q wait %dms escalate %d own %v", strings.Join(t.Channels, ","), t.Line, t.Group, t.WaitMS, len(t.Escalate), t.Own))
	}
	for _, h := range r.Holds {
		out = append(out, fmt.Sprintf("held by %s of %s", h.Kind, h.Owner))
	}
	return strings.Join(out, "\n")
}

func TestRoute_Described(t *testing.T) {
	w := newWorld(t, explained)
	w.silence(time.Hour, "labels.team=net")
	monday := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		r    notifying.RouteRequest
		want string
	}{
		{"root", notifying.RouteRequest{Rule: "ssh"}, "4:0 true true \"\"\n8:1 false false \"not level>=critical: it is medium\"\n9:1 false false \"not rule=noise-*: it is ssh\"\nto mail line 4 group \"rule=ssh\" wait 10000ms escalate 1 own false"},
		{"at another time", notifying.RouteRequest{Level: "critical", At: monday}, "4:0 true false \"\"\n8:1 true true \"\"\n9:1 false false \"not asked: an earlier route took it\"\nto phone line 8 group \"\" wait 0ms escalate 1 own false"},
		{"the weekend", notifying.RouteRequest{Level: "critical"}, "4:0 true true \"\"\n8:1 false false \"not in the hours Mon-Fri 09:00-18:00 (UTC)\"\n9:1 false false \"not rule=noise-*\"\nto mail line 4 group \"\" wait 0ms escalate 1 own false"},
		{"nobody", notifying.RouteRequest{Rule: "noise-1"}, "4:0 true false \"\"\n8:1 false false \"not level>=critical: it is medium\"\n9:1 true true \"\""},
		{"silence and maintenance", notifying.RouteRequest{Rule: "x", Labels: map[string]string{"team": "net"}, Group: map[string]string{"host.name": "db-1"}, Notify: []string{"phone"}},
			"4:0 true true \"\"\n8:1 false false \"not level>=critical: it is medium\"\n9:1 false false \"not rule=noise-*: it is x\"\nto mail line 4 group \"rule=x\" wait 10000ms escalate 1 own false\nto phone line 4 group \"rule=x\" wait 10000ms escalate 1 own true\nheld by silence of ana\nheld by maintenance of bo"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := w.n.NotifyRoute(t.Context(), tc.r)
			if err != nil {
				t.Fatal(err)
			}
			if text := lines(got); text != tc.want {
				t.Errorf("got\n%s\nwant\n%s", text, tc.want)
			}
		})
	}
	if _, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Level: "hihg"}); fault.Code(err) != "notify-match" {
		t.Errorf("a level that is none: %v", err)
	}
	if _, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "zz"}); fault.Code(err) != "alert-unknown" {
		t.Errorf("an alert that is none: %v", err)
	}
}

// TestRoute_Past: what became of an alert is told from its coming to its end.
func TestRoute_Past(t *testing.T) {
	w := newWorld(t, explained)
	id := w.silence(time.Minute, "alert=3f9c")
	w.comes(w.alert("3f9c00", "ssh", "high", "web-1"), w.alert("3f9c", "ssh", "high", "web-1"))
	w.pass(time.Minute)
	held := w.alert("3f9c", "ssh", "high", "web-1")
	held.Revision, held.Count = 2, 2
	w.comes(held)
	w.pass(20 * time.Minute)
	w.decides("3f9c", 1, "closed")
	w.decides("3f9c00", 1, "closed")
	w.pass(time.Hour)
	r, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "3f9c"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range r.Past {
		line := fmt.Sprintf("%s %s %s %s %s %s", p.At.Format("15:04:05"), p.What, p.Channel, p.Kind, p.Group, p.Detail)
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"12:00:00 came",
		"12:00:00 held by silence " + id,
		"12:01:00 grouped rule=ssh for mail",
		"12:05:10 told rule=ssh",
		"12:05:10 sent mail firing rule=ssh taken",
		"12:20:10 sent boss escalation rule=ssh taken",
		"12:21:00 sent boss resolved rule=ssh taken",
		"12:21:00 sent mail resolved rule=ssh taken",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Alert != "3f9c" || r.What != "ssh on web-1" || r.Withheld == "" {
		t.Errorf("alert %+v", r)
	}
	// The beginning of an id is enough where only one has it.
	if r, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "3f9c0"}); err != nil || r.Alert != "3f9c00" {
		t.Errorf("%+v, %v", r.Alert, err)
	}
	if _, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "3f"}); fault.Code(err) != "alert-unknown" {
		t.Errorf("two begin so: %v", err)
	}
}
