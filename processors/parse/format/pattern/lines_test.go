package pattern

import (
	"slices"
	"sync"
	"testing"
)

// Lines as programs write them, each with the pattern that somebody would write for it.
func TestGrokOnLines(t *testing.T) {
	for _, c := range []struct {
		name    string
		pattern string
		line    string
		want    []string
	}{
		{
			"web server",
			`^%{IPORHOST:source.address} %{HTTPDUSER} %{HTTPDUSER:user.name} \[%{HTTPDATE:time}\] "%{HTTPMETHOD:method} %{NOTSPACE:url} HTTP/%{NUMBER:version}" %{INT:status:int} (?:%{INT:bytes:long}|-)`,
			`2001:db8::7 - alice [01/May/2024:10:00:00 +0200] "GET /a?b=c HTTP/1.1" 304 -`,
			[]string{"source.address=2001:db8::7", "user.name=alice", "time=01/May/2024:10:00:00 +0200", "method=GET", "url=/a?b=c", "version=1.1", "status:int=304"},
		},
		{
			"failed login",
			`^Failed (?<method>\S+) for (?:invalid user )?(?<user>.*?) from %{IP:ip:ip} port %{POSINT:port:int}(?: ssh2)?$`,
			`Failed password for invalid user from x from 203.0.113.9 port 4711 ssh2`,
			[]string{"method=password", "user=from x", "ip:ip=203.0.113.9", "port:int=4711"},
		},
		{
			"message with an optional end",
			`^(?<what>.*?)(?: \((?<why>[^()]*)\))?(?:: (?<more>.*))?$`,
			`link down (carrier lost): eth0: again`,
			[]string{"what=link down", "why=carrier lost", "more=eth0: again"},
		},
		{
			"quoted text with escapes",
			`msg=%{QUOTEDSTRING:msg} code=%{BASE16NUM:code}`,
			`a=1 msg="say \"x\", y" code=0xFF`,
			[]string{`msg="say \"x\", y"`, "code=0xFF"},
		},
		{
			"file of Windows",
			`Image: %{WINPATH:path} User: (?<domain>[^\\]+)\\(?<name>\S+)`,
			`Image: C:\Program Files\App\app.exe User: CORP\bob`,
			[]string{`path=C:\Program Files\App\app.exe`, "domain=CORP", "name=bob"},
		},
		{
			"timestamp, level and the rest",
			`^%{TIMESTAMP_ISO8601:time} \[%{DATA:thread}\] %{LOGLEVEL:level} +%{JAVACLASS:class} - %{GREEDYDATA:rest}`,
			`2024-05-01 10:00:00,123 [main] WARN  org.example.App - disk at 91 %`,
			[]string{"time=2024-05-01 10:00:00,123", "thread=main", "level=WARN", "class=org.example.App", "rest=disk at 91 %"},
		},
		{
			"addresses with ports",
			`%{IP:a}[:/]%{INT:ap} ?(?:->|to) ?%{IP:b}[:/]%{INT:bp}`,
			`drop tcp 192.0.2.1:1024 -> 198.51.100.2/443 len 60`,
			[]string{"a=192.0.2.1", "ap=1024", "b=198.51.100.2", "bp=443"},
		},
		{
			"letters beyond ASCII",
			`^Benutzer „(?<name>[^“]+)“ (?<what>\S+)`,
			`Benutzer „Jörg Müller“ angemeldet`,
			[]string{"name=Jörg Müller", "what=angemeldet"},
		},
		{
			"capitals or not",
			`(?i)^user (?<name>\S+) logged (?<way>in|out)`,
			`USER Bob Logged OUT now`,
			[]string{"name=Bob", "way=OUT"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := CompileGrok([]string{c.pattern}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := captured(t, g, c.line); !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestDissectOnLines(t *testing.T) {
	for _, c := range []struct {
		name    string
		pattern string
		line    string
		want    []string
	}{
		{
			"columns",
			`%{a},%{},%{b},%{rest}`,
			`1,2,,4,5`,
			[]string{"a=1", "b=", "rest=4,5"},
		},
		{
			"header and message",
			`<%{pri}>%{version} %{time} %{host} %{app} %{pid} %{id} %{sd->} %{message}`,
			`<34>1 2024-05-01T10:00:00Z h1 app 12 - -   hello there`,
			[]string{"pri=34", "version=1", "time=2024-05-01T10:00:00Z", "host=h1", "app=app", "pid=12", "id=-", "sd=-", "message=hello there"},
		},
		{
			"date of three parts",
			`%{ts} %{+ts->} %{+ts} [%{level}] %{msg}`,
			`May  1 10:00:00 [info] up`,
			[]string{"ts=May 1 10:00:00", "level=info", "msg=up"},
		},
		{
			"brackets",
			`[%{client}] (%{user}) {%{more}}`,
			`[192.0.2.1] (bob) {x=1}`,
			[]string{"client=192.0.2.1", "user=bob", "more=x=1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := CompileDissect(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			out := make([]string, len(d.Names()))
			var got []string
			if d.Match(c.line, out) {
				for i, name := range d.Names() {
					got = append(got, name+"="+out[i])
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// A Grok is used by many goroutines at once.
func TestGrokIsShared(t *testing.T) {
	g, err := CompileGrok([]string{`^a=(?<a>\w+) b=(?<b>\w+)$`, `^b=(?<b>\w+)$`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][2]string{"a=1 b=2": {"1", "2"}, "b=3": {"", "3"}, "a=44 b=5": {"44", "5"}}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			out := make([]string, 2)
			for range 500 {
				for line, want := range lines {
					if _, ok := g.Match(line, out); !ok || out[0] != want[0] || out[1] != want[1] {
						t.Errorf("%s: %q, want %q", line, out, want)
						return
					}
				}
			}
		})
	}
	wait.Wait()
}
