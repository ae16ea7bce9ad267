package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/notifying"
)

// silence adds one and returns its id.
func (w *world) silence(until time.Duration, match ...string) string {
	w.t.Helper()
	s, err := w.n.AddSilence(w.t.Context(), notifying.NewSilence{Match: match, Owner: "ana", Reason: "test", Until: w.now().Add(until)})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

// held says how many alerts a silence held back.
func (w *world) held(id string) int64 {
	w.t.Helper()
	list, err := w.n.Silences(w.t.Context(), notifying.SilencesRequest{All: true})
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(s notifying.Silence) bool { return s.ID == id })
	if i < 0 {
		w.t.Fatalf("no silence %s", id)
	}
	return list[i].Held
}

func TestEscalation(t *testing.T) {
	const file = `
channels: {mail: {type: box}, boss: {type: box}, chief: {type: box}}
route: {to: mail, group_by: [rule], escalate: [{after: 15m, to: boss}, {after: 1h, to: [chief, boss]}]}
`
	w := newWorld(t, file)
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("b1", "sudo", "high", "web-1"))
	w.pass(14 * time.Minute)
	w.decides("b1", 1, "acknowledged")
	w.pass(3 * time.Hour)
	w.want("mail", "firing rule=ssh: a1", "firing rule=sudo: b1")
	w.want("boss", "escalation rule=ssh: a1", "escalation rule=ssh: a1")
	w.want("chief", "escalation rule=ssh: a1")
	w.decides("a1", 1, "closed")
	w.decides("b1", 2, "closed")
	w.pass(10 * time.Minute)
	// The end is told to whom it was told.
	w.want("mail", "resolved rule=ssh: a1/closed", "resolved rule=sudo: b1/closed")
	w.want("boss", "resolved rule=ssh: a1/closed")
	w.want("chief", "resolved rule=ssh: a1/closed")
}

func TestResolve_Off(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}}\nroute: {to: mail, resolve: false}\n")
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(time.Minute)
	w.decides("a1", 1, "closed")
	w.pass(time.Hour)
	w.want("mail", "firing rule=ssh: a1")
}

func TestRulesOwnChannels(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}, dba: {type: box}}\nroute: {to: mail, group_by: [rule]}\n")
	own := w.alert("a1", "db", "high", "web-1")
	own.Notify = []string{"dba", "elsewhere"}
	w.comes(own, w.alert("a2", "db", "high", "web-2"))
	w.pass(time.Minute)
	w.want("mail", "firing rule=db: a1 a2")
	w.want("dba", "firing rule=db: a1")
}

func TestSilence(t *testing.T) {
	w := newWorld(t, simple)
	id := w.silence(2*time.Hour, "rule=ssh*", "host.name=lab-*")
	w.comes(w.alert("a1", "ssh", "critical", "lab-1"), w.alert("a2", "ssh", "critical", "web-1"))
	w.pass(time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-1: a2")
	again := w.alert("a1", "ssh", "critical", "lab-1")
	again.Revision, again.Count = 2, 2
	w.comes(again) // still silent: it counts once
	if n := w.held(id); n != 1 {
		t.Errorf("held %d", n)
	}
	w.decides("a2", 1, "acknowledged")
	w.pass(2 * time.Hour)
	w.want("mail")
	// It is over. What was held back is not told, unless it goes on.
	again.Revision, again.Count = 3, 2
	w.comes(again)
	w.pass(time.Minute)
	w.want("mail")
	again.Revision, again.Count = 4, 3
	w.comes(again)
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=lab-1: a1")
}

// TestSilence_WhileItWaits: a silence that comes while a group waits holds back what nobody was told of.
func TestSilence_WhileItWaits(t *testing.T) {
	w := newWorld(t, simple)
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("a2", "ssh", "high", "web-1"))
	w.pass(5 * time.Second)
	id := w.silence(time.Hour, "alert=a1")
	w.pass(2 * time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-1: a2")
	if n := w.held(id); n != 1 {
		t.Errorf("held %d", n)
	}
}

// TestSilence_OfWhatWasTold: no repeat, no escalation and no end while it is silent; after it they go on.
func TestSilence_OfWhatWasTold(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}, boss: {type: box}}\nroute: {to: mail, group_by: [rule], repeat: 1h, escalate: [{after: 30m, to: boss}]}\n")
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("b1", "sudo", "high", "web-1"))
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh: a1", "firing rule=sudo: b1")
	w.silence(3*time.Hour, "rule=*")
	w.pass(time.Hour)
	w.decides("b1", 1, "closed")
	w.pass(time.Hour)
	w.want("mail")
	w.want("boss")
	w.pass(time.Hour + time.Minute)
	w.want("mail", "resolved rule=sudo: b1/closed")
	w.want("boss", "escalation rule=ssh: a1")
	w.pass(time.Hour)
	w.want("mail", "repeat rule=ssh: a1")
}

func TestMaintenance(t *testing.T) {
	for _, digest := range []bool{false, true} {
		t.Run(fmt.Sprint("digest ", digest), func(t *testing.T) {
			w := newWorld(t, fmt.Sprintf(`
time_zone: Asia/Seoul
channels: {mail: {type: box}, net: {type: box}}
route: {to: mail, lang: ko, routes: [{match: {rule: link-*}, to: net, lang: en}]}
maintenance:
  - {name: patch, owner: ana, reason: updates, weekly: "Sat 21:00-23:00", match: {host.name: web-*}, digest: %v}
`, digest))
			w.most = time.Minute
			w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("a2", "link-down", "low", "web-2"), w.alert("a3", "ssh", "critical", "web-3"), w.alert("b1", "ssh", "low", "db-1"))
			w.pass(time.Hour + 59*time.Minute)
			w.want("mail", "firing rule=ssh: b1")
			w.want("net")
			w.decides("a1", 1, "closed")
			w.pass(2 * time.Minute)
			if !digest {
				w.want("mail")
				w.want("net")
			} else {
				w.want("mail", "digest 점검 patch 종료: 그동안 알리지 않은 경보 2건: a3 a1/closed")
				w.want("net", "digest maintenance patch is over: 1 alert was held back: a2")
			}
			w.comes(w.alert("a4", "ssh", "high", "web-1"))
			w.pass(10 * time.Minute)
			w.want("mail", "firing rule=ssh: a4 b1")
		})
	}
}

