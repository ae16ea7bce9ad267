package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/bus"
)

// clientLines is how many lines each client sends: few enough that the buffer of a UDP socket holds all of them.
const clientLines = 300

// manyLines are n numbered lines of a client.
func manyLines(client string, from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "from %s wseq=%08d\n", client, i)
	}
	return b.String()
}

// client is one way to send numbered lines.
type client struct {
	name string
	send func(t *testing.T, w *weir, lines string)
}

// logger sends through logger(1).
func logger(flags ...string) func(*testing.T, *weir, string) {
	return func(t *testing.T, w *weir, lines string) {
		host, port := address(t, w.syslog())
		runTool(t, lines, "logger", append([]string{"-n", host, "-P", port, "-t", "e2e"}, flags...)...)
	}
}

// netcat sends through nc(1).
func netcat(flags ...string) func(*testing.T, *weir, string) {
	return func(t *testing.T, w *weir, lines string) {
		host, port := address(t, w.syslog())
		// It goes a second after its input has ended. With -w it would go a second after it began, fed or not.
		runTool(t, lines, "nc", append(flags, "-q", "1", host, port)...)
	}
}

// rsyslog sends through an action of rsyslogd to a listener.
func rsyslog(listener func(*weir) string, action string) func(*testing.T, *weir, string) {
	return func(t *testing.T, w *weir, lines string) {
		host, port := address(t, listener(w))
		file := rsyslogd(t, w, fmt.Sprintf(`action(target="%s" port="%s" %s)`, host, port, action))
		write(t, file, lines)
	}
}

// ng sends through a driver of syslog-ng.
func ng(driver, options string) func(*testing.T, *weir, string) {
	return func(t *testing.T, w *weir, lines string) {
		host, port := address(t, w.syslog())
		write(t, syslogNG(t, fmt.Sprintf("%s(%q port(%s) %s);", driver, host, port, options)), lines)
	}
}

var clients = []client{
	{"loggerudp", logger("-d")},
	{"loggertcp", logger("-T")},
	{"loggercounted", logger("-T", "--octet-count")},
	{"logger5424", logger("-d", "--rfc5424")},
	{"logger3164", logger("-T", "--rfc3164")},
	{"ncudp", func(t *testing.T, w *weir, lines string) {
		for line := range strings.Lines(lines) { // a datagram each
			netcat("-u")(t, w, line)
		}
	}},
	{"nctcp", netcat()},
	{"rsyslogudp", rsyslog((*weir).syslog, `type="omfwd" protocol="udp"`)},
	{"rsyslogtcp", rsyslog((*weir).syslog, `type="omfwd" protocol="tcp" TCP_Framing="octet-counted"`)},
	{"rsyslogtls", rsyslog((*weir).tls, `type="omfwd" protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"`)},
	{"rsyslogrelp", rsyslog((*weir).relp, `type="omrelp"`)},
	{"ngudp", ng("network", `transport("udp")`)},
	{"ngtcp", ng("network", `transport("tcp")`)},
	{"ngcounted", ng("syslog", `transport("tcp")`)},
}

// expected is how many lines a client sends: the datagrams of nc cost a second each.
func (c client) expected() int {
	if c.name == "ncudp" {
		return 3
	}
	return clientLines
}

// TestClients: every line of every real client is found, once, and the ledger balances.
func TestClients(t *testing.T) {
	w := newWeir(t)
	w.start()
	sent := 0
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			n := c.expected()
			c.send(t, w, manyLines(c.name, 0, n))
			w.finds(t, c.name, n)
			sent += n
		})
	}
	w.stop()
	if got := w.devices(); got.Received != int64(sent) || got.Stored != int64(sent) {
		t.Errorf("sent %d; the ledger: %+v", sent, got)
	}
}

// finds checks that lines 0 to n-1 of a client are found, each once.
func (w *weir) finds(t *testing.T, name string, n int) {
	t.Helper()
	seen := make([]int, n)
	for _, doc := range w.waitFor(name, n) {
		m := seqPattern.FindStringSubmatch(field(doc, "message"))
		if m == nil {
			t.Fatalf("a document without a number: %v", doc)
		}
		i, err := strconv.Atoi(m[1])
		if err != nil || i >= n {
			t.Fatalf("number %s was never sent", m[1])
		}
		seen[i]++
	}
	for i, c := range seen {
		if c != 1 {
			t.Errorf("line %d is stored %d times", i, c)
		}
	}
}

// TestClients_Loggen: what syslog-ng's generator sends at speed over TCP, and at leisure over UDP.
func TestClients_Loggen(t *testing.T) {
	w := newWeir(t)
	w.start()
	host, port := address(t, w.syslog())
	sent := 0
	for _, tc := range []struct {
		name  string
		n     int
		flags []string
	}{
		{"tcp", 5000, []string{"-i", "-S", "-r", "100000"}},
		{"counted", 5000, []string{"-i", "-S", "-P", "-r", "100000"}},
		{"udp", 500, []string{"-i", "-D", "-r", "5000"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			runTool(t, "", "loggen", append(tc.flags, "-Q", "-n", fmt.Sprint(tc.n), "-s", "200", host, port)...)
			sent += tc.n
			eventually(t, 30*time.Second, fmt.Sprintf("%d documents of loggen", sent), func() bool {
				return len(w.search("message: padd*", sent+10)) == sent
			})
		})
	}
	w.stop()
	if got := w.devices(); got.Stored != int64(sent) {
		t.Errorf("sent %d; the ledger: %+v", sent, got)
	}
}

