package risk

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/alert"
)

// said writes entities in a line.
func said(list []Entity) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Kind+"="+e.Value)
	}
	return strings.Join(out, " ")
}

func TestEntities(t *testing.T) {
	type values = map[string]string
	for _, tc := range []struct {
		name     string
		group    values
		evidence []values
		want     string
	}{
		{"nothing", nil, nil, ""},
		{"an address", values{"source.ip": "203.0.113.5"}, nil, "address=203.0.113.5"},
		{"one address in two roles", values{"source.ip": "203.0.113.5", "destination.ip": "203.0.113.5"}, nil, "address=203.0.113.5"},
		{"an address of version 4 as one of 6", values{"source.ip": "::ffff:203.0.113.5"}, nil, "address=203.0.113.5"},
		{"all kinds", values{"user.name": "김민수", "host.name": "web-1", "destination.ip": "2001:DB8::1"}, nil, "address=2001:db8::1 host=web-1 user=김민수"},
		{"one name in two cases", values{"user.name": "Kim", "user.target.name": "KIM "}, nil, "user=kim"},
		{"names that stand for many", values{"user.name": "SYSTEM", "host.name": "localhost", "source.ip": "127.0.0.1"}, nil, ""},
		{"addresses that are nobody's", values{"source.ip": "0.0.0.0", "destination.ip": "224.0.0.1", "client.ip": "255.255.255.255", "server.ip": "::1"}, nil, ""},
		{"no address", values{"source.ip": "web-1"}, nil, ""},
		{"another field", values{"rule.id": "kim", "labels.team": "blue"}, nil, ""},
		{"one event", nil, []values{{"user.name": "kim", "host.name": "web-1", "destination.ip": "203.0.113.9"}}, "host=web-1 user=kim"},
		{"all events agree in the host", values{"source.ip": "203.0.113.5"}, []values{{"user.name": "a", "host.name": "web-1"}, {"user.name": "b", "host.name": "web-1"}}, "address=203.0.113.5 host=web-1"},
		{"an event lacks it", nil, []values{{"user.name": "a"}, {}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := alert.Alert{Group: tc.group}
			for i, v := range tc.evidence {
				a.Evidence = append(a.Evidence, alert.Evidence{EventID: fmt.Sprint(i), Values: v})
			}
			for range 5 { // maps have no order; the answer has one
				if got := said(Entities(&a)); got != tc.want {
					t.Fatalf("got %q, want %q", got, tc.want)
				}
			}
		})
	}
}

// FuzzEntities: whatever an alert holds, an entity has a kind, a value that is found again as itself, and stands once.
func FuzzEntities(f *testing.F) {
	f.Add("source.ip", "::ffff:203.0.113.5%eth0", "root")
	f.Add("user.name", " Kim\x00", "-")
	f.Add("host.name", "\u0130STANBUL", "SYSTEM")
	f.Fuzz(func(t *testing.T, path, value, user string) {
		a := alert.Alert{Group: map[string]string{path: value, "source.user.name": user}, Evidence: []alert.Evidence{{Values: map[string]string{"user.name": user, "host.name": value}}}}
		seen := map[Entity]bool{}
		for _, e := range Entities(&a) {
			again, ok := entity(e.Kind, e.Value)
			if e.Kind == "" || e.Value == "" || seen[e] || !ok || again != e {
				t.Errorf("%+v of %q, %q, %q; again %+v, %v", e, path, value, user, again, ok)
			}
			seen[e] = true
		}
	})
}
