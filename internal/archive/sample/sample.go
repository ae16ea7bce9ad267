// Package sample makes events for the tests and benchmarks of the archive: normalised log lines, varied so that values
// repeat as they do in the field, and the ECS documents of the shared data.
package sample

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/testkit"
)

// Start is the time of the first event that Docs makes.
var Start = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// lines are bodies of sshd, sudo, kernel, firewall and web server messages, with places to fill.
var lines = []struct{ program, text, category, outcome string }{
	{"sshd", "Failed password for %u from %s port %p ssh2", "authentication", "failure"},
	{"sshd", "Accepted publickey for %u from %s port %p ssh2: RSA SHA256:%h", "authentication", "success"},
	{"sshd", "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%s  user=%u", "authentication", "failure"},
	{"sudo", "%u : TTY=pts/0 ; PWD=/home/%u ; USER=root ; COMMAND=/usr/bin/systemctl restart app-%n.service", "process", "success"},
	{"kernel", "[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12:34:56 SRC=%s DST=%d LEN=60 TOS=0x00 TTL=51 ID=%n PROTO=TCP SPT=%p DPT=443", "network", ""},
	{"%ASA-6-302013", "Built outbound TCP connection %n for outside:%s/%p (%s/%p) to inside:%d/443 (%d/443)", "network", "success"},
	{"nginx", "%s - %u [21/Nov/2026:07:00:00 +0000] \"GET /api/v1/items/%n?q=%h HTTP/1.1\" 200 %n \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"", "web", "success"},
	{"cron", "(%u) CMD (/usr/local/bin/backup.sh --target=db%n > /dev/null 2>&1)", "process", ""},
	{"dhclient", "DHCPREQUEST on eth0 to %d port 67 (xid=0x%h)", "network", ""},
	{"app", "요청 처리 완료 사용자=%u 시간=%nms 주소=%s", "web", "success"},
}

var users = []string{"root", "admin", "kim", "김민수", "deploy", "postgres", "alice", "bob", "adminweb", "oracle"}

// Docs returns n canonical documents in time order, about a thousand bytes each and the same for the same seed.
func Docs(seed uint64, n int) [][]byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	docs := make([][]byte, n)
	var e event.Event
	at := Start
	for i := range docs {
		at = at.Add(time.Duration(rnd.IntN(40)) * time.Millisecond)
		e.Reset()
		fill(&e, rnd, i, at)
		docs[i] = e.AppendJSON(nil)
	}
	return docs
}

// skewed returns a number below n; small ones are much more frequent.
func skewed(rnd *rand.Rand, n int) int { return min(int(rnd.ExpFloat64()*float64(n)/8), n-1) }

