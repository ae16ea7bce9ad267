package settings

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
)

// testConfig has a field of every type that channels use.
type testConfig struct {
	To      []string               `yaml:"to" doc:"recipients"`
	Host    string                 `yaml:"host" doc:"server"`
	TLS     string                 `yaml:"tls" doc:"how" enum:"none,starttls"`
	Port    int                    `yaml:"port" doc:"of the server"`
	Loud    bool                   `yaml:"loud" doc:"with a horn"`
	Share   float64                `yaml:"share" doc:"part"`
	Timeout unit.Duration          `yaml:"timeout" doc:"how long"`
	Key     unit.Secret            `yaml:"key" doc:"secret"`
	Headers map[string]unit.Secret `yaml:"headers" doc:"of requests"`
	Keys    []unit.Secret          `yaml:"keys" doc:"secrets"`
	Make    struct {
		URL  string `yaml:"url" doc:"where"`
		Body string `yaml:"body" doc:"what"`
	} `yaml:"make" doc:"a ticket"`
	hidden int
}

// testChannel remembers what it was made of.
type testChannel struct {
	c      testConfig
	d      channel.Deps
	closed *int
}

func (t *testChannel) Send(context.Context, *channel.Message) (channel.Receipt, error) {
	return channel.Receipt{}, nil
}

func (t *testChannel) Close() error { *t.closed++; return nil }

// testKinds are a kind that refuses some settings, and one without any. closed counts channels that were closed.
func testKinds(closed *int) []Kind {
	return []Kind{
		{Name: "post", Doc: "letters", Limit: 20, Config: func() any { return &testConfig{} }, New: func(c any, d channel.Deps) (channel.Channel, error) {
			cfg := c.(*testConfig)
			_ = cfg.hidden
			switch {
			case cfg.Host == "bad":
				return nil, fmt.Errorf("making it: %w", &channel.ConfigError{Key: "host", What: "`host` is no host", Do: "write another"})
			case strings.Contains(cfg.Make.Body, "{{"):
				return nil, &channel.ConfigError{Code: "notify-template", Key: "make.body", What: "the template has no end", Text: "b {{ c", Mark: 3, Width: 2}
			case cfg.Host == "plain":
				return nil, errors.New("something else")
			case cfg.Headers["X"] == "bad":
				return nil, &channel.ConfigError{Key: "headers.X", What: "`headers.X` cannot be"}
			}
			return &testChannel{*cfg, d, closed}, nil
		}},
		{Name: "shout", Doc: "loud", Whole: 7, Tickets: true, Config: func() any { return &struct{}{} }, New: func(any, channel.Deps) (channel.Channel, error) { return &testChannel{closed: closed}, nil }},
	}
}

func read(t testing.TB, text string) (*File, fault.List, *int) {
	t.Helper()
	closed := 0
	f, faults := Read([]byte(text), Options{Name: "dir/notify.yaml", Kinds: testKinds(&closed), Zone: time.UTC})
	return f, faults, &closed
}

const whole = `# people and programs
time_zone: Asia/Seoul
channels:
  mail:
    type: post
    to: [ana@example.org, "b@example.org"]
    host: mail.example.org
    tls: starttls
    port: 2_525
    loud: true
    share: 0.5
    timeout: 1m30s
    key: env:KEY
    headers: {Authorization: file:token, X-Site: 1}
    keys: [a, b]
    make: {url: http://x, body: "x"}
    limit: 5
  horn: {type: shout}
route:
  to: [mail]
  group_by: [rule, host.name]
  group_wait: 30s
  group_interval: 10m
  repeat: 2h
  lang: ko
  escalate:
    - {after: 1h, to: horn}
    - {after: 15m, to: [horn, mail]}
  routes:
    - match: {level: critical, rule: [ssh-*, sudo-*], tags: [attack.t1110], labels: {team: net}, host.name: web-*, hours: "Mon-Fri 09:00-18:00, Sat 10:00-12:00", time_zone: Europe/Berlin}
      to: [horn]
      continue: true
      repeat: 0
      routes:
        - {match: {level: [low, medium]}, to: []}
    - match: {rule: x}
      resolve: false
      group_by: []
    - match: {rule: x}
      group_wait: 0
maintenance:
  - {name: patch, owner: ana, reason: updates, weekly: "Sat 02:00-06:00", match: {host.name: db-*}, digest: true}
  - {name: move, owner: bo, reason: new rack, from: 2026-12-01 02:00, to: "2026-12-01T15:00:00+09:00", match: {level: informational}, time_zone: UTC}
`

