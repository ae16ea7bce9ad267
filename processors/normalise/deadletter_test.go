package normalise

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
)

func TestTheReasonOfADeadLetter(t *testing.T) {
	for _, tc := range []struct {
		err            error
		reason, detail string
	}{
		{&processors.DeadLetter{Reason: "cef-header", Detail: "two bars"}, "cef-header", "two bars"},
		{fmt.Errorf("line 3: %w", &processors.DeadLetter{Reason: "cef-header", Detail: "two bars"}), "cef-header", "two bars"},
		{errors.New("broken"), "unreadable", "broken"},
	} {
		if d := asDeadLetter(tc.err); d.Reason != tc.reason || d.Detail != tc.detail {
			t.Errorf("%v: %+v", tc.err, d)
		}
	}
}

// TestADeadLetterKeepsTheRecord checks the whole document: whoever repairs a parser has nothing else to go by.
func TestADeadLetterKeepsTheRecord(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 50, 8, 0, time.UTC)
	for _, tc := range []struct {
		name, value, peer string
		want              map[event.Field]string
		absent            []event.Field
	}{
		{"text", "<13>hello\n", "[::ffff:192.0.2.1]:5", map[event.Field]string{event.EventOriginal: "<13>hello\n", event.LogSourceAddress: "192.0.2.1"}, []event.Field{event.WeirOriginalBase64}},
		{"no text", "a\xff\x00", "192.0.2.1:5", map[event.Field]string{event.WeirOriginalBase64: base64.StdEncoding.EncodeToString([]byte("a\xff\x00"))}, []event.Field{event.EventOriginal}},
		{"no sender", "x", "", map[event.Field]string{event.EventOriginal: "x"}, []event.Field{event.LogSourceAddress}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := &record.Raw{Value: []byte(tc.value), Received: at, Proto: "udp", Input: "syslog"}
			if tc.peer != "" {
				raw.Peer = netip.MustParseAddrPort(tc.peer)
			}
			var e event.Event
			e.SetStr(event.UserName, "of the record before")
			fillDeadLetter(&e, raw, &processors.DeadLetter{Reason: "why", Detail: "a\nb"})
			if e.Has(event.UserName) {
				t.Error("a field of another record is in it")
			}
			for id, want := range map[event.Field]string{
				event.WeirDeadletterReason: "why", event.WeirDeadletterStage: "normalise", event.ErrorMessage: "a b", event.EventDataset: DeadLetterDataset,
				event.WeirClass: "deadletters", event.WeirInput: "syslog", event.WeirTransport: "udp", event.EventKind: "pipeline_error",
			} {
				if got := e.Str(id); got != want {
					t.Errorf("%v: %q, want %q", id, got, want)
				}
			}
			for id, want := range tc.want {
				if got := e.Str(id); got != want {
					t.Errorf("%v: %q, want %q", id, got, want)
				}
			}
			for _, id := range tc.absent {
				if e.Has(id) {
					t.Errorf("%v is there: %q", id, e.Str(id))
				}
			}
			if v := e.Get(event.Timestamp); !v.Time().Equal(at) || !e.Get(event.WeirTime).Time().Equal(at) {
				t.Errorf("dated %v", v.Time())
			}
			if !strings.Contains(string(e.AppendJSON(nil)), `"created":"2026-11-21T07:50:08`) {
				t.Errorf("%s", e.AppendJSON(nil))
			}
		})
	}
}

func TestADeadLetterAlwaysFits(t *testing.T) {
	for _, tc := range []struct {
		name  string
		value []byte
		kept  int // bytes
	}{
		{"control characters, six times as long in JSON", []byte(strings.Repeat("\x01", 1<<20)), 1 << 20},
		{"larger than anything that fits", []byte(strings.Repeat("x", 4<<20)), maxEvent / 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := &record.Raw{Value: tc.value, Received: time.Now(), Input: "syslog"}
			var e event.Event
			fillDeadLetter(&e, raw, &processors.DeadLetter{Reason: "r"})
			if n := len(e.AppendJSON(nil)); n <= maxEvent {
				t.Fatalf("the document has only %d bytes", n)
			}
			shrinkDeadLetter(&e, raw)
			if n := len(e.AppendJSON(nil)); n > maxEvent {
				t.Errorf("the document has %d bytes", n)
			}
			got, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
			if err != nil || string(got) != string(tc.value[:tc.kept]) {
				t.Errorf("%d bytes are kept (%v)", len(got), err)
			}
			if cut := strings.Contains(string(e.Get(event.Tags).AppendText(nil)), record.TagTruncated); cut != (tc.kept < len(tc.value)) {
				t.Errorf("tagged as truncated: %v", cut)
			}
		})
	}
}
