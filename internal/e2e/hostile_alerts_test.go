package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite" // the other program that holds a store

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/testkit/relpclient"
)

// receiver is the other side of a webhook: it notes which alerts came, how often, and in how many messages.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	alerts   map[string]int // id -> messages
	more     int            // that were only counted
	messages int
	tries    int
	answer   http.HandlerFunc // nil: 200
}

func newReceiver(t testing.TB, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{alerts: map[string]int{}, answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() { r.CloseClientConnections(); r.Close() })
	return r
}

// says changes what it answers.
func (r *receiver) says(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// ServeHTTP takes a message, unless answer says otherwise.
func (r *receiver) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	answer := r.answer
	r.tries++
	r.mu.Unlock()
	if err != nil {
		return // it was given up meanwhile
	}
	if answer != nil {
		answer(rw, req)
		return
	}
	var m struct {
		More   int
		Alerts []struct{ ID string }
	}
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages++
	r.more += m.More
	for _, a := range m.Alerts {
		r.alerts[a.ID]++
	}
}

func (r *receiver) got() (alerts, messages, tries int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.alerts), r.messages, r.tries
}

// newHostile is a weir with rules and a notify.yaml, and no rules but these.
func newHostile(t testing.TB, ruleText, notifyText string, settings ...string) *weir {
	t.Helper()
	w := newWeir(t, append([]string{"WEIR_WATCHDOG_CANARY=0"}, settings...)...)
	if err := os.MkdirAll(filepath.Join(w.dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.dir, "rules", "hostile.yaml"), ruleText)
	if notifyText != "" {
		write(t, filepath.Join(w.dir, "notify.yaml"), notifyText)
	}
	return w
}

// attempt is a failed login of a user from an address.
func attempt(user, ip string) []byte {
	return fmt.Appendf(nil, "<38>%s web-1 sshd[7]: Failed password for %s from %s port 4022 ssh2", time.Now().Format(time.Stamp), user, ip)
}

// sendLines sends lines by RELP, perSecond of them (0: as fast as they are taken), and waits until all are acknowledged.
func (w *weir) sendLines(n, perSecond int, line func(i int) []byte) {
	w.t.Helper()
	ctx := within(w.t, 5*time.Minute)
	c, err := relpclient.Dial(ctx, w.relp(), 2000)
	if err != nil {
		w.t.Fatal(err)
	}
	begun := time.Now()
	for i := range n {
		if perSecond > 0 && i%20 == 0 {
			time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		}
		if err := c.Send(ctx, i, line(i)); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := c.Close(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// alertsOf lists the alerts of rules whose ids begin so; none while weir cannot answer.
func (w *weir) alertsOf(rule string) (list []map[string]any) {
	w.t.Helper()
	out, err := w.command("alerts", "list", "--json", "--all", "--size", "0").Output()
	if err != nil {
		w.t.Logf("listing alerts: %v %s", err, out)
		return nil
	}
	for line := range strings.Lines(string(out)) {
		var a map[string]any
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			w.t.Fatalf("%v in %s", err, line)
		}
		if strings.HasPrefix(field(a, "rule"), rule) {
			list = append(list, a)
		}
	}
	return list
}

// firstAlert waits until a rule has an alert and returns its id.
func (w *weir) firstAlert(rule string) (id string) {
	w.t.Helper()
	eventually(w.t, time.Minute, "an alert of "+rule, func() bool {
		if list := w.alertsOf(rule); len(list) > 0 {
			id = field(list[0], "id")
		}
		return len(id) > 8
	})
	return id
}

// memory is what the process has in memory, in MiB.
func (w *weir) memory() int {
	doc, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid()))
	if err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(string(doc)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb >> 10
		}
	}
	return 0
}

// balances waits until nothing is under way and checks that all n lines are stored.
func (w *weir) balances(n int) {
	w.t.Helper()
	eventually(w.t, 2*time.Minute, "everything is stored", func() bool {
		rows, balanced := w.ledger()
		var stored, waiting int64
		for source, r := range rows {
			if source != auditSource {
				stored, waiting = stored+r.Stored, waiting+r.InFlight
			}
		}
		return balanced && stored >= int64(n) && waiting == 0
	})
}