func TestRead(t *testing.T) {
	f, faults, _ := read(t, whole)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	mail := f.Channels["mail"]
	want := testConfig{To: []string{"ana@example.org", "b@example.org"}, Host: "mail.example.org", TLS: "starttls", Port: 2525, Loud: true, Share: 0.5, Timeout: unit.Duration(90 * time.Second),
		Key: "env:KEY", Headers: map[string]unit.Secret{"Authorization": "file:token", "X-Site": "1"}, Keys: []unit.Secret{"a", "b"}}
	want.Make.URL, want.Make.Body = "http://x", "x"
	got := mail.Channel.(*testChannel)
	if !reflect.DeepEqual(got.c, want) {
		t.Errorf("got %+v", got.c)
	}
	if got.d.Name != "mail" || got.d.Folder != "dir" || mail.Limit != 5 || mail.Line != 4 || mail.Type != "post" {
		t.Errorf("channel %+v, deps %+v", mail, got.d)
	}
	if horn := f.Channels["horn"]; horn.Limit != 0 || horn.Whole != 7 || !horn.Tickets {
		t.Errorf("horn %+v", horn)
	}
	r := f.Route
	if !reflect.DeepEqual(r.Settings, routing.Settings{To: []string{"mail"}, GroupBy: []string{"rule", "host.name"}, Wait: 30 * time.Second, WaitSet: true, Interval: 10 * time.Minute, Repeat: 2 * time.Hour,
		Resolve: true, Lang: "ko", Escalate: []routing.Step{{After: 15 * time.Minute, To: []string{"horn", "mail"}}, {After: time.Hour, To: []string{"horn"}}}}) {
		t.Errorf("root %+v", r.Settings)
	}
	first := r.Routes[0]
	var match []string
	for _, c := range first.Match {
		match = append(match, c.String())
	}
	if got := strings.Join(match, " "); got != "level>=critical rule=ssh-*|sudo-* tag=attack.t1110 labels.team=net host.name=web-*" {
		t.Errorf("match %s", got)
	}
	if first.Zone.String() != "Europe/Berlin" || first.Hours.Empty() || !first.Continue || first.Repeat != 0 || first.Lang != "ko" || len(first.Escalate) != 2 {
		t.Errorf("first %+v", first)
	}
	child := first.Routes[0]
	if child.Continue || child.To == nil || len(child.To) != 0 || child.Match[0].String() != "level=low|medium" {
		t.Errorf("child %+v", child)
	}
	if second := r.Routes[1]; second.Resolve || len(second.GroupBy) != 0 || second.To[0] != "mail" || second.Zone.String() != "Asia/Seoul" {
		t.Errorf("second %+v", second)
	}
	if third := r.Routes[2]; third.Wait != 0 || !third.WaitSet || third.Key == r.Routes[1].Key {
		t.Errorf("third %+v", third)
	}
	patch, move := f.Maintenance[0], f.Maintenance[1]
	if patch.Name != "patch" || patch.Owner != "ana" || patch.Reason != "updates" || !patch.Digest || patch.Zone.String() != "Asia/Seoul" || patch.Match[0].String() != "host.name=db-*" {
		t.Errorf("patch %+v", patch)
	}
	if move.From.UTC().Format(time.RFC3339) != "2026-12-01T02:00:00Z" || move.To.UTC().Format(time.RFC3339) != "2026-12-01T06:00:00Z" {
		t.Errorf("move %+v", move)
	}
}

