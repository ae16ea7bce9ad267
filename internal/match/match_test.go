package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
	"weir/internal/match/fold"
)

const sampleDoc = `{
  "@timestamp": "2026-11-21T07:50:08Z", "weir": {"time": "2026-11-21T07:50:08Z"},
  "event": {"dataset": "system.auth", "code": "4625", "severity": 5, "outcome": "failure", "risk_score": 1.5},
  "process": {"name": "sshd", "pid": 812},
  "user": {"name": "Root"}, "host": {"name": "web-1"},
  "source": {"ip": "203.0.113.5", "port": 22}, "destination": {"ip": "203.0.113.5"},
  "related": {"ip": ["10.1.2.3", "192.0.2.1"], "user": ["root", "김민수"]},
  "tags": ["a", null, "b"], "labels": {"env": "prod", "a-b": "x"},
  "tls": {"established": true}, "file": {"path": "/etc/cron.d/x"}, "message": "Failed password for 김민수",
  "organization": {"name": null}, "threat": {"tactic": {"id": []}}
}`

func sample(t testing.TB) *event.Event {
	t.Helper()
	e := &event.Event{}
	if err := e.Decode([]byte(sampleDoc)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		src  string
		want bool
		slow int
	}{
		{"equal", `process.name == "sshd"`, true, 0},
		{"equal is case-sensitive", `user.name == "root"`, false, 0},
		{"literal first", `"sshd" == process.name`, true, 0},
		{"and", `process.name == "sshd" and event.outcome == "failure"`, true, 0},
		{"or of many", `process.name == "a" or process.name == "b" or process.name == "sshd"`, true, 0},
		{"not", `not (process.name == "sshd")`, false, 0},
		{"exclamation mark", `!(process.name == "a")`, true, 0},
		{"symbols", `process.name == "sshd" && !(event.code == "1") || false`, true, 0},
		{"number", `event.severity == 5`, true, 0},
		{"number against float", `event.severity == 5.0`, true, 0},
		{"float", `event.risk_score > 1`, true, 0},
		{"float equal", `event.risk_score == 1.5`, true, 0},
		{"negative", `event.severity > -1`, true, 0},
		{"flipped order", `4 < event.severity`, true, 0},
		{"chained order", `4 < event.severity < 6`, true, 0},
		{"a number is no text", `event.severity == "5"`, false, 0},
		{"a text is no number", `event.code == 4625`, false, 0},
		{"text order", `host.name > "web-0"`, true, 0},
		{"bool", `tls.established == true`, true, 0},
		{"bool alone", `tls.established`, true, 0},
		{"not bool alone", `not tls.established`, false, 0},
		{"absent bool alone", `tls.resumed`, false, 0},
		{"time after", `weir.time > "2026-01-01T00:00:00Z"`, true, 0},
		{"time in another zone", `weir.time == "2026-11-21T16:50:08+09:00"`, true, 0},
		{"odd names", `$env["@timestamp"] > "2026-01-01T00:00:00Z" and labels["a-b"] == "x"`, true, 0},
		{"open field", `labels.env == "prod"`, true, 0},
		{"optional chain", `user?.name == "Root"`, true, 0},

		{"any item equals", `related.user == "root"`, true, 0},
		{"no item equals", `related.user == "nobody"`, false, 0},
		{"!= wants none equal", `related.user != "root"`, false, 0},
		{"!= with none equal", `related.user != "nobody"`, true, 0},
		{"literal in list field", `"root" in related.user`, true, 0},
		{"field in field", `source.ip in destination.ip`, true, 0},
		{"null items do not count", `tags == "b"`, true, 0},
		{"any item contains", `related.user contains "민"`, true, 0},
		{"in list", `process.name in ["su", "sshd"]`, true, 0},
		{"in list of numbers", `event.severity in [1, 5]`, true, 0},
		{"in mixed list", `event.severity in ["x", 5]`, true, 0},
		{"in empty list", `process.name in []`, false, 0},
		{"not in", `process.name not in ["su", "sudo"]`, true, 0},

		{"absent is not equal", `user.domain == ""`, false, 0},
		{"absent is not unequal", `user.domain != "x"`, false, 0},
		{"absent is not less", `source.bytes < 5`, false, 0},
		{"absent is in nothing", `user.domain in ["", "x"]`, false, 0},
		{"absent does not contain", `user.domain contains ""`, false, 0},
		{"absent satisfies not in", `user.domain not in ["x"]`, true, 0},
		{"null is absent", `organization.name != "x"`, false, 0},
		{"empty list is absent", `threat.tactic.id != "x"`, false, 0},
		{"exists", `exists(user.name)`, true, 0},
		{"exists of absent", `exists(user.domain)`, false, 0},
		{"exists of null", `exists(organization.name)`, false, 0},
		{"exists of empty list", `exists(threat.tactic.id)`, false, 0},
		{"absent", `absent(user.domain)`, true, 0},
		{"absent of present", `absent(user.name)`, false, 0},
		{"nil", `user.domain == nil and user.name != nil`, true, 0},

		{"contains", `message contains "password"`, true, 0},
		{"startsWith", `message startsWith "Failed"`, true, 0},
		{"endsWith", `message endsWith "김민수"`, true, 0},
		{"matches", `message matches "^Failed .* for"`, true, 0},
		{"matches not", `message not matches "^Accepted"`, true, 0},
		{"two fields", `source.ip == destination.ip`, true, 0},
		{"two fields unequal", `source.ip != destination.ip`, false, 0},
		{"two fields, one absent", `source.ip != server.ip`, false, 0},
		{"field contains field", `message contains process.name`, false, 0},
		{"two numbers", `process.pid > source.port`, true, 0},

		{"lower", `lower(user.name) == "root"`, true, 0},
		{"upper in", `upper(user.name) in ["ROOT"]`, true, 0},
		{"lower both", `lower(user.name) == lower(related.user)`, true, 0},
		{"len of text", `len(user.name) == 4`, true, 0},
		{"len counts letters", `len(message) == 23`, true, 0},
		{"len of list", `len(related.ip) == 2`, true, 0},
		{"len of absent", `len(user.domain) == 0`, false, 0},

		{"ieq", `ieq(user.name, "rOOT")`, true, 0},
		{"ieq of several", `ieq(user.name, "admin", "ROOT")`, true, 0},
		{"icontains", `icontains(message, "PASSWORD")`, true, 0},
		{"istartswith", `istartswith(message, "failed ")`, true, 0},
		{"iendswith", `iendswith(message, " FOR 김민수")`, true, 0},
		{"list argument", `iendswith(message, ["x", "수"])`, true, 0},
		{"glob", `glob(file.path, "/etc/*.d/?")`, true, 0},
		{"glob is whole", `glob(file.path, "/etc/*.d")`, false, 0},
		{"re", `re(message, "^x", "pass(word)?")`, true, 0},
		{"cidr", `cidr(source.ip, "10.0.0.0/8", "203.0.113.0/24")`, true, 0},
		{"cidr on a list", `cidr(related.ip, "10.0.0.0/8")`, true, 0},
		{"cidr on no address", `cidr(host.name, "0.0.0.0/0")`, false, 0},
		{"cidr of one address", `cidr(source.ip, "203.0.113.5")`, true, 0},
		{"cidr mapped", `cidr(source.ip, "::ffff:203.0.113.0/120")`, true, 0},
		{"function of lower", `re(lower(user.name), "^root$")`, true, 0},

		{"arithmetic", `event.severity + 1 == 6`, true, 1},
		{"arithmetic on absent", `source.bytes + 1 == 1`, false, 1},
		{"only the odd part is slow", `process.name == "sshd" and event.severity % 2 == 1 and user.name == "Root"`, true, 1},
		{"any", `any(related.user, # startsWith "ro")`, true, 1},
		{"all", `all(related.ip, {cidr(#, "10.0.0.0/8")})`, false, 1},
		{"count", `count(related.ip, {# contains "."}) == 2`, true, 1},
		{"ternary", `event.severity > 3 ? user.name == "Root" : false`, true, 1},
		{"trim", `trim(message) endsWith "김민수"`, true, 1},
		{"split", `split(file.path, "/")[1] == "etc"`, true, 1},
		{"index", `related.ip[0] == "10.1.2.3"`, true, 1},
		{"index out of range", `related.ip[7] == "10.1.2.3"`, false, 1},
		{"coalesce", `(user.domain ?? "none") == "none"`, true, 1},
		{"ours on an expression", `cidr(related.ip[0], "10.0.0.0/8")`, true, 1},
		{"odd name on the machine", `len($env["@timestamp"] + "x") > 5`, true, 1},
		{"a group and a field below it", `(user.name ?? "") == "Root" and (user.domain ?? "x") + (user.name ?? "") == "xRoot"`, true, 2},
	}
	e := sample(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCompile(t, tt.src)
			for range 2 { // the second run meets a used machine
				if got := c.Match(e); got != tt.want {
					t.Fatalf("%s: got %v, want %v", tt.src, got, tt.want)
				}
			}
			if c.Slow() != tt.slow {
				t.Errorf("%s: %d parts on the machine, want %d", tt.src, c.Slow(), tt.slow)
			}
			sameAgain(t, c, tt.src, e)
			misses, of := c.Explain(e)
			if (len(misses) == 0) != tt.want || of == 0 {
				t.Errorf("%s: Explain says %v of %d", tt.src, misses, of)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`process.name == "sshd" and user.name in ["a"]`, `any(related.ip, {cidr(#, "10.0.0.0/8")})`, `lower(user.name) matches "^r"`,
		`(event.severity ?? 1) + 1 > 2 ? true : false`, `glob(file.path, "*\\**?")`, `$env["@timestamp"] > "2026-01-01T00:00:00Z"`, `!tls.established`, "a\n.b == '김' # x",
		`user?.name == nil`, `[1,2][0] == 1`, `related.ip[0:1] == []`, `1 < event.severity < 7`, `len("x") == 1`, `{"a": 1}.a == 1`} {
		f.Add(s)
	}
	var e event.Event
	if err := e.Decode([]byte(sampleDoc)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Compile(src)
		if err != nil {
			me, ok := errors.AsType[*Error](err)
			if !ok || me.Code == "" || me.Msg == "" || me.Line < 1 || me.Col < 1 || me.Width < 1 || me.Line > strings.Count(src, "\n")+1 {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		held := c.Match(&e)
		if held != c.Match(&e) {
			t.Fatalf("%q: two answers on one event", src)
		}
		sameAgain(t, c, src, &e)
		if misses, _ := c.Explain(&e); (len(misses) == 0) != held {
			t.Fatalf("%q: holds %v, explained by %v", src, held, misses)
		}
		if not, err := Compile("not (" + src + "\n)"); err == nil && not.Match(&e) == held && utf8.ValidString(src) && !strings.ContainsAny(src, "()#/") {
			t.Fatalf("%q: neither it nor its opposite is right", src)
		}
	})
}

// sameAgain checks that a condition is what it prints: read again, and made of its tree, it is the same and holds the same.
func sameAgain(t testing.TB, c *Cond, src string, e *event.Event) {
	t.Helper()
	text := c.Tree().String()
	again, err := Compiler{Lists: propertyLists}.Compile(text)
	if err != nil {
		t.Fatalf("%q is printed as %s: %v", src, text, err)
	}
	made, err := Compiler{Lists: propertyLists}.CompileTree(c.Tree())
	if err != nil {
		t.Fatalf("%q is printed as %s: %v", src, text, err)
	}
	for _, o := range []*Cond{again, made} {
		if !o.Tree().Equal(c.Tree()) {
			t.Fatalf("%q is printed as %s and read as %s", src, text, o.Tree())
		}
		if o.Match(e) != c.Match(e) || o.Slow() != c.Slow() {
			t.Fatalf("%q holds %v, %s holds %v; %d and %d parts on the machine", src, c.Match(e), text, o.Match(e), c.Slow(), o.Slow())
		}
	}
}

// BenchmarkHolds runs typical leaves on one event whose texts are folded already, as they are for all rules but the first.
func BenchmarkHolds(b *testing.B) {
	names := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprintf(`"\\tool%d.exe"`, i)
		}
		return strings.Join(out, ", ")
	}
	for _, bench := range []struct{ name, src string }{
		{"equal", `process.name == "sshx"`},
		{"and3", `event.dataset == "system.auth" and process.name == "sshd" and event.outcome == "success"`},
		{"in10", `user.name in ["a","b","c","d","e","f","g","h","i","j"]`},
		{"ieq", `ieq(user.name, "admin")`},
		{"icontains", `icontains(message, "accepted")`},
		{"icontains of any value", `icontains($env, "accepted")`},
		{"iendswith of 5", `iendswith(process.executable, ` + names(5) + `)`},
		{"iendswith of 1000", `iendswith(process.executable, ` + names(1000) + `)`},
		{"icontains of 1000", `icontains(process.command_line, ` + names(1000) + `)`},
		{"or of 1000", strings.TrimSuffix(strings.Repeat(`user.name == "nobody" or `, 1000), " or ")},
		{"iglob", `iglob(process.executable, "*\\\\temp\\\\*.exe")`},
		{"cidr", `cidr(source.ip, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")`},
		{"regex, guarded", `re(process.command_line, "(?i)mimikatz.*sekurlsa")`},
		{"regex, length", `re(process.command_line, ".{1000,}")`},
		{"regex", `message matches "[0-9]+ for"`},
		{"number", `number(event.code) > 9000`},
		{"hour", `hour(weir.time) < 6`},
		{"machine", `event.severity + 1 > 9`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c, e := mustCompile(b, bench.src), sample(b)
			e.SetPath("process.executable", event.Str(`C:\Windows\System32\svchost.exe`))
			e.SetPath("process.command_line", event.Str(`C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule "C:\ProgramData\Some Vendor\config.json"`))
			v := new(fold.View)
			v.Reset(e)
			b.ReportAllocs()
			for b.Loop() {
				if c.Holds(v) {
					b.Fatal("holds")
				}
			}
		})
	}
}

// BenchmarkMatch is one condition on an event of its own: the view is made, the text folded.
func BenchmarkMatch(b *testing.B) {
	c, e := mustCompile(b, `icontains(message, "accepted")`), sample(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Match(e)
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		mustCompile(b, `event.dataset == "system.auth" and process.name == "sshd" and user.name in ["a", "b"] and icontains(message, "x")`)
	}
}