// TestHostile_AlertStorm: a hundred rules match every event. Alerts are folded, people get few messages, weir answers
// meanwhile, and everything is stored.
func TestHostile_AlertStorm(t *testing.T) {
	const rules, n = 100, 20_000
	var text strings.Builder
	for i := range rules {
		fmt.Fprintf(&text, "---\nid: storm-%03d\ntitle: storm %d\nlevel: high\nwhen: event.dataset == \"system.auth\"\nfold: {by: [host.name], for: 1h}\n", i, i)
	}
	needE2E(t)
	mail := newReceiver(t, nil)
	w := newHostile(t, text.String()[4:], "channels: {hook: {type: webhook, url: "+mail.URL+", limit: 10}}\nroute: {to: [], routes: [{match: {rule: storm-*}, to: [hook], group_by: [rule], group_wait: 2s}]}\n")
	w.start()
	over := make(chan struct{})
	var wg sync.WaitGroup
	// A hundred signals for each line may fill their log: then senders wait, which readiness says, and nothing is lost.
	most, waited, slowest := 0, 0, time.Duration(0)
	wg.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(500 * time.Millisecond):
			}
			begun := time.Now()
			if !w.ready() {
				waited++
			}
			slowest = max(slowest, time.Since(begun))
			most = max(most, w.memory())
		}
	})
	begun := time.Now()
	w.sendLines(n, 2000, func(i int) []byte { return attempt(fmt.Sprintf("user%d", i%500), fmt.Sprintf("203.0.113.%d", i%250)) })
	close(over)
	wg.Wait()
	w.balances(n)
	var list []map[string]any
	eventually(t, 60*time.Second, "all hits are in one alert of each rule", func() bool {
		full := 0
		list = w.alertsOf("storm-")
		for _, a := range list {
			if field(a, "count") == strconv.Itoa(n) {
				full++
			}
		}
		return full == rules
	})
	if len(list) != rules {
		t.Errorf("%d alerts of %d rules", len(list), rules)
	}
	eventually(t, time.Minute, "senders do not wait any more", w.ready)
	eventually(t, time.Minute, "somebody is told", func() bool { _, messages, _ := mail.got(); return messages > 0 })
	time.Sleep(3 * time.Second) // more than the limit would come now
	alerts, messages, _ := mail.got()
	minutes := 1 + int(time.Since(begun)/time.Minute)
	t.Logf("%d MiB at most, readyz took %v at most, senders had to wait %d times of those; people got %d alerts in %d messages, %d more were counted", most, slowest, waited, alerts, messages, mail.more)
	if messages > 10*(minutes+1) {
		t.Errorf("%d messages were sent in %d minutes", messages, minutes)
	}
	if most > 800 { // the signals alone are 2 GB, of which only a part is in memory at a time
		t.Errorf("%d MiB of memory", most)
	}
	w.stop()
}

// TestHostile_KeyFlood: 200,000 other users between the ninth and the tenth failure of one.
func TestHostile_KeyFlood(t *testing.T) {
	w := newHostile(t, `id: flood
title: many failures of a user
level: high
when: {failed: event.action == "ssh_login" and event.outcome == "failure"}
correlate: {count: {when: failed, at_least: 10}, by: [user.name], within: 1h}
fold: {by: [user.name], for: 1h}
`, "")
	w.start()
	victim := func(int) []byte { return attempt("victim", "203.0.113.7") }
	w.sendLines(9, 0, victim)
	w.sendLines(200_000, 0, func(i int) []byte { return attempt(fmt.Sprintf("u%06d", i), "203.0.113.8") })
	w.sendLines(1, 0, victim)
	var list []map[string]any
	eventually(t, 2*time.Minute, "the alert about the one that was close", func() bool { list = w.alertsOf("flood"); return len(list) > 0 })
	if len(list) != 1 || !strings.Contains(fmt.Sprint(list), "victim") {
		t.Errorf("%v", list)
	}
	w.logs("a rule has more groups", 5*time.Second)
	says(t, w.run("rules", "list", "--cost", "--json"), `"flood"`)
	w.balances(200_010)
	w.stop()
}

// burst is a rule that fires for each user.
const burst = `id: burst
title: a failure
level: critical
when: event.action == "ssh_login" and event.outcome == "failure"
fold: {by: [user.name], for: 1h}
`

// hook is a notify.yaml that tells each alert by itself.
func hook(url string) string {
	return "channels: {hook: {type: webhook, url: " + url + "}}\nroute: {to: [], routes: [{match: {rule: burst}, to: [hook], group_by: [alert], group_wait: 0s}]}\n"
}