// TestRead_Keys: a route keeps its key when the file is written in another order.
func TestRead_Keys(t *testing.T) {
	const head = "channels: {a: {type: shout}}\nroute:\n  to: a\n  routes:\n"
	one := "    - match: {rule: x, level: high}\n      to: a\n"
	two := "    - match: {host.name: y, hours: \"Mon 09:00-10:00\"}\n"
	f, faults, _ := read(t, head+one+two)
	g, more, _ := read(t, head+two+strings.Replace(one, "rule: x, level: high", "level: high, rule: x", 1))
	if len(faults)+len(more) > 0 {
		t.Fatal(faults, more)
	}
	for _, r := range f.Route.Routes {
		if g.Route.ByKey(r.Key) == nil {
			t.Errorf("%s is gone", r.Key)
		}
	}
	if a, b := f.Route.Routes[0].Key, f.Route.Routes[1].Key; a == b || a == f.Route.Key {
		t.Errorf("keys %q and %q", a, b)
	}
}

func TestRead_Nothing(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# only this\n", "\ufeff# and this", "---", "---\n# nothing\n"} {
		f, faults, _ := read(t, text)
		if f == nil || len(faults) > 0 || f.Route != nil || len(f.Channels) > 0 {
			t.Errorf("%q: %+v, %v", text, f, faults)
		}
	}
}

