package match

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/naive"
)

// holds prints what Held says: the part, the field, the value with what was found in it between > and <.
func holds(t *testing.T, src string, e *event.Event) string {
	t.Helper()
	c, err := Compiler{Lists: Lists{"vpn": NewList("10.0.0.0/8")}}.Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	v := new(fold.View)
	v.Reset(e)
	var out []string
	for _, h := range c.Held(v) {
		s := h.Expr + " | " + h.Field + " | " + h.Value[:h.Start] + ">" + h.Value[h.Start:h.End] + "<" + h.Value[h.End:]
		if h.Literal != "" {
			s += " | " + h.Literal
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestHeld(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, src, want string }{
		{"equal", `process.name == "sshd"`, `process.name == "sshd" | process.name | >sshd< | sshd`},
		{"which of several", `user.name in ["a", "Root"]`, `user.name in ["a", "Root"] | user.name | >Root< | Root`},
		{"without case", `icontains(message, "x", "PASS")`, `icontains(message, "x", "PASS") | message | Failed >pass<word for 김민수 | PASS`},
		{"at the end", `iendswith(message, "FOR 김민수")`, `iendswith(message, "FOR 김민수") | message | Failed password >for 김민수< | FOR 김민수`},
		{"at the start", `istartswith(message, "failed")`, `istartswith(message, "failed") | message | >Failed< password for 김민수 | failed`},
		{"of a list the item", `related.user endsWith "민수"`, `related.user endsWith "민수" | related.user | 김>민수< | 민수`},
		{"a pattern", `re(message, "x", "p.s+")`, `re(message, "x", "p.s+") | message | Failed >pass<word for 김민수 | p.s+`},
		{"a folding pattern", `message matches "(?i)PASSW"`, `message matches "(?i)PASSW" | message | Failed >passw<ord for 김민수 | (?i)PASSW`},
		{"a glob", `iglob(file.path, "*CRON*")`, `iglob(file.path, "*CRON*") | file.path | >/etc/cron.d/x< | *CRON*`},
		{"a network", `cidr(related.ip, "10.0.0.0/8", "192.0.2.0/24")`, `cidr(related.ip, "10.0.0.0/8", "192.0.2.0/24") | related.ip | >10.1.2.3< | 10.0.0.0/8`},
		{"a list", `in_list(related.ip, "vpn")`, `in_list(related.ip, "vpn") | related.ip | >10.1.2.3< | vpn`},
		{"a list of anything", `in_list("vpn")`, "in_list(\"vpn\") | related.ip | ><[\"10.1.2.3\",\"192.0.2.1\"]\nin_list(\"vpn\") | related.user | ><[\"root\",\"김민수\"]\nin_list(\"vpn\") | related.hosts | ><\nin_list(\"vpn\") | related.hash | ><"},
		{"any value", `icontains($env, "CRON")`, `icontains($env, "CRON") | file.path | /etc/>cron<.d/x | CRON`},
		{"two fields", `ieq(source.ip, destination.ip)`, `ieq(source.ip, destination.ip) | source.ip | >203.0.113.5< | 203.0.113.5`},
		{"a number", `event.severity > 3`, `event.severity > 3 | event.severity | ><5`},
		{"a form", `number(event.code) in [4624, 4625]`, `number(event.code) in [4624, 4625] | event.code | ><4625`},
		{"what is not there", `absent(user.domain)`, `absent(user.domain) | user.domain | ><`},
		{"what is there", `exists(user.name)`, `exists(user.name) | user.name | ><Root`},
		{"not", `not (user.name == "x")`, `not (user.name == "x") | user.name | ><Root`},
		{"and: all", `process.name == "sshd" and not (user.name == "x")`, "process.name == \"sshd\" | process.name | >sshd< | sshd\nnot (user.name == \"x\") | user.name | ><Root"},
		{"or: those that hold", `process.name == "x" or user.name == "Root" or event.severity == 5`, "user.name == \"Root\" | user.name | >Root< | Root\nevent.severity == 5 | event.severity | ><5"},
		{"or: nothing of a branch that fails", `process.name == "sshd" and user.name == "x" or user.name == "Root"`, `user.name == "Root" | user.name | >Root< | Root`},
		{"nothing that misses", `process.name == "sshd" and user.name == "x"`, ""},
		{"a part on the machine", `event.severity + 1 == 6`, `event.severity + 1 == 6 | event.severity | ><5`},
		{"a constant", `true`, `true |  | ><`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := holds(t, tc.src, sample(t)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestHeldHasABound: a thousand alternatives that all hold are not all told, and what is told outlives the event.
func TestHeldHasABound(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 1000 {
		parts = append(parts, fmt.Sprintf(`user.name contains "o" and source.port == 22 and event.severity < %d`, 6+i))
	}
	e := sample(t)
	v := new(fold.View)
	v.Reset(e)
	out := mustCompile(t, strings.Join(parts, " or ")).Held(v)
	if len(out) > maxHolds+3 || len(out) < maxHolds/2 {
		t.Errorf("%d parts are told", len(out))
	}
	e.Reset()
	if out[0].Value != "Root" || out[0].Field != "user.name" {
		t.Errorf("%+v", out[0])
	}
}

// TestHeldAgrees: Held tells something exactly where the condition holds, and what it marks lies within the value.
func TestHeldAgrees(t *testing.T) {
	t.Parallel()
	r := naive.Random{R: rand.New(rand.NewPCG(21, 22))}
	v := new(fold.View)
	marked := 0
	for range 1500 {
		n := r.Tree(r.R.IntN(4))
		c, err := Compiler{Lists: propertyLists}.CompileTree(n)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			v.Reset(r.Event())
			out := c.Held(v)
			if (len(out) > 0) != c.Holds(v) {
				t.Fatalf("%s on %s: %v", n, v.Event().AppendJSON(nil), out)
			}
			for _, h := range out {
				if h.Start > h.End || h.End > len(h.Value) || h.Expr == "" {
					t.Fatalf("%s: %+v", n, h)
				}
				if h.Literal != "" {
					marked++
				}
				if !strings.HasPrefix(h.Expr, "icontains(") || strings.Contains(h.Value, "\xff") {
					continue
				}
				if !strings.EqualFold(h.Value[h.Start:h.End], h.Literal) {
					t.Fatalf("%+v", h)
				}
			}
		}
	}
	if marked < 500 {
		t.Errorf("only %d places were shown", marked)
	}
}
