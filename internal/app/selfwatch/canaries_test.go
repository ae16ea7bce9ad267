package selfwatch

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/alert"
	"weir/internal/canary"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/sinks/alerts"
)

func TestPorts(t *testing.T) {
	cfg := config.Default()
	listening := []control.Port{{Input: "syslog", Proto: "udp", Address: "127.0.0.1:5514"}, {Input: "snmptrap", Proto: "udp", Address: "127.0.0.1:1162"}, {Input: "syslog", Proto: "tls", Address: "127.0.0.1:6514"}}
	if got := Ports(&cfg, listening); !slices.Equal(got, []canary.Port{{Via: canary.UDP, Address: "127.0.0.1:5514"}, {Via: canary.TLS, Address: "127.0.0.1:6514"}}) {
		t.Errorf("%+v", got)
	}
	cfg.Inputs.Syslog.TLS.ClientCA = "ca.pem"
	if got := Ports(&cfg, listening); len(got) != 1 {
		t.Errorf("where senders must show a certificate: %+v", got)
	}
}

// TestAnswers: alerts of canaries are found, which lists leave out; a store that is closed is an error.
func TestAnswers(t *testing.T) {
	s, err := alerts.Open(filepath.Join(t.TempDir(), "alerts.db"), alerts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := Answers(s)(t.Context(), noon)
	if err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Answers(s)(t.Context(), noon); err == nil || !strings.Contains(err.Error(), "alerts of canaries") {
		t.Errorf("got %v", err)
	}
}

// routes is a notifier that explains.
type routes struct {
	notifying.Notifier
	asked *notifying.RouteRequest
	err   error
}

func (r routes) NotifyRoute(_ context.Context, q notifying.RouteRequest) (notifying.Route, error) {
	*r.asked = q
	return notifying.Route{To: []notifying.Target{{Channels: []string{"mail", "chat"}}, {Channels: []string{"chat", "trap"}}}}, r.err
}

func TestRoute(t *testing.T) {
	var asked notifying.RouteRequest
	a := &alert.Alert{Rule: "weir-canary", Level: "high", Labels: map[string]string{"site": "seoul"}, Group: map[string]string{"log.source.address": "127.0.0.1"}, Notify: []string{"x"}}
	if got := Route(routes{asked: &asked})(a); !slices.Equal(got, []string{"mail", "chat", "trap"}) {
		t.Errorf("%v", got)
	}
	if asked.Alert != "" || asked.Rule != "weir-canary" || asked.Level != "high" || asked.Labels["site"] != "seoul" || asked.Group["log.source.address"] != "127.0.0.1" || len(asked.Notify) != 1 {
		t.Errorf("asked %+v", asked)
	}
	if got := Route(routes{asked: &asked, err: errors.New("no file")})(a); got != nil {
		t.Errorf("%v", got)
	}
}