// TestRead_Failure: each mistake has its place, its words and what to do. A file with one is not taken.
func TestRead_Failure(t *testing.T) {
	const chans = "channels: {mail: {type: post}, horn: {type: shout}}\n"
	const window = "maintenance:\n  - name: w\n    owner: o\n    reason: r\n    match: {rule: x}\n"
	for _, tc := range []struct{ name, text, code, at, what, do string }{
		{"not YAML", "channels: [", "notify-syntax", "1:", "", ""},
		{"a list", "- a\n", "notify-syntax", "1:1", "the file is a list", "begin with channels:"},
		{"two documents", "channels: {}\n---\nroute: {}\n", "notify-syntax", "3:1", "a second document begins here", "join them"},
		{"anchor", "channels: &a {}\n", "notify-syntax", "1:", "anchors and aliases are not used here", ""},
		{"unknown key", "chanels: {}\n", "notify-unknown-key", "1:1", "unknown key `chanels` in notify.yaml", "did you mean `channels`?"},
		{"key twice", "channels: {}\nchannels: {}\n", "notify-duplicate-key", "2:1", "the key `channels` is there twice", "line 1"},
		{"no type", "channels:\n  a: {to: x}\n", "notify-value", "2:3", "the channel `a` has no `type`", "types: post, shout"},
		{"unknown type", "channels:\n  a: {type: psot}\n", "notify-value", "2:13", "there is no type of channel `psot`", "did you mean `post`?"},
		{"name", "channels:\n  \"a b\": {type: post}\n", "notify-value", "2:3", "`a b` is no name of a channel", ""},
		{"no settings", "channels:\n  a: post\n", "notify-value", "2:6", "the channel `a` needs settings", ""},
		{"unknown setting", "channels:\n  a: {type: post, hots: x}\n", "notify-unknown-key", "2:19", "unknown key `hots` in a", "did you mean `host`?"},
		{"unknown setting in a group", "channels:\n  a: {type: post, make: {ulr: x}}\n", "notify-unknown-key", "2:26", "unknown key `ulr` in a.make", "did you mean `url`?"},
		{"setting of another type", "channels:\n  a: {type: post, port: many}\n", "notify-value", "2:25", "`port` cannot be `many`", "whole number"},
		{"one of", "channels:\n  a: {type: post, tls: ssl}\n", "notify-value", "2:24", "`tls` cannot be `ssl`", "one of none, starttls"},
		{"truth", "channels:\n  a: {type: post, loud: yes}\n", "notify-value", "2:25", "`loud` is neither true nor false", ""},
		{"span", "channels:\n  a: {type: post, timeout: 10 minutes}\n", "notify-value", "2:28", "`timeout`:", ""},
		{"number", "channels:\n  a: {type: post, share: half}\n", "notify-value", "2:26", "`share` cannot be `half`", ""},
		{"group of keys", "channels:\n  a: {type: post, make: x}\n", "notify-value", "2:25", "`make` is a group of keys", ""},
		{"table", "channels:\n  a: {type: post, headers: [x]}\n", "notify-value", "2:28", "`headers` is a table of names", ""},
		{"empty value", "channels:\n  a: {type: post, host: }\n", "notify-value", "2:", "`host` needs one value", ""},
		{"limit", "channels:\n  a: {type: post, limit: -1}\n", "notify-value", "2:26", "`limit` cannot be `-1`", ""},
		{"refused by the channel", "channels:\n  a:\n    type: post\n    host: bad\n", "notify-channel", "4:11", "channel a: `host` is no host", "write another"},
		{"refused in a table", "channels:\n  a:\n    type: post\n    headers:\n      X: bad\n", "notify-channel", "5:10", "channel a: `headers.X` cannot be", ""},
		{"refused in a text of lines", "channels:\n  a:\n    type: post\n    make:\n      body: |\n        a\n        b {{ c\n", "notify-template", "7:11", "channel a: the template has no end", ""},
		{"refused without a key", "channels:\n  a:\n    type: post\n    host: plain\n", "notify-channel", "2:3", "channel a: something else", ""},
		{"unknown channel", chans + "route:\n  to: [mial]\n", "notify-value", "3:8", "there is no channel `mial`", "did you mean `mail`?"},
		{"unknown channel in a step", chans + "route: {to: mail, escalate: [{after: 1m, to: boss}]}\n", "notify-value", "2:46", "there is no channel `boss`", "channels: horn, mail"},
		{"root with match", chans + "route: {to: mail, match: {rule: x}}\n", "notify-value", "2:", "it has no `match`", ""},
		{"route is no group", chans + "route: mail\n", "notify-value", "2:8", "a route needs keys", ""},
		{"routes no list", chans + "route: {to: mail, routes: {match: {rule: x}}}\n", "notify-value", "2:", "`routes` is a list of routes", ""},
		{"unknown level", chans + "route:\n  to: mail\n  routes:\n    - match: {level: hihg}\n", "notify-match", "5:22", "`hihg` is no level", "did you mean `high`?"},
		{"unknown field", chans + "route:\n  to: mail\n  routes:\n    - match: {hots.name: x}\n", "notify-match", "5:15", "an alert has no `hots.name`", "did you mean `host.name`?"},
		{"unknown group", chans + "route: {to: mail, group_by: [rul]}\n", "notify-match", "2:30", "an alert has no `rul`", "did you mean `rule`?"},
		{"hours", chans + "route:\n  to: mail\n  routes:\n    - match: {hours: 9-18}\n", "notify-value", "5:22", "`hours`:", "Mon-Fri 09:00-18:00"},
		{"hours of nothing", chans + "route:\n  to: mail\n  routes:\n    - match: {hours: }\n", "notify-value", "5:", "`hours` needs one value", ""},
		{"rules of nothing", chans + "route:\n  to: mail\n  routes:\n    - match: {rule: []}\n", "notify-value", "5:", "`rule` needs one value", ""},
		{"zone", "time_zone: Seoul\n", "notify-value", "1:12", "there is no time zone `Seoul`", "Asia/Seoul"},
		{"wait too long", chans + "route: {to: mail, group_wait: 2h}\n", "notify-value", "2:31", "`group_wait` cannot be 2h", "between"},
		{"repeat too short", chans + "route: {to: mail, repeat: 5s}\n", "notify-value", "2:27", "`repeat` cannot be 5s", "between 1m and 30d"},
		{"language", chans + "route: {to: mail, lang: de}\n", "notify-value", "2:25", "messages cannot be written in `de`", "en or ko"},
		{"step without a time", chans + "route: {to: mail, escalate: [{to: horn}]}\n", "notify-value", "2:", "a step has `after` and `to`", ""},
		{"window without an owner", "maintenance: [{name: w, reason: r, match: {rule: x}, weekly: Sat}]\n", "notify-value", "1:", "a window needs `name`, `owner` and `reason`", ""},
		{"window without a match", "maintenance: [{name: w, owner: o, reason: r, weekly: Sat}]\n", "notify-value", "1:", "does not say which alerts", "level: informational"},
		{"window for nothing", "maintenance: [{name: w, owner: o, reason: r, weekly: Sat, match: {}}]\n", "notify-value", "1:", "does not say which alerts", ""},
		{"window without a time", window, "notify-value", "2:", "the window `w` needs a time", "weekly"},
		{"window with two times", window + "    weekly: Sat\n    from: 2026-12-01 02:00\n    to: 2026-12-01 03:00\n", "notify-value", "2:", "needs a time", ""},
		{"window without an end", window + "    from: 2026-12-01 02:00\n", "notify-value", "2:", "needs `from` and `to`", ""},
		{"window back in time", window + "    from: 2026-12-01 02:00\n    to: 2026-12-01 01:00\n", "notify-value", "7:9", "ends before it begins", ""},
		{"window of no date", window + "    from: 02:00\n    to: 2026-12-01 01:00\n", "notify-value", "6:11", "`from` is no date and time", "2026-11-21 16:36"},
		{"window in an hour that is not there", window + "    time_zone: Europe/Berlin\n    from: 2026-03-29 02:30\n    to: 2026-03-29 05:00\n", "notify-value", "7:11", "`from`:", ""},
		{"window twice", strings.Replace(window, "maintenance:\n", "maintenance:\n  - {name: w, owner: o, reason: r, match: {rule: x}, weekly: Sat}\n", 1) + "    weekly: Sun\n", "notify-value", "3:", "there are two windows `w`", ""},
		{"hours in a window", "maintenance: [{name: w, owner: o, reason: r, weekly: Sat, match: {hours: Sat}}]\n", "notify-match", "1:", "an alert has no `hours`", ""},
		{"weekly", "maintenance: [{name: w, owner: o, reason: r, weekly: Someday, match: {rule: x}}]\n", "notify-value", "1:54", "`weekly`:", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, faults, _ := read(t, tc.text)
			if f != nil || len(faults) == 0 {
				t.Fatalf("taken: %v", faults)
			}
			i := slices.IndexFunc(faults, func(e *fault.Error) bool { return !e.Warn })
			e := faults[i]
			if e.Code != tc.code || !strings.HasPrefix(e.Where, "dir/notify.yaml:"+tc.at) || !strings.Contains(e.What, tc.what) || !strings.Contains(e.Do, tc.do) || e.Exit != fault.ExitUsage {
				t.Errorf("got %s %s exit %d\n what %q\n do %q", e.Code, e.Where, e.Exit, e.What, e.Do)
			}
			if e.Code != "notify-syntax" && (e.Text == "" || e.Mark < 1) {
				t.Errorf("no caret: %+v", e)
			}
		})
	}
}

