package parse

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse/readers"
)

var received = time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC)

func rawOf(line string) record.Raw {
	return record.Raw{Value: []byte(line), Received: received, Peer: netip.MustParseAddrPort("[::ffff:192.0.2.7]:514"), Proto: "udp", Input: "syslog"}
}

func newParser(t testing.TB, opts Options) *Parser {
	t.Helper()
	if opts.DefaultZone == nil {
		opts.DefaultZone = time.UTC
	}
	p, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// parseOne parses a line that must become one event.
func parseOne(t testing.TB, opts Options, line string) *event.Event {
	t.Helper()
	raw, e, n := rawOf(line), new(event.Event), 0
	if err := newParser(t, opts).Parse(&raw, e, func(*event.Event) error { n++; return nil }); err != nil || n != 1 {
		t.Fatalf("%q: %d events, error %v", line, n, err)
	}
	return e
}

// TestParse_Split: several objects in one record are several events, in order, each with its own text.
func TestParse_Split(t *testing.T) {
	raw, e := rawOf(`<13>Mar 10 11:00:00 h app: [{"message":"a"}, {"message":"b"},{"message":"c"}]`), new(event.Event)
	var got []string
	err := newParser(t, Options{}).Parse(&raw, e, func(e *event.Event) error {
		got = append(got, e.Str(event.Message)+" "+e.Str(event.EventOriginal)+" "+e.Str(event.HostName))
		return nil
	})
	want := []string{`a {"message":"a"} h`, `b {"message":"b"} h`, `c {"message":"c"} h`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestParse_SplitTorn: what is behind the last whole object is kept as an event too.
func TestParse_SplitTorn(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"message":"a"}{"message":"b"} {"mess`, `a;b; {"mess ["json.log"]`},
		{`{"message":"a"} and text`, `{"message":"a"} and text ["json.log"]`},
		{`{"message":"a"`, `{"message":"a" ["json.log"]`},
	} {
		raw, e, got := rawOf(c.line), new(event.Event), []string{}
		err := newParser(t, Options{}).Parse(&raw, e, func(e *event.Event) error {
			text := e.Str(event.Message)
			if reason := e.Str(event.WeirParseErrors); reason != "" {
				dataset, _, _ := strings.Cut(reason, ":")
				text += fmt.Sprintf(" [%q]", dataset)
			}
			got = append(got, text)
			return nil
		})
		if all := strings.Join(got, ";"); err != nil || all != c.want {
			t.Errorf("%s: got %s, %v", c.line, all, err)
		}
	}
}

// TestParse_SplitNotUTF8: the bytes of the whole record are kept once, not once for each event.
func TestParse_SplitNotUTF8(t *testing.T) {
	line := "[{\"a\":\"caf\xe9\"},{\"b\":1},{\"c\":1}]"
	raw, e, got := rawOf(line), new(event.Event), []string{}
	err := newParser(t, Options{}).Parse(&raw, e, func(e *event.Event) error {
		b, _ := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
		got = append(got, string(b)+"|"+e.Str(event.EventOriginal))
		return nil
	})
	if want := []string{line + "|", `|{"b":1}`, `|{"c":1}`}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestParse_SplitLimit(t *testing.T) {
	raw, e, n := rawOf("["+strings.Repeat(`{"a":1},`, MaxSplit)+`{"a":1}]`), new(event.Event), 0
	err := newParser(t, Options{}).Parse(&raw, e, func(*event.Event) error { n++; return nil })
	var dead *DeadLetter
	if !errors.As(err, &dead) || dead.Reason != ReasonSplit || n != MaxSplit {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestParse_EmitError(t *testing.T) {
	raw, e, n := rawOf(`[{"a":1},{"a":2}]`), new(event.Event), 0
	stop := errors.New("stop")
	err := newParser(t, Options{}).Parse(&raw, e, func(*event.Event) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%d calls, %v", n, err)
	}
}

// FuzzParse: any bytes become events that hold the original byte for byte and have what every event has.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "<38>Mar 10 11:59:58 web1 sshd[24200]: Failed password for root from 203.0.113.5 port 5 ssh2", `[{"a":1},{"b":"\u0000"}]`, "caf\xe9",
		"<166>Mar 10 2024 11:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 1 for outside:1.1.1.1/80 (1.1.1.1/80) to inside:2.2.2.2/1 (2.2.2.2/1)",
		"<13>Mar 10 11:00:00 h CEF:0|v|p|1|2|3|4|src=1.1.1.1 spt=2", "<13>LEEF:1.0|v|p|1|2|src=1.1.1.1\tusrName=x", `<13>a=1 b=2 c="3"`, `{"weir":{"data":1},"event":{"kind":[]}}`,
		"<4>Mar 10 11:00:00 h kernel: [UFW BLOCK] IN=e OUT= SRC=1.1.1.1 DST=2.2.2.2 LEN=x", `{"labels":1,"@timestamp":5,"tags":{"a":"b"}}`,
	} {
		f.Add([]byte(s))
	}
	p := newParser(f, Options{})
	f.Fuzz(func(t *testing.T, data []byte) {
		raw := rawOf("")
		raw.Value = data
		var e event.Event
		n := 0
		err := p.Parse(&raw, &e, func(e *event.Event) error {
			n++
			for _, field := range []event.Field{event.Timestamp, event.WeirTime, event.EventCreated, event.EventDataset, event.EventModule, event.EventKind, event.ECSVersion, event.LogSourceAddress} {
				if !e.Has(field) {
					t.Fatalf("%q: no %s", data, field)
				}
			}
			original := e.Str(event.EventOriginal)
			if s := e.Str(event.WeirOriginalBase64); s != "" {
				b, _ := base64.StdEncoding.DecodeString(s)
				original = string(b)
			}
			if utf8.Valid(data) && original != string(data) && !strings.Contains(string(data), original) {
				t.Fatalf("%q: original %q", data, original)
			}
			var back event.Event
			if err := back.Decode(e.AppendJSON(nil)); err != nil {
				t.Fatalf("%q: the document is broken: %v", data, err)
			}
			return nil
		})
		var dead *DeadLetter
		if err != nil && (!errors.As(err, &dead) || dead.Reason == ReasonPanic) {
			t.Fatalf("%q: %v", data, err)
		}
		if err == nil && n == 0 {
			t.Fatalf("%q: no event", data)
		}
	})
}

// TestParse_GivenUp: a record that its input could not read, and one of which a format says that nothing can be made, become
// dead letters with the reason, and no event.
func TestParse_GivenUp(t *testing.T) {
	p := newParser(t, Options{Formats: formatsOf(t, map[string]readers.Reader{"refuse": {Read: func(*event.Event, string) error {
		return fmt.Errorf("byte 5: %w", &DeadLetter{Reason: "no-record", Detail: "it is none"})
	}}}, "dataset: test.refuse\ntitle: t\nheader: none\nmatch: {input: refused}\nsteps: [call: refuse]")})
	for _, tc := range []struct {
		name           string
		raw            record.Raw
		reason, detail string
	}{
		{"by its input", record.Raw{Value: []byte("x"), Input: "aws", Tags: []string{record.TagUnusable("object-cut", "it ends too early")}}, "object-cut", "it ends too early"},
		{"by its format", record.Raw{Value: []byte("x"), Input: "refused"}, "no-record", "it is none"},
		{"by the format of its input", record.Raw{Value: []byte("[1]"), Input: "aws"}, "cloudtrail-record", "a member of the list of records is no object"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var e event.Event
			err := p.Parse(&tc.raw, &e, func(*event.Event) error {
				t.Error("an event is made")
				return nil
			})
			if dead, ok := errors.AsType[*DeadLetter](err); !ok || dead.Reason != tc.reason || dead.Detail != tc.detail {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestParse_CloudTrail(t *testing.T) {
	raw := record.Raw{Value: []byte(`{"eventName":"CreateTrail","eventSource":"cloudtrail.amazonaws.com","eventTime":"2026-11-21T07:50:08Z","sourceIPAddress":"203.0.113.5","userIdentity":{"userName":"alice"}}`),
		Received: time.Date(2026, 11, 21, 7, 51, 0, 0, time.UTC), Input: "aws", Origin: "trail-bucket"}
	p := newParser(t, Options{})
	n := 0
	var e event.Event
	if err := p.Parse(&raw, &e, func(e *event.Event) error {
		n++
		got := leavesOf(t, e)
		for path, want := range map[string]string{
			"event.dataset": "aws.cloudtrail", "event.module": "aws", "observer.vendor": "AWS", "observer.product": "CloudTrail", "observer.name": "trail-bucket", "log.source.address": "trail-bucket",
			"@timestamp": "2026-11-21T07:50:08.000Z", "user.name": "alice", "source.ip": "203.0.113.5", "event.original": string(raw.Value), "host.name": "",
		} {
			if got[path] != want {
				t.Errorf("%s is %q, want %q", path, got[path], want)
			}
		}
		return nil
	}); err != nil || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
}
