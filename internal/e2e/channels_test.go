package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/config/unit"
	"weir/internal/testkit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/alertmanager"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/email"
	"weir/sinks/notify/channel/snmptrap"
	"weir/sinks/notify/channel/syslog"
)

// answered is how long a channel waits whose other side is there: machines that test are slow at times, and what an inform asks
// again is two traps.
const answered = unit.Duration(patience)

// made is a channel that ends with the test.
func made[C any](t testing.TB, with func(C, channel.Deps) (channel.Channel, error), c C) channel.Channel {
	t.Helper()
	ch, err := with(c, channel.Deps{Version: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ch.Close() })
	return ch
}

// sent sends a message.
func sent(t testing.TB, c channel.Channel, m *channel.Message) channel.Receipt {
	t.Helper()
	r, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// current is a message about two alerts of this minute: Alertmanager forgets what ended long ago.
func current(kind channel.Kind) *channel.Message {
	m := channeltest.Message()
	m.Kind, m.Time = kind, time.Now().Truncate(time.Second).In(channeltest.Seoul)
	for i := range m.Alerts {
		m.Alerts[i].First, m.Alerts[i].Last = m.Time.Add(-time.Minute), m.Time.Add(-time.Second)
	}
	return m
}

// alertmanagers starts a real Alertmanager and returns its address and port, and what asks it for its open alerts.
func alertmanagers(t *testing.T) (url string, open func() map[string]map[string]any) {
	needE2E(t)
	script := filepath.Join(testkit.Root(t), "deploy", "dev", "alertmanager.sh")
	if out, err := exec.Command(script, "fetch").CombinedOutput(); err != nil {
		testkit.Skip(t, "servers", "Alertmanager cannot be built: "+string(out))
	}
	dir := t.TempDir()
	_, port := address(t, freePort(t))
	var stderr bytes.Buffer
	start := exec.Command(script, "start", "--dir", dir, "--port", port)
	start.Stderr = &stderr
	out, err := start.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	t.Cleanup(func() {
		if out, err := exec.Command(script, "wipe", "--dir", dir).CombinedOutput(); err != nil {
			t.Errorf("wiping: %v\n%s", err, out)
		}
	})
	url = strings.TrimSpace(string(out))
	return url, func() map[string]map[string]any {
		res, err := http.Get(url + "/api/v2/alerts?active=true") //nolint:noctx // of a test, on loopback
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var list []map[string]any
		if err := json.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%d, %v", res.StatusCode, err)
		}
		byID := map[string]map[string]any{}
		for _, a := range list {
			byID[field(a, "labels.weir_alert")] = a
		}
		return byID
	}
}

