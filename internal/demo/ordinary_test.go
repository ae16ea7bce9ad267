package demo

import (
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00:00", 999 * time.Millisecond: "0:00:00", 65 * time.Second: "0:01:05", 3*time.Hour + 4*time.Minute + 5*time.Second: "3:04:05", 26 * time.Hour: "26:00:00"} {
		if got := clock(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// TestOrdinary: each kind of episode adds lines that stay inside the minute, come from devices of the office, and never
// name the attacker.
func TestOrdinary(t *testing.T) {
	kinds := map[string]func(*builder, time.Duration){
		"webVisit": webVisit, "dnsLookup": dnsLookup, "outbound": outbound, "stray": stray, "appRequest": appRequest, "query": query, "mail": mail, "cron": cron, "unit": unit, "session": session,
	}
	offices := map[string]bool{"fw-1": true, "web-1": true, "web-2": true, "db-1": true, "mail-1": true, "app-1": true}
	for name, episode := range kinds {
		t.Run(name, func(t *testing.T) {
			b := &builder{start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), speed: 1, rand: rand.New(rand.NewPCG(1, 2))}
			for range 50 {
				episode(b, time.Duration(b.rand.Int64N(int64(Length))))
			}
			if len(b.lines) == 0 {
				t.Fatal("nothing happened")
			}
			for _, l := range b.lines {
				if l.At < 0 || l.At >= Length || !offices[l.Host] || strings.Contains(l.Text, Attacker) || strings.ContainsAny(l.Text, "\r\n") {
					t.Errorf("%+v", l)
				}
			}
		})
	}
}

// TestVisitor: addresses outside are those kept for documentation, so that no sample points at anybody.
func TestVisitor(t *testing.T) {
	b := &builder{rand: rand.New(rand.NewPCG(1, 2))}
	own := map[string]bool{web1.public: true, web2.public: true, mail1.public: true, fw1.public: true}
	kept := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24")}
	for range 1000 {
		a, err := netip.ParseAddr(b.visitor())
		if err != nil || !kept[0].Contains(a) && !kept[1].Contains(a) || own[a.String()] {
			t.Fatalf("%s (%v)", a, err)
		}
	}
}

// TestFingerprint has the form in which ssh writes a key's SHA-256.
func TestFingerprint(t *testing.T) {
	b := &builder{rand: rand.New(rand.NewPCG(1, 2))}
	form := regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)
	if one, two := fingerprint(b), fingerprint(b); !form.MatchString(one) || one == two {
		t.Errorf("%s, %s", one, two)
	}
}
