package searching_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/query"
)

// written are queries that people write, over what the events hold.
var written = []string{
	"", "*", "*:*", "not *", "failed", "FAILED password", `"authentication failure"`, "error or failed", "error and not failed", "not error",
	"sshd", "root", "user.name: root", "user.name: (root or Administrator or SYSTEM)", "user.name: *", "not user.name: *", "user: *", "user.name: r*", "user.name: *o*",
	"event.outcome: failure and source.ip: *", "event.category: authentication", "event.category: (authentication and session)", "not event.category: (network or process)",
	"source.ip: 10.0.0.0/8", "source.ip: 192.168.0.0/16 or destination.ip: 192.168.0.0/16", "source.ip >= 100.0.0.0 and source.ip < 200.0.0.0", "not source.ip: 0.0.0.0/0",
	"source.port > 1024", "destination.port: 443", "destination.port: (80 or 443 or 22)", "source.port >= 1024 and source.port <= 49151", "http.response.status_code >= 400",
	"winlog.event_id: 4624", "event.code: 4688", "event.code: (4624 or 4625 or 4672)", "winlog.channel: Security", "winlog.channel: *Sysmon*", "process.executable: *powershell.exe",
	`process.executable: "C:\\Windows\\System32\\svchost.exe"`, "process.command_line: *-enc*", "process.name: *.exe and not process.name: svchost.exe", "host.name: *", "host.name >= m",
	"message: connection", `message: "connection closed"`, "message: conn*", "message: (connection and closed)", "message: *tion", "event.dataset: *", "event.module: windows or event.module: system",
	`@timestamp >= "2020-01-01T00:00:00Z"`, `@timestamp < "2015-01-01T00:00:00Z"`, "@timestamp: 2020", "@timestamp >= 2019 and @timestamp < 2021", "not @timestamp: 2020-10",
	"tags: *", "related.ip: *", "related.user: root", "*.ip: 10.0.0.0/8", "event.severity >= 5", "log.level: (error or warn or warning)", "network.transport: tcp", "url.path: */*",
	"source.bytes > 1000 and destination.bytes > 1000", "event.kind: alert", "event.type: (start or end)", "process.pid: 4", "file.path: *", "dns.question.name: *", "rule.name: *",
	"event.category: process and (user.name: SYSTEM or not user.domain: *)", "not (event.category: process or event.category: network or event.category: authentication)",
}