// TestHostile_StoresLocked: another program holds alerts.db and notify.db for 20 seconds.
func TestHostile_StoresLocked(t *testing.T) {
	needE2E(t)
	r := newReceiver(t, nil)
	w := newHostile(t, burst, hook(r.URL))
	w.start()
	w.sendLines(1, 0, func(int) []byte { return attempt("before", "203.0.113.7") })
	eventually(t, 20*time.Second, "the first alert", func() bool { n, _, _ := r.got(); return n == 1 })
	id := w.firstAlert("burst")
	var held []*sql.Conn
	for _, name := range []string{"alerts.db", "notify.db"} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, name)+"?_pragma=busy_timeout(60000)")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	const n = 50
	w.sendLines(n, 0, func(i int) []byte { return attempt(fmt.Sprintf("locked%d", i), "203.0.113.7") })
	w.waitFor("user.name: locked*", n) // events go on meanwhile
	w.logs("another program holds", 20*time.Second)
	says(t, w.fails(3, "alerts", "close", id[:8], "--verdict", "benign"), "another program holds the alert store")
	time.Sleep(8 * time.Second)
	for _, conn := range held {
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 60*time.Second, "all alerts are stored and told", func() bool {
		got, _, _ := r.got()
		return got == n+1 && len(w.alertsOf("burst")) == n+1
	})
	w.stop()
}

// TestHostile_StoresFull: the disk of alerts.db and notify.db is full for a while, that of the rest is not.
func TestHostile_StoresFull(t *testing.T) {
	needE2E(t)
	small := smallDisk(t, "8m")
	r := newReceiver(t, nil)
	w := newHostile(t, burst, hook(r.URL))
	for _, name := range []string{"alerts.db", "notify.db"} {
		if err := os.Symlink(filepath.Join(small, name), filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	w.start()
	w.sendLines(1, 0, func(int) []byte { return attempt("before", "203.0.113.7") })
	eventually(t, 20*time.Second, "the first alert", func() bool { n, _, _ := r.got(); return n == 1 })
	filler := filepath.Join(small, "filler")
	fill(t, filler, 0)
	const n = 300
	w.sendLines(n, 0, func(i int) []byte { return attempt(fmt.Sprintf("full%d", i), "203.0.113.7") })
	w.waitFor("user.name: full*", n)
	w.logs("no room to write the alert store", 20*time.Second)
	time.Sleep(3 * time.Second)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, 90*time.Second, "all alerts are stored and told", func() bool {
		got, _, _ := r.got()
		return got == n+1 && len(w.alertsOf("burst")) == n+1
	})
	w.stop()
}

// TestHostile_Channels: one channel hangs, one drips, one redirects, one has a certificate that nobody knows, one fails for a
// while; the healthy one gets everything at once, and weir says what is wrong with each of the others.
func TestHostile_Channels(t *testing.T) {
	needE2E(t)
	over := make(chan struct{})
	hang := newReceiver(t, func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-over:
		case <-req.Context().Done():
		}
	})
	drip := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		for { // whoever waited for its end would wait for ever
			select {
			case <-over:
				return
			case <-time.After(100 * time.Millisecond):
			}
			if _, err := rw.Write([]byte{' '}); err != nil {
				return
			}
			rw.(http.Flusher).Flush()
		}
	})
	elsewhere := newReceiver(t, nil)
	away := newReceiver(t, func(rw http.ResponseWriter, req *http.Request) {
		http.Redirect(rw, req, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	endless := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusInternalServerError)
		for line := []byte(strings.Repeat("\x1b[2Jx", 10_000)); ; {
			if _, err := rw.Write(line); err != nil {
				return
			}
		}
	})
	failing := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, "not now", http.StatusInternalServerError)
	})
	healthy := newReceiver(t, nil)
	bad := httptest.NewTLSServer(http.NotFoundHandler())
	defer bad.Close()
	defer close(over)
	bad.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	var text strings.Builder
	text.WriteString("channels:\n")
	for name, url := range map[string]string{"hang": hang.URL, "drip": drip.URL, "away": away.URL, "endless": endless.URL, "failing": failing.URL, "healthy": healthy.URL, "bad": bad.URL, "closed": "http://127.0.0.1:1"} {
		fmt.Fprintf(&text, "  %s: {type: webhook, url: %s, timeout: 3s}\n", name, url)
	}
	text.WriteString("route: {to: [], routes: [{match: {rule: burst}, to: [hang, drip, away, endless, failing, healthy, bad, closed], group_by: [alert], group_wait: 0s}]}\n")
	w := newHostile(t, burst, text.String())
	w.start()
	const n = 20
	w.sendLines(n, 0, func(i int) []byte { return attempt(fmt.Sprintf("u%d", i), "203.0.113.7") })
	eventually(t, 20*time.Second, "the healthy channel has everything", func() bool { got, _, _ := healthy.got(); return got >= n })
	var status string
	eventually(t, time.Minute, "each of the others says what is wrong", func() bool {
		status = w.run("notify", "status")
		return strings.Contains(status, "certificate") && strings.Contains(status, "redirect") && strings.Contains(status, "500") && strings.Contains(status, "refused")
	})
	t.Logf("\n%s", status)
	if strings.ContainsRune(status, '\x1b') {
		t.Error("what a server answered reaches the terminal as it is")
	}
	if got, _, tries := elsewhere.got(); got+tries > 0 {
		t.Error("a redirect was followed: the message went where nobody sent it")
	}
	failing.says(nil)
	eventually(t, 90*time.Second, "what failed arrives once the other side is well", func() bool { got, _, _ := failing.got(); return got >= n })
	w.stop() // neither of those that never answer holds up the end
}

