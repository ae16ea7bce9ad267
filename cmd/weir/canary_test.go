package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/control/watching"
	"weir/internal/fault"
)

// comesOut is a canary that comes out.
func comesOut() *fake {
	sent := clock(16, 42, 10.1)
	return &fake{
		hops: []watching.Hop{
			{Hop: watching.HopSend, At: sent, ID: "K3V4", Via: "udp", To: "127.0.0.1:5514", Line: []byte("<14>1 x")},
			{Hop: watching.HopReceived, At: sent.Add(time.Millisecond), Text: "syslog from 127.0.0.1"},
			{Hop: watching.HopStored, At: sent.Add(18 * time.Millisecond), Text: "class internal"},
			{Hop: watching.HopAlert, At: sent.Add(212 * time.Millisecond), Text: "alert 3f9c of rule weir-canary"},
			{Hop: watching.HopNotify, At: sent.Add(212 * time.Millisecond), Text: "would go to: mail-ops; canaries are not sent"},
		},
		ended: watching.CanaryResult{ID: "K3V4", Alert: "3f9c", TookMS: 212},
	}
}

func TestCanaryCommand(t *testing.T) {
	sent := ""
	e := engine{canary: func(_ context.Context, via, to string, line []byte) error {
		sent = fmt.Sprintf("%s %s %s", via, to, line)
		return nil
	}}
	b := comesOut()
	out, msg, code := shell{b: b, engine: e, terminal: 100}.run(t, "canary", "--wait", "5s", "--via", "udp")
	same(t, "stdout", out, ""+
		"16:42:10.100  send             0 s  by udp to 127.0.0.1:5514, id K3V4\n"+
		"16:42:10.101  received        1 ms  syslog from 127.0.0.1\n"+
		"16:42:10.118  stored         18 ms  class internal\n"+
		"16:42:10.312  alert         212 ms  alert 3f9c of rule weir-canary\n"+
		"16:42:10.312  notify        212 ms  would go to: mail-ops; canaries are not sent\n")
	same(t, "stderr", msg, "the canary came out after 212 ms\n")
	if code != 0 || sent != "udp 127.0.0.1:5514 <14>1 x" || b.asked != (watching.CanaryRequest{Via: "udp", Wait: 5 * time.Second}) {
		t.Errorf("exit %d, sent %s, asked %+v", code, sent, b.asked)
	}
	b.ended.Forged = 3
	if _, msg, _ := (shell{b: b, engine: e, terminal: 100}).run(t, "canary"); !strings.HasSuffix(msg, "3 canary lines came that weir never sent, or that came twice\n") {
		t.Errorf("forged: %s", msg)
	}
	out, _, _ = shell{b: comesOut(), engine: e}.run(t, "canary", "--json")
	if !strings.HasPrefix(out, `{"hop":"send","at":"2026-11-21T16:42:10.1+09:00","id":"K3V4","text":"by udp to 127.0.0.1:5514, id K3V4","via":"udp","to":"127.0.0.1:5514"}`+"\n") ||
		!strings.HasSuffix(out, `{"ok":true,"id":"K3V4","alert":"3f9c","took_ms":212}`+"\n") || strings.Count(out, "\n") != 6 {
		t.Errorf("--json: %s", out)
	}
	out, _, _ = shell{b: comesOut(), engine: e}.run(t, "canary")
	if !strings.HasSuffix(out, "2026-11-21T07:42:10.312Z\tnotify\t212\twould go to: mail-ops; canaries are not sent\n") {
		t.Errorf("a pipe gets %s", out)
	}
}

func TestCanaryCommand_Failure(t *testing.T) {
	sends := engine{canary: func(context.Context, string, string, []byte) error { return nil }}
	refused := engine{canary: func(context.Context, string, string, []byte) error {
		return fmt.Errorf("sending: %w", errors.New("connection refused"))
	}}
	lost := comesOut()
	lost.hops, lost.err = lost.hops[:3], &fault.Error{Code: "canary-lost", What: "the canary did not come out within 5s", Why: "it is stored", Exit: fault.ExitFound}
	for _, tc := range []struct {
		name string
		b    *fake
		e    engine
		args []string
		code int
		want string
	}{
		{"lost", lost, sends, nil, 1, "error[canary-lost]: the canary did not come out within 5s"},
		{"nobody listens", comesOut(), refused, nil, 3, "error[canary-door]: the canary cannot be sent\n  where  udp 127.0.0.1:5514\n  why    connection refused\n"},
		{"no time to wait", comesOut(), sends, []string{"--wait", "0s"}, 2, "error[usage]: --wait 0s"},
		{"an argument", comesOut(), sends, []string{"now"}, 2, "error[usage]: too much: now"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, msg, code := shell{b: tc.b, engine: tc.e, terminal: 100}.run(t, append([]string{"canary"}, tc.args...)...)
			if code != tc.code || !strings.HasPrefix(msg, tc.want) {
				t.Errorf("exit %d: %s", code, msg)
			}
		})
	}
}
