package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	seoul = time.FixedZone("KST", 9*3600)
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, seoul) // a Friday: no rule about working hours
)

func TestScriptIsDeterministic(t *testing.T) {
	one, two := Script(noon, 7), Script(noon, 7)
	if !slices.Equal(one, two) {
		t.Error("the same seed gave two scripts")
	}
	if slices.Equal(one, Script(noon, 8)) {
		t.Error("two seeds gave one script")
	}
}

func TestScriptRates(t *testing.T) {
	for seed := range uint64(5) {
		all := Script(noon, seed)
		if len(all) != Total {
			t.Fatalf("seed %d: %d lines, want %d", seed, len(all), Total)
		}
		perSecond, hosts := make([]int, 60), map[string]int{}
		for i, line := range all {
			if i > 0 && line.At < all[i-1].At {
				t.Fatalf("seed %d: line %d is before the one above it", seed, i)
			}
			perSecond[line.At/time.Second]++
			hosts[line.Host]++
		}
		for second, n := range perSecond {
			if n < 214/2 || n > 214*2 {
				t.Errorf("seed %d: %d lines in second %d, far from 214", seed, n, second)
			}
		}
		for _, h := range []host{fw1, web1, web2, db1, mail1, app1} {
			if hosts[h.name] < 300 {
				t.Errorf("seed %d: only %d lines of %s", seed, hosts[h.name], h.name)
			}
		}
		if len(hosts) != 6 {
			t.Errorf("seed %d: %d hosts, want 6: %v", seed, len(hosts), hosts)
		}
	}
}

// first returns the first line that holds text, and how many do.
func first(t *testing.T, all []Line, text string) (Line, int) {
	t.Helper()
	var found Line
	n := 0
	for _, line := range all {
		if strings.Contains(line.Text, text) {
			if n == 0 {
				found = line
			}
			n++
		}
	}
	if n == 0 {
		t.Fatalf("no line holds %q", text)
	}
	return found, n
}

func TestScriptHoldsTheAttackInTime(t *testing.T) {
	for seed := range uint64(5) {
		all := Script(noon, seed)
		for _, tc := range []struct {
			text     string
			host     string
			from, to time.Duration // of the first such line
			least    int
			most     int
		}{
			{"%ASA-4-106023: Deny tcp src outside:" + Attacker, "fw-1", 0, time.Second, 100, 120},
			{"Failed password for root from " + Attacker, "web-1", 2 * time.Second, 3 * time.Second, 20, 120},
			{"Failed password for invalid user 김민수 from " + Attacker, "web-1", 2 * time.Second, 5 * time.Second, 3, 60},
			{"Accepted password for root from " + Attacker, "web-1", 6 * time.Second, 6500 * time.Millisecond, 1, 1},
			{"new user: name=svc-backup", "web-1", 9 * time.Second, 10 * time.Second, 1, 1},
			{"add 'svc-backup' to group 'sudo'", "web-1", 10 * time.Second, 11 * time.Second, 1, 1},
			{"(root) REPLACE (root)", "web-1", 11 * time.Second, 13 * time.Second, 1, 1},
			{"Built outbound TCP connection", "fw-1", 0, Length, 1, Total},
			{"outside:203.0.113.77/4444 (203", "fw-1", 20 * time.Second, 22 * time.Second, 1, 1},
			{"%ASA-5-111008: User 'admin' executed the 'configure terminal'", "fw-1", 30 * time.Second, 40 * time.Second, 1, 1},
		} {
			line, n := first(t, all, tc.text)
			if line.Host != tc.host || line.At < tc.from || line.At > tc.to {
				t.Errorf("seed %d: %q on %s after %s, want on %s from %s to %s", seed, tc.text, line.Host, line.At, tc.host, tc.from, tc.to)
			}
			if n < tc.least || n > tc.most {
				t.Errorf("seed %d: %q %d times, want %d to %d", seed, tc.text, n, tc.least, tc.most)
			}
		}
	}
}

// TestScriptGuessesBeforeTheLogin sees that a rule which wants five failures and then a login finds them.
func TestScriptGuessesBeforeTheLogin(t *testing.T) {
	for seed := range uint64(20) {
		failures := 0
		for _, line := range Script(noon, seed) {
			if strings.Contains(line.Text, "Accepted password for root") {
				break
			}
			if strings.Contains(line.Text, "Failed password for root") {
				failures++
			}
		}
		if failures < 8 {
			t.Errorf("seed %d: %d failures of root before the login, want 8 at least", seed, failures)
		}
	}
}

// TestScriptHasOneAttacker sees that everyday work looks like no attack.
func TestScriptHasOneAttacker(t *testing.T) {
	for _, line := range Script(noon, 1) {
		if strings.Contains(line.Text, "Failed password") && !strings.Contains(line.Text, Attacker) {
			t.Errorf("a wrong password of somebody else: %s", line.Text)
		}
		if strings.Contains(line.Text, "Accepted password") && !strings.Contains(line.Text, Attacker) {
			t.Errorf("a password of somebody else: %s", line.Text)
		}
	}
}

func TestScriptStampsInTheZoneOfTheStart(t *testing.T) {
	all := Script(time.Date(2026, 12, 31, 23, 59, 30, 0, seoul), 3)
	forms := map[string]*regexp.Regexp{
		"fw-1":  regexp.MustCompile(`^<16[456]>(Dec 31 2026 23:59|Jan  1 2027 00:00):\d\d fw-1 : %ASA-[456]-\d{6}: \S`),
		"web-1": regexp.MustCompile(`^<\d+>1 (2026-12-31T23:59|2027-01-01T00:00):\d\d\.\d{3}\+09:00 web-1 \S+ (\d+|-) - - `),
		"db-1":  regexp.MustCompile(`^<\d+>1 (2026-12-31T23:59|2027-01-01T00:00):\d\d\.\d{3}\+09:00 db-1 \S+ (\d+|-) - - `),
		"app-1": regexp.MustCompile(`^<\d+>1 (2026-12-31T23:59|2027-01-01T00:00):\d\d\.\d{3}\+09:00 app-1 \S+ (\d+|-) - - `),
		"web-2": regexp.MustCompile(`^<\d+>(Dec 31 23:59|Jan  1 00:00):\d\d web-2 [\w/.-]+(\[\d+\])?: `),
		"mail-1": regexp.MustCompile(
			`^<\d+>(Dec 31 23:59|Jan  1 00:00):\d\d mail-1 [\w/.-]+(\[\d+\])?: `),
	}
	for _, line := range all {
		if !forms[line.Host].MatchString(line.Text) {
			t.Fatalf("not the form of %s: %s", line.Host, line.Text)
		}
		if strings.ContainsAny(line.Text, "\n\r\x00") {
			t.Fatalf("a control character in %q", line.Text)
		}
	}
}

// TestScriptKeepsStepWithFasterSending sees that stamps of lines sent ten times faster run ten times slower.
func TestScriptKeepsStepWithFasterSending(t *testing.T) {
	all := script(noon, 10, 1)
	last := all[len(all)-1]
	if last.At < 59*time.Second {
		t.Fatalf("the last line is after %s", last.At)
	}
	if !strings.Contains(last.Text, "12:00:05") {
		t.Errorf("the last stamp is not near the sixth second: %s", last.Text)
	}
}

func BenchmarkScript(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Script(noon, 1)
	}
}