// TestKill_Notify: weir is killed with a hundred messages that no one has taken yet, and again while they are sent. Each
// arrives.
func TestKill_Notify(t *testing.T) {
	needE2E(t)
	r := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, "not now", http.StatusServiceUnavailable)
	})
	w := newHostile(t, burst, hook(r.URL))
	w.start()
	const n = 100
	w.sendLines(n, 0, func(i int) []byte { return attempt(fmt.Sprintf("u%d", i), "203.0.113.7") })
	eventually(t, 30*time.Second, "all alerts are there", func() bool { return len(w.alertsOf("burst")) == n })
	eventually(t, 10*time.Second, "it was tried", func() bool { _, _, tries := r.got(); return tries > 0 })
	w.kill()
	r.says(nil)
	for range 3 {
		w.start()
		time.Sleep(300 * time.Millisecond)
		w.kill()
	}
	w.start()
	var want []map[string]any
	eventually(t, time.Minute, "the alerts are there after the kill", func() bool { want = w.alertsOf("burst"); return len(want) == n })
	missing := func() (list []string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, a := range want {
			id := field(a, "id")
			if r.alerts[id] == 0 {
				list = append(list, id)
			}
		}
		return list
	}
	eventually(t, 90*time.Second, "each alert was told", func() bool { return len(missing()) == 0 })
	_, messages, tries := r.got()
	t.Logf("%d alerts in %d messages, %d tries", n, messages, tries)
	w.stop()
}

