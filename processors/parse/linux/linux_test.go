package linux

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// read fills an event as the parser would before one of the readers.
func read(e *event.Event, program, msg string, reader func(*event.Event, string)) {
	e.Reset()
	e.SetStr(event.ProcessName, program)
	e.SetStr(event.Message, msg)
	reader(e, msg)
}

// doc writes what the reader added.
func doc(program, msg string, reader func(*event.Event, string)) string {
	var e event.Event
	read(&e, program, msg, reader)
	e.Delete(event.Message)
	if e.Str(event.ProcessName) == program {
		e.Delete(event.ProcessName)
	}
	return string(e.AppendJSON(nil))
}

// row is a message and the fields that it must give, all of them, as JSON.
type row struct{ name, msg, want string }

func check(t *testing.T, program string, reader func(*event.Event, string), rows []row) {
	t.Helper()
	for _, c := range rows {
		want := strings.ReplaceAll(strings.ReplaceAll(c.want, "\n", ""), "\t", "")
		if got := doc(program, c.msg, reader); got != want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.msg, got, want)
		}
	}
}

// short writes the few fields that say who did what from where, for messages of one class.
func short(reader func(*event.Event, string), program, msg string) string {
	var e event.Event
	read(&e, program, msg, reader)
	out := []string{}
	for _, f := range []event.Field{event.EventAction, event.EventOutcome, event.UserName, event.UserEffectiveName, event.SourceIP, event.SourcePort} {
		if e.Has(f) {
			out = append(out, e.Get(f).Text())
		} else {
			out = append(out, "-")
		}
	}
	return strings.Join(out, " ")
}

func TestKnownToNobody(t *testing.T) {
	for name, reader := range readers {
		for _, msg := range []string{"", " ", "hello", "user", "from", "Failed", "Accepted", "Invalid user", "(", "()", ": ", " : ", "pam_unix", "pam_(", "IN="} {
			t.Run(fmt.Sprintf("%s/%s", name, msg), func(t *testing.T) {
				if got := doc("none", msg, reader); strings.Contains(got, `"source"`) {
					t.Errorf("%q gave %s", msg, got)
				}
			})
		}
	}
}

var readers = map[string]func(*event.Event, string){
	"sshd": Sshd, "pam": PAM, "sudo": Sudo, "su": Su, "cron": Cron, "systemd": Systemd, "logind": Logind,
	"kernel": Kernel, "netfilter": Netfilter, "accounts": Accounts,
}

// fuzz: what a reader sets is a part of the message (or one of its own words), and it never changes the message.
func fuzz(f *testing.F, program string, reader func(*event.Event, string), seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		read(&e, program, msg, reader)
		if e.Str(event.Message) != msg {
			t.Fatalf("%q: the message was changed", msg)
		}
		for _, field := range []event.Field{
			event.UserName, event.UserEffectiveName, event.UserTargetName, event.UserID, event.GroupName, event.SourceAddress, event.SourceIP, event.SourceDomain,
			event.SystemAuthSudoCommand, event.SystemAuthSSHMethod, event.SystemAuthSSHSignature, event.ProcessCommandLine, event.ServiceName,
		} {
			if s := e.Str(field); !strings.Contains(msg, s) && s != "root" {
				t.Fatalf("%q: %s is %q", msg, field.Path(), s)
			}
		}
		before := string(e.AppendJSON(nil))
		e.Conform()
		if strings.Contains(string(e.AppendJSON(nil)), "type-mismatch") {
			t.Fatalf("%q: a value of the wrong type: %s", msg, before)
		}
	})
}