// TestChannels_Alertmanager: a real one takes the alerts, knows a later revision as the same, and closes what is over: one
// alert by itself, then all.
func TestChannels_Alertmanager(t *testing.T) {
	url, open := alertmanagers(t)
	dead := freePort(t)
	c := made(t, alertmanager.New, alertmanager.Config{URLs: []unit.Secret{unit.Secret("http://" + dead), unit.Secret(url + "/")}, Labels: map[string]string{"site": "seoul"}, Timeout: answered})
	m := current(channel.Firing)
	m.Alerts[0].Group["host.name"], m.Alerts[0].Group["사용자"] = "web-1", "김민수"
	if r := sent(t, c, m); r.Said != "2 alerts taken by 1 of 2" {
		t.Errorf("said %q", r.Said)
	}
	var got map[string]map[string]any
	eventually(t, 10*time.Second, "both are active", func() bool { // until its first look at them they are neither that nor anything else
		got = open()
		return field(got[m.Alerts[0].ID], "status.state") == "active" && field(got[m.Alerts[1].ID], "status.state") == "active"
	})
	first := got[m.Alerts[0].ID]
	for path, want := range map[string]string{
		"labels.alertname": "ssh-brute-force", "labels.severity": "high", "labels.source_ip": "203.0.113.5", "labels.host_name": "web-1", "labels.site": "seoul",
		"labels.team": "soc", "annotations.summary": m.Alerts[0].What, "status.state": "active", "generatorURL": m.URL,
		"startsAt": m.Alerts[0].First.UTC().Format("2006-01-02T15:04:05.000Z"), "endsAt": m.Time.Add(25 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z"),
	} {
		if field(first, path) != want {
			t.Errorf("%s is %q, want %q", path, field(first, path), want)
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d alerts: %v", len(got), got)
	}

	m.Kind, m.Alerts[0].Revision, m.Alerts[0].Count = channel.Repeat, 3, 99
	m.Alerts[1].State, m.Alerts[1].Verdict = alert.Closed, alert.Benign
	sent(t, c, m)
	eventually(t, 10*time.Second, "one is closed, the other is the same", func() bool {
		got := open()
		return len(got) == 1 && field(got[m.Alerts[0].ID], "annotations.count") == "99"
	})
	m.Kind, m.Time = channel.Resolved, time.Now()
	sent(t, c, m)
	eventually(t, 10*time.Second, "all are closed", func() bool { return len(open()) == 0 })
}

// TestChannels_AlertmanagerRefuses: what it does not take is said with its own words, for good.
func TestChannels_AlertmanagerRefuses(t *testing.T) {
	url, _ := alertmanagers(t)
	// An alert without a time of its own in the future of the message would be refused; the channel does not make such.
	c := made(t, alertmanager.New, alertmanager.Config{URLs: []unit.Secret{unit.Secret(url + "/nowhere")}, Timeout: answered})
	_, err := c.Send(t.Context(), current(channel.Firing))
	if e, ok := errors.AsType[*channel.Error](err); !ok || !e.Permanent || e.Status == 200 {
		t.Errorf("got %v", err)
	}
}

// rsyslogServer starts a real rsyslog that listens in one way and writes what it understands to a file.
func rsyslogServer(t *testing.T, ca *channeltest.CA, protocol string) (addr string, lines func(n int) []string) {
	t.Helper()
	needE2E(t)
	dir := t.TempDir()
	addr = freePort(t)
	_, port := address(t, addr)
	input := fmt.Sprintf("module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=%q)", port)
	global := ""
	switch protocol {
	case "udp":
		input = fmt.Sprintf("module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=%q)", port)
	case "tls":
		if found, _ := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_gtls.so"); len(found) == 0 {
			testkit.Skip(t, "servers", "rsyslog-gnutls is not installed")
		}
		cert, key := ca.Files(t, "127.0.0.1", "localhost")
		global = fmt.Sprintf(" defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q", ca.File, cert, key)
		input = fmt.Sprintf("module(load=\"imtcp\" streamDriver.name=\"gtls\" streamDriver.mode=\"1\" streamDriver.authMode=\"anon\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=%q)", port)
	}
	out := filepath.Join(dir, "out")
	conf := filepath.Join(dir, "rsyslog.conf")
	write(t, conf, fmt.Sprintf("global(workDirectory=%q parser.escapeControlCharactersOnReceive=\"on\"%s)\n%s\ntemplate(name=\"t\" type=\"string\" string=\"%%pri%%|%%protocol-version%%|%%timegenerated:::date-rfc3339%%|%%hostname%%|%%app-name%%|%%msgid%%|%%structured-data%%|%%msg%%\\n\")\naction(type=\"omfile\" file=%q template=\"t\")\n",
		dir, global, input, out))
	startDaemon(t, "rsyslogd", "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	if protocol == "udp" { // it does not say that it listens, and answers nothing
		eventually(t, 10*time.Second, "rsyslogd listens", func() bool { return taken(port) })
	} else {
		eventually(t, 10*time.Second, "rsyslogd listens", func() bool {
			conn, err := net.DialTimeout("tcp", addr, time.Second)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	return addr, func(n int) []string {
		var got []string
		eventually(t, 10*time.Second, fmt.Sprint(n, " messages in ", out), func() bool {
			data, _ := os.ReadFile(out)
			got = got[:0]
			for line := range strings.Lines(string(data)) {
				if strings.Contains(line, "|weir|") { // rsyslog tells of itself too
					got = append(got, strings.TrimRight(line, "\n"))
				}
			}
			return len(got) >= n
		})
		return got
	}
}

// taken tells whether somebody has a port of UDP.
func taken(port string) bool {
	c, err := net.ListenPacket("udp", "127.0.0.1:"+port)
	if err == nil {
		_ = c.Close()
	}
	return err != nil
}

// TestChannels_Rsyslog: a real rsyslog understands what comes over each transport in each format, and over TCP and TLS it
// has read all when the channel says so.
func TestChannels_Rsyslog(t *testing.T) {
	ca := channeltest.NewCA(t)
	for _, protocol := range []string{"udp", "tcp", "tls"} {
		t.Run(protocol, func(t *testing.T) {
			addr, lines := rsyslogServer(t, ca, protocol)
			n := 0
			for _, format := range []string{"rfc5424", "cef", "leef"} {
				c := syslog.Config{Address: addr, Protocol: protocol, Format: format, Hostname: "weir-1", Facility: "local4", Timeout: answered}
				if protocol == "tls" {
					c.CA = ca.File
				}
				m := channeltest.Message()
				m.Lang = "ko"
				sent(t, made(t, syslog.New, c), m)
				n += len(m.Alerts)
			}
			got := lines(n)
			for i, want := range []string{
				`|[weir@32473 id="3f9c12ab77e04d51a1b2c3d4e5f60718" kind="firing" rule="ssh-brute-force" version="3" level="high" state="open" count="17"`,
				`[group@32473 host.name="fw-1"]|[보통] admin changed the configuration of fw-1`,
				"|-|CEF:0|weir|weir|1.2|ssh-brute-force|Many failed SSH logins, then one that works|8|externalId=3f9c12ab77e04d51a1b2c3d4e5f60718 act=firing",
				"|-|CEF:0|weir|weir|1.2|asa-config-change|",
				"|-|LEEF:2.0|weir|weir|1.2|ssh-brute-force|x09|alertId=3f9c12ab77e04d51a1b2c3d4e5f60718#011action=firing",
				"|-|LEEF:2.0|weir|weir|1.2|asa-config-change|x09|",
			} {
				head := "163|1|"
				if i%2 == 1 {
					head = "164|1|"
				}
				if !strings.HasPrefix(got[i], head) || !strings.Contains(got[i], "|weir-1|weir|firing") || !strings.Contains(got[i], want) {
					t.Errorf("message %d is\n%s\nwithout %s and %s", i, got[i], head, want)
				}
			}
			if !strings.HasSuffix(got[0], `[group@32473 source.ip="203.0.113.5" user.name="root"]|[높음] 203.0.113.5에서 web-1의 root 비밀번호를 알아냈습니다`) {
				t.Errorf("the first: %s", got[0])
			}
		})
	}
}

// trapd starts a real snmptrapd that knows WEIR-MIB, one community and one user, and writes what it gets to a file.
func trapd(t *testing.T) (addr string, traps func(n int) []string) {
	t.Helper()
	needE2E(t)
	tool(t, "snmptrapd")
	dir := t.TempDir()
	t.Setenv("SNMP_PERSISTENT_DIR", filepath.Join(dir, "state"))
	conf, out := filepath.Join(dir, "snmptrapd.conf"), filepath.Join(dir, "out")
	write(t, conf, "createUser -e 0x80007ed904776569722d31 weir SHA-256 aUtH-kEy-91bc AES pRiV-kEy-44de\ncreateUser weir SHA-256 aUtH-kEy-91bc AES pRiV-kEy-44de\n"+
		"authUser log weir priv\nauthCommunity log cOmMuNiTy-7f3a\nformat2 %V|%v\\n\n")
	addr = freePort(t)
	_, port := address(t, addr)
	mibs := filepath.Join(testkit.Shared(t), "data", "snmp", "mibs") + ":" + filepath.Join(testkit.Root(t), "deploy", "mibs")
	startDaemon(t, "snmptrapd", "-f", "-C", "-c", conf, "-M", mibs, "-m", "WEIR-MIB", "-Lf", out, "-p", filepath.Join(dir, "pid"), "udp:127.0.0.1:"+port)
	eventually(t, 10*time.Second, "snmptrapd listens", func() bool { return taken(port) })
	return addr, func(n int) []string {
		var got []string
		eventually(t, 10*time.Second, fmt.Sprint(n, " traps in ", out), func() bool {
			data, _ := os.ReadFile(out)
			got = got[:0]
			for line := range strings.Lines(string(data)) {
				if strings.Contains(line, "WEIR-MIB::") {
					got = append(got, strings.TrimRight(line, "\n"))
				}
			}
			return len(got) >= n
		})
		return got
	}
}

// TestChannels_Snmptrapd: a real snmptrapd reads traps and informs of both versions by our MIB.
func TestChannels_Snmptrapd(t *testing.T) {
	addr, traps := trapd(t)
	two := snmptrap.Config{Address: addr, Community: "cOmMuNiTy-7f3a", Timeout: answered}
	three := snmptrap.Config{Address: addr, Version: "3", User: "weir", AuthKey: "aUtH-kEy-91bc", PrivKey: "pRiV-kEy-44de", EngineID: "80007ed904776569722d31", Timeout: answered}
	n := 0
	for _, kind := range []channel.Kind{channel.Firing, channel.Resolved} {
		for _, c := range []snmptrap.Config{two, three} {
			for _, c.Inform = range []bool{false, true} {
				m := channeltest.Message()
				m.Kind, m.Alerts = kind, m.Alerts[:1]
				sent(t, made(t, snmptrap.New, c), m)
				n++
			}
		}
	}
	got := traps(n)
	for i, line := range got {
		notification := "WEIR-MIB::weirAlertFiring"
		if i >= n/2 {
			notification = "WEIR-MIB::weirAlertResolved"
		}
		for _, want := range []string{
			notification, "WEIR-MIB::weirAlertId.0 = STRING: 3f9c12ab77e04d51a1b2c3d4e5f60718", "WEIR-MIB::weirAlertLevel.0 = INTEGER: high(4)",
			"WEIR-MIB::weirAlertState.0 = INTEGER: open(1)", "WEIR-MIB::weirAlertCount.0 = Gauge32: 17",
			"WEIR-MIB::weirAlertFirst.0 = STRING: 2026-11-21,16:50:3.1,+9:0", "WEIR-MIB::weirAlertGroup.0 = STRING: source.ip=203.0.113.5 user.name=root",
		} {
			if !strings.Contains(line, want) {
				t.Errorf("trap %d has no %s:\n%s", i, want, line)
			}
		}
	}
}

// TestChannels_SnmptrapdRefuses: an inform of a user or with a key that it does not know is refused, and one of an unknown
// community not answered. None of it is for good: anybody could send such an answer.
func TestChannels_SnmptrapdRefuses(t *testing.T) {
	addr, _ := trapd(t)
	three := snmptrap.Config{Address: addr, Version: "3", User: "weir", AuthKey: "aUtH-kEy-91bc", PrivKey: "pRiV-kEy-44de", Inform: true, Timeout: answered}
	for name, tc := range map[string]struct {
		change func(c *snmptrap.Config)
		says   string
	}{
		"another user": {func(c *snmptrap.Config) { c.User = "mallory" }, "user or keys"},
		"another key":  {func(c *snmptrap.Config) { c.AuthKey = "not-the-key-of-weir" }, "user or keys"},
		"another community": {func(c *snmptrap.Config) {
			*c = snmptrap.Config{Address: addr, Community: "wrong", Inform: true, Timeout: unit.Duration(time.Second)}
		}, "did not answer in 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			c := three
			tc.change(&c)
			_, err := made(t, snmptrap.New, c).Send(t.Context(), channeltest.Message())
			if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestChannels_MIB: the strictest checker of MIBs that there is finds nothing.
func TestChannels_MIB(t *testing.T) {
	needE2E(t)
	t.Setenv("SMIPATH", filepath.Join(testkit.Shared(t), "data", "snmp", "mibs"))
	if out := runTool(t, "", "smilint", "-l", "6", "-s", "-m", filepath.Join(testkit.Root(t), "deploy", "mibs", "WEIR-MIB.txt")); strings.TrimSpace(out) != "" {
		t.Error(out)
	}
}

// mailServer is a mail server by aiosmtpd, which is not ours: it wants STARTTLS and a password, and keeps each mail in a file.
const mailServer = `
import ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
class Keep:
    n = 0
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        Keep.n += 1
        with open("%s/%d.eml" % (sys.argv[4], Keep.n), "wb") as f:
            f.write(envelope.content)
        return "250 2.0.0 kept as %d" % Keep.n
def check(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"weir", b"pAsSwOrD"), handled=False)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[2], sys.argv[3])
c = Controller(Keep(), hostname="127.0.0.1", port=int(sys.argv[1]), tls_context=context, require_starttls=True,
               auth_required=True, authenticator=check)
c.start()
print("ready", flush=True)
time.sleep(600)
`

// TestChannels_Mail: a mail server that is not ours takes the mail with STARTTLS and a password, and keeps what was meant.
func TestChannels_Mail(t *testing.T) {
	needE2E(t)
	python := os.Getenv("WEIR_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import aiosmtpd").CombinedOutput(); err != nil {
		testkit.Skip(t, "servers", "python3 has no aiosmtpd (WEIR_PYTHON names another python): "+string(bytes.TrimSpace(out)))
	}
	ca := channeltest.NewCA(t)
	cert, key := ca.Files(t, "127.0.0.1")
	dir := t.TempDir()
	addr := freePort(t)
	_, port := address(t, addr)
	startDaemon(t, python, "-c", mailServer, port, cert, key, dir)
	eventually(t, 30*time.Second, "the mail server listens", func() bool {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	c := email.Config{Host: "127.0.0.1", Port: n, User: "weir", Password: "pAsSwOrD", CA: ca.File, From: "weir@example.com", To: []string{"김민수 <minsu@example.com>"}, Timeout: answered}
	m := channeltest.Message()
	m.Lang = "ko"
	first := sent(t, made(t, email.New, c), m)
	if first.Said != "250 2.0.0 kept as 1" {
		t.Errorf("said %q", first.Said)
	}
	m.ID, m.Kind, m.Ticket = "m-0002", channel.Resolved, first.Ticket
	sent(t, made(t, email.New, c), m)
	for i, want := range [][]string{{"Message-ID: " + first.Ticket, " =?UTF-8?q?[=EB=86=92=EC=9D=8C]_203.0.113.5"}, {"In-Reply-To: " + first.Ticket, "References: " + first.Ticket}} {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i+1, ".eml")))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		for _, head := range want {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, head) }) {
				t.Errorf("mail %d has no %s:\n%s", i+1, head, data)
			}
		}
	}

	for name, tc := range map[string]struct {
		change func(c *email.Config)
		says   string
		final  bool
	}{
		"wrong password":        {func(c *email.Config) { c.Password = "wrong-password" }, "535", true},
		"no password":           {func(c *email.Config) { c.User = "" }, "530", true},
		"no encryption":         {func(c *email.Config) { c.TLS, c.User = "none", "" }, "530", true},
		"unknown certificate":   {func(c *email.Config) { c.CA = "" }, "certificate", false},
		"somebody is not there": {func(c *email.Config) { c.To = []string{"nobody@example.com", "ana@example.com"} }, "refuses 1 of 2 recipients: nobody@example.com: 550", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			tc.change(&c)
			_, err := made(t, email.New, c).Send(t.Context(), channeltest.Message())
			if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent != tc.final || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}