// TestClients_OmrelpSurvivesKills: rsyslog's own RELP sender loses nothing over two crashes of weir.
func TestClients_OmrelpSurvivesKills(t *testing.T) {
	const n, name = 5000, "omrelpkills"
	w := newWeir(t)
	w.start()
	host, port := address(t, w.relp())
	file := rsyslogd(t, w, fmt.Sprintf(`action(type="omrelp" target="%s" port="%s" action.resumeRetryCount="-1" action.resumeInterval="1")`, host, port))
	for part := range 3 {
		if part > 0 {
			w.kill()
			w.start()
		}
		from, to := part*n/3, (part+1)*n/3
		for i := from; i < to; i += 50 { // in small steps, so that the kill meets a sender at work
			write(t, file, manyLines(name, i, min(i+50, to)))
			time.Sleep(10 * time.Millisecond)
		}
	}
	seen := map[string]int{}
	missing := func() int {
		clear(seen)
		for _, doc := range w.search(name, 3*n) {
			if m := seqPattern.FindStringSubmatch(field(doc, "message")); m != nil {
				seen[m[1]]++
			}
		}
		return n - len(seen)
	}
	eventually(t, 90*time.Second, "all lines of omrelp", func() bool { return missing() == 0 })
	copies := 0
	for _, c := range seen {
		copies += c - 1
	}
	w.stop()
	t.Logf("omrelp: %d lines, killed twice, 0 lost, %d copies that rsyslog sent again", n, copies)
	w.devices()
}

var offsetLine = regexp.MustCompile(`(?m)^(\d+) (\d+)$`)

// TestClients_Kcat: every topic can be read from the Kafka port without a password, and nothing else can be done.
func TestClients_Kcat(t *testing.T) {
	w := newWeir(t)
	kafka := freePort(t)
	w.args = []string{"--kafka-listen", kafka}
	w.start()
	logger("-T")(t, w, manyLines("kcat", 0, clientLines))
	w.finds(t, "kcat", clientLines)
	for _, topic := range append(bus.RawTopics(), bus.Events, bus.Signals, bus.Alerts, bus.Changes, bus.DeadLetters, bus.LedgerTopic) {
		out := runTool(t, "", "kcat", "-b", kafka, "-C", "-t", "weir."+topic, "-o", "beginning", "-e", "-q", "-f", "%p %o\n")
		got := len(offsetLine.FindAllString(out, -1))
		if want := clientLines; (topic == bus.RawSyslog || topic == bus.Events) && got < want || topic == bus.RawSyslog && got != want {
			t.Errorf("kcat read %d records of %s, want %d", got, topic, want)
		}
		t.Logf("kcat: %d records in %s", got, topic)
	}
	produce := []string{"-b", kafka, "-P", "-t", "weir." + bus.RawSyslog, "-p", "0"}
	if out, err := tryTool(t, "<13>e2e: smuggled in\n", "kcat", append(produce, "-X", "message.timeout.ms=3000")...); err == nil {
		t.Errorf("producing without a password was let through:\n%s", out)
	}
	sasl := func(password, timeout string) []string {
		return []string{"-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanisms=PLAIN", "-X", "sasl.username=weir", "-X", "sasl.password=" + password, "-X", "message.timeout.ms=" + timeout}
	}
	if out, err := tryTool(t, "<13>e2e: smuggled in\n", "kcat", append(produce, sasl("guess", "3000")...)...); err == nil {
		t.Errorf("producing with a wrong password was let through:\n%s", out)
	}
	password, err := os.ReadFile(filepath.Join(w.dir, "bus", "kafka.password"))
	if err != nil {
		t.Fatal(err)
	}
	runTool(t, "<13>e2e: written by another Kafka client\n", "kcat", append(produce, sasl(string(password), "60000")...)...)
	w.waitFor(`"written by another Kafka client"`, 1)
	if docs := w.search("smuggled", 10); len(docs) != 0 {
		t.Errorf("refused records are stored: %v", docs)
	}
	w.stop()
	w.devices()
}

// TestClients_KcatMayNotJoinWeirsGroups: whoever joined would take partitions from weir.
func TestClients_KcatMayNotJoinWeirsGroups(t *testing.T) {
	w := newWeir(t)
	kafka := freePort(t)
	w.args = []string{"--kafka-listen", kafka}
	w.start()
	logger("-T")(t, w, manyLines("groups", 0, 20))
	w.finds(t, "groups", 20)
	// read reads in a group until until says that it is enough, and returns what came.
	read := func(group string, until func(out *output)) string {
		var out output
		cmd := exec.Command(tool(t, "kcat"), "-b", kafka, "-G", group, "-q", "-u", "-X", "auto.offset.reset=earliest", "-f", "got %p\n", "weir."+bus.RawSyslog)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		end := sync.OnceFunc(func() {
			_ = cmd.Process.Kill() // it reads for ever, or has ended already
			_ = cmd.Wait()
		})
		t.Cleanup(end)
		until(&out)
		end()
		return out.String()
	}
	all := func(out *output) {
		eventually(t, time.Minute, "a group of somebody else's has read all", func() bool { return strings.Count(out.String(), "got ") >= 20 })
	}
	if out := read("dashboards", all); strings.Count(out, "got ") != 20 {
		t.Errorf("a group of somebody else's read:\n%s", out)
	}
	if out := read("weir.normalise", func(*output) { time.Sleep(8 * time.Second) }); strings.Contains(out, "got ") {
		t.Errorf("a stranger in weir's group read:\n%s", out)
	}
	logger("-T")(t, w, manyLines("afterwards", 0, 20))
	w.finds(t, "afterwards", 20)
	w.stop()
	w.devices()
}