// allowed are the types that ECS allows for a category, as far as this package uses them.
var allowed = map[string][]string{
	"authentication": {"start", "end", "info"},
	"session":        {"start", "end", "info"},
	"process":        {"access", "change", "end", "info", "start"},
	"network":        {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
	"iam":            {"admin", "change", "creation", "deletion", "group", "info", "user"},
	"configuration":  {"access", "change", "creation", "deletion", "info"},
	"host":           {"access", "change", "end", "info", "start"},
}

// TestClasses: ECS knows every category, and each type is allowed for every category that it stands beside.
func TestClasses(t *testing.T) {
	for name, c := range map[string]*class{
		"sshAccepted": &sshAccepted, "sshFailed": &sshFailed, "sshTooMany": &sshTooMany, "sshPartial": &sshPartial, "sshOpened": &sshOpened,
		"sshClosed": &sshClosed, "sshDropped": &sshDropped, "sshStart": &sshStart, "sshEnd": &sshEnd, "sshNotice": &sshNotice,
		"pamOpened": &pamOpened, "pamClosed": &pamClosed, "pamFailed": &pamFailed, "pamPassed": &pamPassed, "pamLocked": &pamLocked,
		"pamExpired": &pamExpired, "pamChanged": &pamChanged,
		"sudoRan": &sudoRan, "sudoRefused": &sudoRefused, "suDone": &suDone, "suRefused": &suRefused,
		"userCreated": &userCreated, "userDeleted": &userDeleted, "userChanged": &userChanged,
		"groupCreated": &groupCreated, "groupDeleted": &groupDeleted, "groupChanged": &groupChanged,
		"cronRan": &cronRan, "cronChanged": &cronChanged, "cronRead": &cronRead, "cronRefused": &cronRefused,
		"unitStarted": &unitStarted, "unitStopped": &unitStopped, "unitFailed": &unitFailed, "unitExited": &unitExited,
		"seatStarted": &seatStarted, "seatEnded": &seatEnded,
		"kernelKilled": &kernelKilled, "kernelFault": &kernelFault, "kernelSniff": &kernelSniff, "kernelUSB": &kernelUSB,
		"packetSeen": &packetSeen, "packetAllowed": &packetAllowed, "packetDropped": &packetDropped, "packetReject": &packetReject,
	} {
		if c.category.Len() == 0 || c.kind.Len() == 0 {
			t.Errorf("%s has no category or no type", name)
		}
		for i := range c.category.Len() {
			category := c.category.Item(i).Str()
			for j := range c.kind.Len() {
				if kind := c.kind.Item(j).Str(); !slices.Contains(allowed[category], kind) {
					t.Errorf("%s: type %s is not allowed for category %s", name, kind, category)
				}
			}
		}
		switch c.outcome {
		case "", success, failure:
		default:
			t.Errorf("%s: outcome %s", name, c.outcome)
		}
	}
}

// TestOneLogin: of all lines that one attempt leaves behind, one counts as a failed login by its action, so that a rule
// does not count five attempts where there was one.
func TestOneLogin(t *testing.T) {
	logins := 0
	for _, msg := range []string{
		"Connection from 192.0.2.1 port 4 on 192.0.2.2 port 22",
		"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root",
		"Failed password for root from 192.0.2.1 port 4 ssh2",
		"PAM 1 more authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root",
		"error: maximum authentication attempts exceeded for root from 192.0.2.1 port 4 ssh2 [preauth]",
		"Disconnecting authenticating user root 192.0.2.1 port 4: Too many authentication failures [preauth]",
		"Received disconnect from 192.0.2.1 port 4:11: Bye Bye [preauth]",
		"Connection closed by authenticating user root 192.0.2.1 port 4 [preauth]",
	} {
		var e event.Event
		read(&e, "sshd", msg, Sshd)
		if e.Str(event.EventAction) == "ssh_login" {
			logins++
		}
		if ip := e.Str(event.SourceIP); ip != "192.0.2.1" {
			t.Errorf("%q: source.ip %q", msg, ip)
		}
	}
	if logins != 1 {
		t.Errorf("%d logins", logins)
	}
}

// TestSetSource: a word that is no address is a name, unless it says that nothing is known.
func TestSetSource(t *testing.T) {
	for _, c := range []struct {
		name, addr, port string
		want             string
	}{
		{"IPv4", "192.0.2.1", "22", `{"source":{"address":"192.0.2.1","ip":"192.0.2.1","port":22}}`},
		{"IPv6", "2001:db8::1", "", `{"source":{"address":"2001:db8::1","ip":"2001:db8::1"}}`},
		{"IPv6 with a zone", "fe80::1%eth0", "", `{"source":{"address":"fe80::1%eth0","ip":"fe80::1"}}`},
		{"name", "a.example.com", "22", `{"source":{"address":"a.example.com","domain":"a.example.com","port":22}}`},
		{"unknown", "UNKNOWN", "", `{"source":{"address":"UNKNOWN"}}`},
		{"nothing", "", "22", `{}`},
		{"port too big", "192.0.2.1", "65536", `{"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`},
		{"port is a word", "192.0.2.1", "ssh", `{"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			setSource(&e, c.addr, c.port)
			if got := string(e.AppendJSON(nil)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestBetween finds the first pair of marks, and none in halves.
func TestBetween(t *testing.T) {
	for _, c := range []struct {
		s, open, close, in, rest string
		ok                       bool
	}{
		{"a [b] c", "[", "]", "b", " c", true},
		{"a [b] [c]", "[", "]", "b", " [c]", true},
		{"a 'b' c", "'", "'", "b", " c", true},
		{"a [b", "[", "]", "", "", false},
		{"a b]", "[", "]", "", "", false},
		{"[]", "[", "]", "", "", true},
	} {
		in, rest, ok := between(c.s, c.open, c.close)
		if ok != c.ok || ok && (in != c.in || rest != c.rest) {
			t.Errorf("%q: got %q, %q, %v", c.s, in, rest, ok)
		}
	}
}