func fill(e *event.Event, rnd *rand.Rand, i int, at time.Time) {
	l := lines[rnd.IntN(len(lines))]
	src := fmt.Sprintf("203.0.%d.%d", skewed(rnd, 16), skewed(rnd, 250))
	dst := fmt.Sprintf("10.1.%d.%d", rnd.IntN(4), rnd.IntN(250))
	user, port := users[skewed(rnd, len(users))], 1024+rnd.IntN(60000)
	host := "web-" + strconv.Itoa(skewed(rnd, 40))
	text := l.text
	for _, r := range [][2]string{{"%s", src}, {"%d", dst}, {"%u", user}, {"%p", strconv.Itoa(port)}, {"%h", fmt.Sprintf("%08x", rnd.Uint32())}, {"%n", strconv.Itoa(rnd.IntN(100000))}} {
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	head := fmt.Sprintf("<%d>%s %s %s[%d]: ", 30+rnd.IntN(8), at.Truncate(time.Second).Format(time.Stamp), host, l.program, 1000+i%3000)
	stamp := at.Truncate(time.Second)
	if i%3 == 0 {
		stamp = at.Truncate(time.Millisecond)
	}
	e.Set(event.Timestamp, event.At(stamp))
	e.Set(event.WeirTime, event.At(stamp))
	e.Set(event.EventCreated, event.At(at.Add(3*time.Millisecond)))
	e.Set(event.EventIngested, event.At(at.Add(time.Duration(40+rnd.IntN(20))*time.Millisecond)))
	e.SetStr(event.EventID, "q7f3kx2m/3/"+strconv.Itoa(i+1))
	e.SetStr(event.EventModule, "system")
	e.SetStr(event.EventDataset, "system."+strings.ToLower(strings.Trim(l.program, "%0123456789-")))
	e.SetStr(event.EventKind, "event")
	e.Set(event.EventCategory, event.Strs(l.category))
	e.Set(event.EventType, event.Strs("info"))
	e.SetStr(event.EventOutcome, l.outcome)
	e.SetStr(event.EventOriginal, head+text)
	e.SetStr(event.Message, text)
	e.SetInt(event.EventSequence, int64(i+1))
	e.SetInt(event.EventSeverity, int64(rnd.IntN(8)))
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.HostName, host)
	e.SetStr(event.HostHostname, host)
	e.Set(event.HostIP, event.Strs("192.0.2."+strconv.Itoa(len(host)*7%250)))
	e.SetStr(event.LogSourceAddress, "192.0.2."+strconv.Itoa(len(host)*7%250)+":514")
	e.SetInt(event.LogSyslogPriority, int64(30+rnd.IntN(8)))
	e.SetStr(event.LogSyslogFacilityName, "auth")
	e.SetStr(event.LogSyslogSeverityName, "info")
	e.SetStr(event.ProcessName, l.program)
	e.SetInt(event.ProcessPID, int64(1000+i%3000))
	e.SetStr(event.ObserverType, "weir")
	e.SetStr(event.WeirClass, "default")
	e.SetStr(event.WeirInput, "syslog")
	e.SetStr(event.WeirTransport, "udp")
	e.SetInt(event.WeirRevision, 1)
	e.SetStr(event.WeirSrc, "weir.raw.syslog/0/"+strconv.Itoa(i)+"/0")
	if strings.Contains(l.text, "%s") {
		e.SetStr(event.SourceIP, src)
		e.SetInt(event.SourcePort, int64(port))
		e.Set(event.RelatedIP, event.Strs(src, "192.0.2."+strconv.Itoa(len(host)*7%250)))
	}
	if strings.Contains(l.text, "%d") {
		e.SetStr(event.DestinationIP, dst)
		e.SetInt(event.DestinationPort, 443)
	}
	if strings.Contains(l.text, "%u") {
		e.SetStr(event.UserName, user)
		e.Set(event.RelatedUser, event.Strs(user))
	}
	e.Set(event.RelatedHosts, event.Strs(host))
	if i%17 == 0 {
		e.Set(event.Tags, event.Strs("vpn", "site-"+strconv.Itoa(i%3)))
		e.SetPath("labels.env", event.Str("prod"))
		e.SetPath("weir.data.took", event.Num(int64(rnd.IntN(500))))
		e.SetPath("weir.data.note", event.Str("slow request "+strconv.Itoa(rnd.IntN(20))))
	}
	if i%101 == 0 {
		e.SetPath("custom.unknown.path", event.Str("Oddity "+strconv.Itoa(i)))
		e.Set(event.EventDuration, event.Str("not a number"))
	}
}