// TestHostile_Topics: what others wrote to weir.alerts and weir.changes neither stops weir nor hides what is its own.
func TestHostile_Topics(t *testing.T) {
	needE2E(t)
	r := newReceiver(t, nil)
	w := newHostile(t, burst, hook(r.URL))
	w.start()
	w.sendLines(1, 0, func(int) []byte { return attempt("first", "203.0.113.7") })
	eventually(t, 20*time.Second, "the first alert", func() bool { n, _, _ := r.got(); return n == 1 })
	id := w.firstAlert("burst")
	w.stop()
	b, err := bus.Open(within(t, 20*time.Second), config.Default().Bus, filepath.Join(w.dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	producer, err := b.Client()
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 500_000)
	for _, topic := range []string{bus.Alerts, bus.Changes} {
		for _, doc := range []string{"", "null", "\x00\xff garbage", "[]", `{"id":"` + long + `","revision":1,"rule":"r","level":"critical","group":{}}`,
			`{"id":"future","revision":1,"rule":"r","level":"critical","group":{"host.name":"web-1"},"first":"9999-12-31T23:59:59Z","last":"9999-12-31T23:59:59Z","created":"9999-12-31T23:59:59Z"}`,
			`{"id":"\u001b]0;owned\u0007","revision":1,"rule":"r\r\n","level":"critical","group":{"host.name":"\u001b[2J"},"title":"\u001b[2J"}`,
			`{"id":"` + id + `","revision":9223372036854775807,"rule":"r","level":"low","group":{}}`,
			`{"alert":"` + id + `","version":9223372036854775807,"kind":"state","state":"closed","verdict":"benign","by":"eve"}`,
			`{"alert":"` + id + `","version":1,"kind":"state","state":"bananas","by":"eve"}`,
			`{"alert":"nowhere","version":1,"kind":"state","state":"closed","by":"eve"}`} {
			if err := producer.ProduceSync(within(t, 10*time.Second), &kgo.Record{Topic: b.Topic(topic), Key: []byte("k"), Value: []byte(doc)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	producer.Close()
	b.Close()
	w.start()
	w.sendLines(1, 0, func(int) []byte { return attempt("second", "203.0.113.7") })
	eventually(t, 30*time.Second, "an alert behind the garbage", func() bool { return len(w.alertsOf("burst")) == 2 })
	eventually(t, 30*time.Second, "it is told", func() bool { n, _, _ := r.got(); return n >= 2 })
	says(t, w.run("alerts", "close", id[:8], "--verdict", "false_positive", "--note", "ours"), "closed")
	says(t, w.run("alerts", "show", id[:8]), "ours")
	if out := w.run("alerts", "list"); strings.ContainsRune(out, '\x1b') {
		t.Error("a foreign alert reaches the terminal as it is")
	}
	w.run("alerts", "risk")
	w.stop()
}

// TestHostile_Clocks: logs of the years 1970, 2019 and 2099 neither move the time of live windows nor keep an alert of now
// from its place; with --history their own time counts, and events of all years are counted in the windows where they belong.
func TestHostile_Clocks(t *testing.T) {
	text := `id: clocks
title: failures of a user
level: high
when: {failed: event.action == "ssh_login" and event.outcome == "failure"}
correlate: {count: {when: failed, at_least: 5}, by: [user.name], within: 10m}
fold: {by: [user.name], for: 10m}
---
id: clocks-avg
title: ports
level: high
when: {failed: event.action == "ssh_login" and event.outcome == "failure"}
correlate: {avg: {when: failed, of: source.port, is: {gt: 1000}, min_values: 5}, by: [user.name], within: 10m}
fold: {by: [user.name], for: 10m}
`
	at := func(year string, i int, user string) []byte {
		return fmt.Appendf(nil, "<38>1 %s-03-01T00:00:%02dZ web-1 sshd 7 - - Failed password for %s from 203.0.113.7 port 4022 ssh2", year, i, user)
	}
	for _, history := range []bool{false, true} {
		t.Run(fmt.Sprintf("history %v", history), func(t *testing.T) {
			w := newHostile(t, text, "")
			w.t = t
			if history {
				w.args = []string{"--history"}
			}
			w.start()
			begun := time.Now()
			// Where the year 2099 is believed, time is there from its first mark on, and what is of now comes too late.
			before := 4
			if history {
				before = 6
			}
			w.sendLines(before, 0, func(int) []byte { return attempt("now", "203.0.113.7") })
			eventually(t, 30*time.Second, "what is of now is stored", func() bool { return w.count("user.name: now and event.kind: event") >= int64(before) })
			years := []string{"2099", "1970", "9999", "2019", "0001"}
			for _, y := range years {
				w.sendLines(6, 0, func(i int) []byte { return at(y, i, "y"+y) })
			}
			w.sendLines(6-before, 0, func(int) []byte { return attempt("now", "203.0.113.7") })
			eventually(t, 30*time.Second, "the alert of now", func() bool { return strings.Contains(fmt.Sprint(w.alertsOf("clocks")), "now") })
			w.balances(36)
			for _, a := range w.alertsOf("clocks") {
				t.Logf("%s %s %s count %s", field(a, "rule"), field(a, "created"), field(a, "group"), field(a, "count"))
				if at, err := time.Parse(time.RFC3339, field(a, "created")); !history && (err != nil || at.Before(begun.Add(-time.Hour)) || at.After(time.Now().Add(time.Hour))) {
					t.Errorf("an alert of %s", field(a, "created"))
				}
			}
			w.stop()
		})
	}
}

// TestHostile_LongKeys: users with names of 60 KB that differ at their end are several, and no alert has such a name in it.
func TestHostile_LongKeys(t *testing.T) {
	w := newHostile(t, strings.Replace(burst, "when: event", "labels: {a: b}\nwhen: event", 1), "")
	w.start()
	long := strings.Repeat("a", 30_000)
	w.sendLines(6, 0, func(i int) []byte { return attempt(fmt.Sprintf("%s%d", long, i%2), "203.0.113.7") })
	var list []map[string]any
	eventually(t, 20*time.Second, "two alerts", func() bool { list = w.alertsOf("burst"); return len(list) == 2 })
	for _, a := range list {
		if doc, err := json.Marshal(a); err != nil || len(doc) > 40_000 {
			t.Errorf("an alert of %d bytes, %v", len(doc), err)
		}
	}
	w.stop()
}