// keys that differ between the three are left out: what free text finds in dates and truth values, which this project leaves
// out of it; numbers that a date may be.
func loose(s string) bool {
	if s == "true" || s == "false" || strings.ContainsAny(s, "_.'’:") {
		return true
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || len(s) < 3 || len(s) > 40
}

// generator makes queries out of what events hold.
type generator struct {
	rnd  *rand.Rand
	docs [][]byte
	e    event.Event
}

// generated returns n queries, the same each time.
func generated(t testing.TB, docs [][]byte, n int) []string {
	t.Helper()
	g := generator{rnd: rand.New(rand.NewPCG(42, 1)), docs: docs}
	var out []string
	seen := map[string]bool{}
	for len(out) < n {
		q := g.node(g.rnd.IntN(3))
		if _, err := query.Parse(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if !seen[q] {
			seen[q] = true
			out = append(out, q)
		}
	}
	return out
}

// node makes a condition, of others where depth allows.
func (g *generator) node(depth int) string {
	if depth == 0 {
		for {
			if s := g.leaf(); s != "" {
				return s
			}
		}
	}
	switch g.rnd.IntN(5) {
	case 0:
		return "not (" + g.node(depth-1) + ")"
	case 1, 2:
		return "(" + g.node(depth-1) + ") or (" + g.node(depth-1) + ")"
	}
	return "(" + g.node(depth-1) + ") and (" + g.node(depth-1) + ")"
}

// leaf makes a condition on one value of one event; "" where nothing comes of it.
func (g *generator) leaf() string {
	if err := g.e.Decode(g.docs[g.rnd.IntN(len(g.docs))]); err != nil {
		return ""
	}
	var fields []event.Field
	g.e.Each(func(f event.Field, _ event.Value) bool {
		fields = append(fields, f)
		return true
	})
	f := fields[g.rnd.IntN(len(fields))]
	if f == event.EventOriginal || f == event.WeirOriginalBase64 {
		return ""
	}
	name := f.Path()
	if g.rnd.IntN(8) == 0 {
		return name + ": *"
	}
	v := g.e.Get(f)
	if v.Kind() == event.List {
		if v.Len() == 0 {
			return ""
		}
		v = v.Item(g.rnd.IntN(v.Len()))
	}
	switch f.Type() {
	case ecs.Text:
		return g.words(name+": ", v.Text())
	case ecs.Keyword:
		if g.rnd.IntN(12) == 0 {
			return g.word(v.Text())
		}
		return g.keyword(name, v.Text())
	case ecs.Long, ecs.Double:
		op := []string{": ", " > ", " >= ", " < ", " <= "}[g.rnd.IntN(5)]
		return name + op + quote(v.Text())
	case ecs.Boolean:
		return name + ": " + v.Text()
	case ecs.IP:
		return g.address(name, v.Text())
	case ecs.Date:
		if v.Kind() != event.Time {
			return ""
		}
		op := []string{" >= ", " < "}[g.rnd.IntN(2)]
		return name + op + quote(v.Time().Truncate(time.Second).Format(time.RFC3339))
	}
	return g.open(name, v)
}

// open asks for a member of an open field.
func (g *generator) open(name string, v event.Value) string {
	if v.Kind() != event.Object || v.Len() == 0 {
		return ""
	}
	key, m := v.Member(g.rnd.IntN(v.Len()))
	if m.Kind() != event.String || strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789") != "" || len(m.Str()) > 500 {
		return ""
	}
	if _, err := strconv.ParseFloat(m.Str(), 64); err == nil {
		return "" // numbers are compared as numbers there, and by Elasticsearch as texts
	}
	return name + "." + key + ": " + quote(m.Str())
}

func (g *generator) keyword(name, s string) string {
	r := []rune(s)
	switch n := g.rnd.IntN(6); {
	case n == 0 && len(r) > 1:
		return name + ": " + bare(string(r[:1+g.rnd.IntN(len(r)-1)])) + "*"
	case n == 1 && len(r) > 2:
		at := g.rnd.IntN(len(r) - 1)
		return name + ": *" + bare(string(r[at:at+1+g.rnd.IntN(len(r)-at)])) + "*"
	case n == 2 && len(r) > 0:
		return name + []string{" > ", " >= ", " < ", " <= "}[g.rnd.IntN(4)] + quote(s)
	case n == 3:
		return name + ": (" + quote(s) + " or " + quote(s+"x") + ")"
	case n == 4:
		return "not " + name + ": " + quote(s)
	}
	return name + ": " + quote(s)
}

func (g *generator) address(name, s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	switch g.rnd.IntN(4) {
	case 0:
		bits := 8 * (1 + g.rnd.IntN(a.BitLen()/8))
		p, err := a.Prefix(bits)
		if err != nil {
			return ""
		}
		return name + ": " + quote(p.String())
	case 1:
		return name + []string{" > ", " >= ", " < ", " <= "}[g.rnd.IntN(4)] + quote(s)
	}
	return name + ": " + quote(s)
}

// words asks a text for some of its words, in the forms in which people do.
func (g *generator) words(name, s string) string {
	var tokens []string
	for tok := range query.Tokens(s) {
		tokens = append(tokens, tok)
	}
	if len(tokens) == 0 {
		return ""
	}
	at := g.rnd.IntN(len(tokens))
	tok := tokens[at]
	switch g.rnd.IntN(6) {
	case 0:
		return g.word(tok)
	case 1:
		return name + quote(strings.Join(tokens[at:min(at+3, len(tokens))], " "))
	case 2:
		if r := []rune(tok); len(r) > 3 && !strings.ContainsFunc(tok, odd) {
			return name + bare(string(r[:3])) + "*"
		}
	case 3:
		return name + "(" + quote(tok) + " and " + quote(tokens[0]) + ")"
	case 4:
		return name + bare(tok) + " " + bare(tokens[len(tokens)-1])
	}
	return name + quote(tok)
}

// odd tells whether a letter makes more than one token of a word, in one of the two ways of cutting texts.
func odd(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// word asks for a word anywhere.
func (g *generator) word(s string) string {
	if loose(s) || strings.ContainsFunc(s, odd) {
		return ""
	}
	return bare(s)
}

// quote writes a value in quotes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// bare writes a value without quotes, all of it meant as it is.
func bare(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteRune(r)
		} else if r > 0xffff {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