// TestRead_AllAtOnce: all mistakes are told in one run, and channels that were made are closed.
func TestRead_AllAtOnce(t *testing.T) {
	f, faults, closed := read(t, "channels:\n  a: {type: shout}\n  b: {type: post, port: x, loud: maybe}\nroute: {to: c, lang: fr}\nfoo: 1\n")
	if f != nil || len(faults) != 5 || *closed != 1 {
		t.Errorf("%d faults, %d closed: %v", len(faults), *closed, faults)
	}
}

func TestRead_Warnings(t *testing.T) {
	for _, tc := range []struct{ text, what string }{
		{"channels: {a: {type: shout}}\n", "no route says who is told"},
		{"channels: {a: {type: shout}}\nroute:\n  to: a\n  routes:\n    - to: a\n    - {match: {rule: x}}\n", "this route takes everything"},
	} {
		f, faults, _ := read(t, tc.text)
		if f == nil || len(faults) != 1 || !faults[0].Warn || !strings.Contains(faults[0].What, tc.what) || faults[0].Exit != fault.ExitOK {
			t.Errorf("%q: %v", tc.text, faults)
		}
	}
}

func TestRead_Bounds(t *testing.T) {
	many := "channels: {a: {type: shout}}\nroute:\n  to: a\n  routes:\n" + strings.Repeat("    - {match: {rule: x}}\n", maxRoutes)
	if f, faults, _ := read(t, many); f != nil || len(faults) != 1 || !strings.Contains(faults[0].What, "more than 1000 routes") {
		t.Errorf("%d faults: %v", len(faults), faults)
	}
	if f, faults, _ := read(t, "x: "+strings.Repeat("y", 2<<20)); f != nil || faults[0].Code != "notify-too-large" {
		t.Errorf("2 MiB: %v", faults)
	}
	deep := "channels: {a: {type: shout}}\nroute:\n  to: a\n"
	for i := range maxDepth + 2 {
		deep += strings.Repeat("  ", i*2+1) + "routes:\n" + strings.Repeat("  ", i*2+2) + "- match: {rule: x}\n"
	}
	if f, faults, _ := read(t, deep); f != nil || !strings.Contains(faults.Error(), "within each other") {
		t.Errorf("deep: %v", faults)
	}
}

