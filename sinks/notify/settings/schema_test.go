package settings

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/internal/alert"
	"weir/sinks/notify/routing"
)

// schema compiles the schema of the test's kinds.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := Schema(testKinds(new(int)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("notify.json", v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("notify.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid asks the schema about a file.
func valid(t testing.TB, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	inst, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc)))
	if err != nil {
		return err
	}
	return s.Validate(inst)
}

// TestSchema: what the reader takes, the schema takes; mistakes that an editor can see, it sees.
func TestSchema(t *testing.T) {
	s := schema(t)
	for _, text := range []string{whole, "# nothing\n", "channels: {a: {type: shout}}\nroute: {to: a, escalate: [{after: 1m, to: a}]}\n"} {
		if err := valid(t, s, text); err != nil {
			t.Errorf("the schema refuses what the reader takes: %v\n%s", err, text)
		}
	}
	for _, text := range []string{
		"chanels: {}\n", "channels: {a: {to: x}}\n", "channels: {a: {type: psot}}\n", "channels: {a: {type: post, hots: x}}\n", "channels: {a: {type: post, tls: ssl}}\n",
		"channels: {a: {type: post, make: {ulr: x}}}\n", "route: {too: a}\n", "route: {match: {rule: x}}\n", "route: {lang: de}\n", "route: {routes: [{match: {level: hihg}}]}\n",
		"maintenance: [{name: w}]\n", "route: {escalate: [{after: 1m}]}\n",
	} {
		if err := valid(t, s, text); err == nil {
			t.Errorf("the schema takes %q", text)
		}
	}
}

// randomFile writes a notify.yaml that is right, in any of the forms that people use.
func randomFile(r *rand.Rand) string {
	var b strings.Builder
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	some := func(p float64, form string, args ...any) {
		if r.Float64() < p {
			fmt.Fprintf(&b, form, args...)
		}
	}
	some(0.5, "time_zone: %s\n", pick("UTC", "Asia/Seoul", "Europe/Berlin"))
	b.WriteString("channels:\n  a: {type: shout}\n  b:\n    type: post\n")
	some(0.5, "    to: %s\n", pick("x", "[x, y]", "[1]", "[]"))
	some(0.5, "    port: %s\n", pick("25", "0"))
	some(0.5, "    timeout: %s\n", pick("10s", "1m30s", "0", "2d"))
	some(0.5, "    tls: %s\n", pick("none", "starttls"))
	some(0.5, "    headers: {A: %s}\n", pick("x", "1", "env:X", "true"))
	some(0.5, "    make: {url: http://x}\n")
	some(0.5, "    limit: %d\n", r.IntN(100))
	b.WriteString("route:\n")
	var route func(indent string, depth int)
	route = func(indent string, depth int) {
		fmt.Fprintf(&b, "to: %s\n", pick("a", "[a, b]", "[]", "[b]"))
		some(0.3, indent+"group_by: %s\n", pick("rule", "[rule, host.name]", "[]", "[labels.team, tag]"))
		some(0.3, indent+"group_wait: %s\n", pick("0", "30s", "1h"))
		some(0.3, indent+"group_interval: %s\n", pick("1s", "5m", "24h"))
		some(0.3, indent+"repeat: %s\n", pick("0", "1m", "4h", "30d"))
		some(0.3, indent+"resolve: %s\n", pick("true", "false"))
		some(0.3, indent+"lang: %s\n", pick("en", "ko"))
		some(0.3, indent+"escalate: %s\n", pick("[]", "[{after: 15m, to: b}]", "[{after: 1h, to: [a, b]}, {to: a, after: 1s}]"))
		if depth > 2 {
			return
		}
		for i := range r.IntN(3) {
			if i == 0 {
				b.WriteString(indent + "routes:\n")
			}
			fmt.Fprintf(&b, "%s  - match: {%s}\n", indent, pick("level: high", "level: [low, high]", "rule: 'ssh-*'", "tags: [a, b]", "labels: {team: net, n: 1}", "host.name: 'web-*', hours: 'Mon-Fri 09:00-18:00'", "destination.port: 22", "hours: [Mon, 'Sat 10:00-12:00'], time_zone: UTC"))
			b.WriteString(indent + "    ")
			route(indent+"    ", depth+1)
		}
	}
	b.WriteString("  ")
	route("  ", 0)
	some(0.5, "maintenance:\n  - {name: w, owner: o, reason: r, match: {%s}, %s}\n", pick("rule: x", "level: low", "host.name: [a, b]"), pick("weekly: 'Sat 02:00-06:00'", "from: 2026-12-01, to: 2026-12-02, digest: true", "weekly: Sun, time_zone: UTC"))
	return b.String()
}

// TestRandomFiles: every right file, however it is written, is taken by the reader and by the schema, and its routes find the
// same for an alert however often they are asked.
func TestRandomFiles(t *testing.T) {
	s := schema(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		text := randomFile(r)
		f, faults, _ := read(t, text)
		if f == nil {
			t.Fatalf("%v\n%s", faults, text)
		}
		if err := valid(t, s, text); err != nil {
			t.Fatalf("the schema refuses what the reader takes: %v\n%s", err, text)
		}
		again, _, _ := read(t, text)
		for _, level := range routing.Levels {
			a := &alert.Alert{Rule: "ssh-x", Level: level, Group: map[string]string{"host.name": "web-1", "destination.port": "22"}, Labels: map[string]string{"team": "net", "n": "1"}, Tags: []string{"b"}}
			at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
			one, two := f.Route.Find(a, at), again.Route.Find(a, at)
			if len(one) == 0 || !slices.EqualFunc(one, two, func(x, y *routing.Route) bool { return x.Key == y.Key && reflect.DeepEqual(x.Settings, y.Settings) }) {
				t.Fatalf("found %d and %d routes\n%s", len(one), len(two), text)
			}
			for _, x := range one {
				if f.Route.ByKey(x.Key) != x {
					t.Fatalf("%q finds another route\n%s", x.Key, text)
				}
			}
		}
	}
}