// Ugly returns documents at the edges of what a column can hold: wrong kinds, empty lists, null, dates out of range,
// documents that the encoder writes differently, and some that are no JSON at all.
func Ugly() [][]byte {
	texts := []string{
		`{"@timestamp":"2026-11-21T07:00:01.000Z","message":""}`,
		`{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"original":"same"},"message":"same"}`,
		`{"@timestamp":"2026-11-21T07:00:01.000Z","event":{"original":"","id":"x"},"message":""}`,
		`{"@timestamp":"2026-11-21T07:00:02.000Z","event":{"original":"no end"},"message":"other text"}`,
		`{"@timestamp":"2026-11-21T07:00:02.000Z","tags":[],"host":{"ip":"10.0.0.1"}}`,
		`{"@timestamp":"2026-11-21T07:00:02.000Z","tags":["a",null,1],"host":{"ip":["10.0.0.1","::ffff:203.0.113.5"]}}`,
		`{"@timestamp":"2026-11-21T07:00:02.000Z","user":{"name":null},"source":{"port":"80"}}`,
		`{"@timestamp":"2026-11-21T07:00:02.000Z","user":{"name":["a","b"]},"source":{"port":80.5,"ip":"2001:DB8::1"}}`,
		`{"@timestamp":"not a date","message":"a text in the date field"}`,
		`{"@timestamp":"2026-11-21T07:00:03.123456789Z","weir":{"data":{"a":{"b":[1,2,{"c":"deep"}]},"n":80.0}}}`,
		`{"@timestamp":"2026-11-21T07:00:03.000Z","message":["a list","of messages"],"error":{"message":"disk Full on /var"}}`,
		`{"@timestamp":"2026-11-21T07:00:03.000Z","labels":{"env":"prod","n":7},"my":{"own":{"field":"Value","n":-0.0}}}`,
		`{"@timestamp":"2026-11-21T07:00:03.000Z","dns":{"answers":[{"name":"a.example","type":"A"},{"name":"b.example","type":"MX"}]}}`,
		`{"@timestamp":"2026-11-21T07:00:03.000Z","event":{"ingested":"2026-11-21T07:00:03Z","start":"0001-01-01T00:00:00.000Z"}}`,
		`{ "@timestamp" : "2026-11-21T07:00:04.000Z", "message" : "not canonical", "event.id": "dotted" }`,
		`{"@timestamp":"2026-11-21T07:00:04.000Z","host":"plain","host.name":"below a plain value"}`,
		`{"@timestamp":"2026-11-21T07:00:04.000Z","message":"cut off in the mid`,
		`no json at all`, `{}`, ``, `null`, "{\"message\":\"\xff\xfe\"}", `{"message":"no time"}`,
		`{"@timestamp":"1960-02-03T04:05:06.000Z","message":"before 1970"}`,
		`{"@timestamp":"9999-12-31T23:59:59.000Z","message":"far ahead"}`,
		`{"@timestamp":"2026-11-21T07:00:04.000Z","process":{"args":["-x","--y=z"],"pid":9223372036854775807},"network":{"bytes":1e300}}`,
	}
	docs := make([][]byte, len(texts))
	for i, s := range texts {
		docs[i] = []byte(s)
	}
	return docs
}

// Real returns up to n documents of the shared data, canonical as normalise would write them; the test is skipped
// where the data is not there.
func Real(t testing.TB, n int) [][]byte {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "data", "integrations")
	var docs [][]byte
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "-expected.json") {
			return err
		}
		if len(docs) >= n {
			return fs.SkipAll
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var file struct{ Expected []json.RawMessage }
		if json.Unmarshal(b, &file) != nil {
			return nil //nolint:nilerr // not every file of that name is a list of documents
		}
		for _, doc := range file.Expected[:min(len(file.Expected), 40)] {
			var e event.Event
			if string(doc) != "null" && e.Decode(doc) == nil {
				docs = append(docs, e.AppendJSON(nil))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs[:min(len(docs), n)]
}

// Lines returns up to n documents made of the log lines of the shared data, one system after another: each has its line
// as event.original, and as message what stands behind the first colon. The test is skipped where the data is not there.
func Lines(t testing.TB, n int) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "loghub", "*", "*_2k.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no log lines in the shared data: %v", err)
	}
	var docs [][]byte
	var e event.Event
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.ToValidUTF8(string(b), "\ufffd"), "\n")
		for i, line := range lines[:min(len(lines), n/len(files)+1)] {
			e.Reset()
			line = strings.TrimRight(line, "\r")
			e.Set(event.Timestamp, event.At(Start.Add(time.Duration(len(docs)*37%900)*time.Second)))
			e.SetStr(event.EventID, filepath.Base(name)+"/"+strconv.Itoa(i))
			e.SetStr(event.EventDataset, strings.TrimSuffix(filepath.Base(name), "_2k.log"))
			e.Set(event.EventOriginal, event.Str(line))
			message := line
			if at := strings.Index(line, ": "); at > 0 {
				message = line[at+2:]
			}
			e.Set(event.Message, event.Str(message))
			docs = append(docs, e.AppendJSON(nil))
		}
	}
	return docs[:min(len(docs), n)]
}
