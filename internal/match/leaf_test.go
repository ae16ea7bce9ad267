package match

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/tree"
)

// TestFunctionsSeeTexts: numbers, truths and times as they are written; operators see types.
func TestFunctionsSeeTexts(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		`ieq(event.severity, "5")`: true, `event.severity == "5"`: false, `icontains(event.risk_score, "1.")`: true, `re(process.pid, "^8.2$")`: true, `process.pid matches "8"`: false,
		`ieq(tls.established, "TRUE")`: true, `istartswith(weir.time, "2026-11-21T07")`: true, `glob(source.port, "2?")`: true, `any(related.ip, ieq(#, "192.0.2.1"))`: true,
		`icontains($env, "김민수")`: true, `$env == "812"`: true, `$env contains "CRON"`: false, `iglob($env, "*/CRON.D/?")`: true, `cidr($env, "203.0.113.0/24")`: true, `re($env, "(?i)^FAILED")`: true,
		`$env matches "^Failed"`: true, `$env matches "^failed"`: false, `iendswith(tags, "B")`: true, `re(upper(user.name), "^ROOT$")`: true, `icontains(lower(message), "PASS")`: true,
		`any(related.user, iglob(#, "R??T"))`: true, `ieq(source.ip, destination.ip)`: true, `icontains(message, process.name)`: false, `ieq($env, user.name)`: true, `istartswith(message, tags)`: false,
		`ieq(event.severity + 1, "6")`: true, `ieq(event.severity / 2, "2.5")`: true, `ieq(tls.established and true, "true")`: true,
	} {
		c := mustCompile(t, src)
		if got := c.Match(sample(t)); got != want {
			t.Errorf("%s: %v", src, got)
		}
		sameAgain(t, c, src, sample(t))
	}
}

func TestAllocations(t *testing.T) {
	e := sample(t)
	for _, src := range []string{
		`process.name == "sshd" and event.outcome == "failure" and user.name not in ["a", "b"]`,
		`cidr(related.ip, "10.0.0.0/8") and icontains(message, "PASSWORD") and glob(file.path, "/etc/*")`,
		`message matches "^Failed" and ieq(user.name, "root") and iendswith(message, "김민수") and len(related.ip) == 2`,
		`icontains($env, "FAILED") and not (icontains($env, "accepted")) and re($env, "(?i)failed .* for") and $env == "sshd" and not ($env contains "nope")`,
		`re(message, "(?i)^failed", "x") and not (re(message, ".{1000,}")) and message matches "(?i)PASSWORD" and iglob(file.path, "*CRON*") and not (related.user matches "(?i)nobody")`,
		`ieq(user.name, "a", "b", "c", "d", "e", "f", "g", "h", "i", "root") and icontains(message, "a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1", "pass", "x1") and iendswith(file.path, "/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/x", "y")`,
		`ieq(source.ip, destination.ip) and not (cidr(host.name, "10.0.0.0/8")) and not (cidr(message, "10.0.0.0/8")) and ieq(event.severity, "5") and ieq(tls.established, "true") and ieq($env, user.name)`,
		`source.ip == destination.ip and event.severity > 3 and exists(user.name) and absent(user.domain)`,
	} {
		c := mustCompile(t, src)
		if !c.Match(e) {
			t.Fatalf("%s does not hold", src)
		}
		if n := testing.AllocsPerRun(100, func() { c.Match(e) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}

// TestManyValues: whatever the number of values, any of them will do, and the first and the last are found.
func TestManyValues(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 8, 9, 40, 1000} {
		var values []string
		for i := range n {
			values = append(values, tree.Quote(fmt.Sprintf(`\Tool%d.EXE`, i)))
		}
		for _, src := range []string{`ieq(message, %s)`, `icontains(message, %s)`, `istartswith(message, %s)`, `iendswith(message, %s)`, `message in [%s]`, `iglob(message, %s)`, `re(message, %s)`} {
			list := strings.Join(values, ", ")
			fold := !strings.HasPrefix(src, "message")
			if strings.HasPrefix(src, "iglob") || strings.HasPrefix(src, "re") { // a backslash more, for the pattern
				list = strings.ReplaceAll(list, `\\`, `\\\\`)
			}
			c := mustCompile(t, fmt.Sprintf(src, list))
			for _, i := range []int{0, n - 1} {
				var e event.Event
				e.SetStr(event.Message, fmt.Sprintf(`\Tool%d.EXE`, i))
				if !c.Match(&e) {
					t.Errorf("%s of %d: number %d is not found", src, n, i)
				}
				e.SetStr(event.Message, fmt.Sprintf(`\tOOL%d.exe`, i))
				if got := c.Match(&e); got != (fold && !strings.HasPrefix(src, "re")) {
					t.Errorf("%s of %d: in another case %v", src, n, got)
				}
				e.SetStr(event.Message, fmt.Sprintf(`\Tool%d.EX`, i))
				if c.Match(&e) {
					t.Errorf("%s of %d: half of a value is found", src, n)
				}
			}
		}
	}
}