// TestMaintenance_Gone: a window that is taken out of the file is over.
func TestMaintenance_Gone(t *testing.T) {
	w := newWorld(t, simple+"maintenance: [{name: w, owner: o, reason: r, from: 2026-11-21 10:00, to: 2026-11-22 10:00, match: {rule: '*'}, digest: true}]\n")
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(time.Hour)
	w.want("mail")
	w.write(simple)
	w.pass(time.Minute)
	w.want("mail", "digest maintenance w is over: 1 alert was held back: a1")
}

// TestReload: groups find their route in a file that is written in another way, and another one where it has gone.
func TestReload(t *testing.T) {
	const file = `
channels: {mail: {type: box}, net: {type: box}, web: {type: box}}
route: {to: mail, group_by: [rule], routes: [{match: {rule: link-*}, to: net, repeat: 1h}, {match: {rule: web-*}, to: web}]}
`
	w := newWorld(t, file)
	w.comes(w.alert("a1", "link-down", "high", "web-1"), w.alert("a2", "web-x", "high", "web-1"))
	w.pass(time.Minute)
	w.want("net", "firing rule=link-down: a1")
	w.want("web", "firing rule=web-x: a2")
	w.write("\n" + strings.ReplaceAll(strings.Replace(file, "repeat: 1h", "repeat: 2h", 1), ", {match: {rule: web-*}, to: web}", ""))
	w.pass(119 * time.Minute)
	w.want("net")
	w.pass(2 * time.Minute)
	w.want("net", "repeat rule=link-down: a1")
	// web is still in the file: its group goes on there, by the settings of the root.
	w.decides("a2", 1, "closed")
	w.pass(time.Minute)
	w.want("web", "resolved rule=web-x: a2/closed")
	// A channel that is gone: its group tells whom its route tells now.
	w.write("channels: {mail: {type: box}}\nroute: {to: mail, repeat: 1h}\n")
	w.pass(5 * time.Hour)
	if got := w.got("mail"); len(got) == 0 || got[0] != "repeat rule=link-down: a1" {
		t.Errorf("mail got %q", got)
	}
	if b := w.boxes["net"]; b.closed == 0 {
		t.Error("a channel that is gone was not closed")
	}
}

// TestReload_Bad: a file with mistakes leaves the present one in use, and says so.
func TestReload_Bad(t *testing.T) {
	w := newWorld(t, simple)
	w.write("channels: {mail: {type: boks}}\n")
	w.pass(time.Second)
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
	st, err := w.n.NotifyStatus(t.Context())
	if err != nil || len(st.Faults) == 0 || st.Loaded.IsZero() {
		t.Errorf("status %+v, %v", st, err)
	}
	if w.boxes["mail"].closed != 0 {
		t.Error("a channel in use was closed")
	}
	w.write("\n" + simple)
	w.pass(time.Second)
	if st, _ = w.n.NotifyStatus(t.Context()); len(st.Faults) != 0 {
		t.Errorf("mended, and still %v", st.Faults)
	}
}

// TestLarge: a group of more alerts than a message names says how many others there are; a program gets all.
func TestLarge(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}, prog: {type: box, most: 50, limit: 0}}\nroute: {to: [mail, prog], group_by: [rule], repeat: 1h}\n")
	var list []alert.Alert
	for i := range 130 {
		level := "low"
		if i == 77 {
			level = "high"
		}
		list = append(list, w.alert(fmt.Sprintf("a%03d", i), "ssh", level, fmt.Sprint("web-", i)))
	}
	w.comes(list...)
	w.pass(time.Minute)
	got := w.got("mail")
	if len(got) != 1 || !strings.HasPrefix(got[0], "firing rule=ssh: a077 a000 a001") || !strings.HasSuffix(got[0], " +110") {
		t.Errorf("people got %q", got)
	}
	seen := map[string]int{}
	for _, m := range w.got("prog") {
		_, ids, _ := strings.Cut(m, ": ")
		for id := range strings.FieldsSeq(ids) {
			seen[id]++
		}
	}
	if len(seen) != 130 || seen["a077"] != 1 || seen["a129"] != 1 {
		t.Errorf("a program got %d alerts", len(seen))
	}
	// The group grows: people get it with the others, a program what is new.
	w.comes(w.alert("b1", "ssh", "low", "web-200"))
	w.pass(10 * time.Minute)
	w.want("prog", "firing rule=ssh: b1")
	if got := w.got("mail"); len(got) != 1 || !strings.HasPrefix(got[0], "firing rule=ssh: a077 b1 a000 ") {
		t.Errorf("people got %q", got)
	}
	w.pass(time.Hour)
	if n := len(w.got("prog")); n != 3 {
		t.Errorf("a repeat in %d messages", n)
	}
}

func TestTexts(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{foldText("en", 812, 37), "and 812 more alerts in 37 groups"},
		{foldText("en", 1, 1), "and 1 more alert in 1 group"},
		{foldText("ko", 812, 37), "그 밖에 37개 그룹의 경보 812건"},
		{summaryText("en", "patch", 2), "maintenance patch is over: 2 alerts were held back"},
		{everything("ko"), "모든 경보"},
		{everything("en"), "all alerts"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}