func TestSame(t *testing.T) {
	a, _, _ := read(t, whole)
	b, _, _ := read(t, whole)
	c, _, _ := read(t, strings.Replace(whole, "mail.example.org", "other", 1))
	if !a.Channels["mail"].Same(b.Channels["mail"]) || a.Channels["mail"].Same(c.Channels["mail"]) || a.Channels["mail"].Same(nil) || a.Channels["mail"].Same(a.Channels["horn"]) {
		t.Error("channels of the same settings are the same, and no others")
	}
}

// FuzzRead: whatever the bytes are, reading ends; a file that is taken has only channels that its routes may name, and
// what is refused says where.
func FuzzRead(f *testing.F) {
	for _, s := range []string{whole, "", "---", "route:\n routes:\n - match: {hours}", "channels: {a: {type: shout}}\nroute: {to: a}\n", "route:\n  routes:\n    - match: {hours: 22:00-06:00}\n", "maintenance: [{}]\n", "time_zone: ../../etc/passwd\n", "channels:\n  a:\n    type: post\n    make:\n      body: |\n        b {{ c\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		closed := 0
		file, faults := Read(doc, Options{Name: "notify.yaml", Kinds: testKinds(&closed)})
		refused := slices.ContainsFunc(faults, func(e *fault.Error) bool { return !e.Warn })
		if (file == nil) != refused {
			t.Fatalf("file %v, faults %v", file != nil, faults)
		}
		for _, e := range faults {
			if e.Code == "" || e.What == "" || !strings.HasPrefix(e.Where, "notify.yaml") {
				t.Errorf("%+v", e)
			}
		}
		if file == nil {
			return
		}
		for _, name := range file.Route.Channels() {
			if file.Channels[name] == nil {
				t.Errorf("a route tells %q, which is no channel", name)
			}
		}
		if n := len(file.Channels); n > 0 {
			if file.Close(); closed != n {
				t.Errorf("%d of %d channels are closed", closed, n)
			}
		}
	})
}
