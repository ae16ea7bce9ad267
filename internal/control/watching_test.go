package control

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/control/watching"
	"weir/internal/fault"
)

// watched is a backend that watches sources and has canaries.
type watched struct {
	Backend
	hops []watching.Hop
	err  error
}

func (w watched) Sources(_ context.Context, r watching.SourcesRequest) (watching.Sources, error) {
	state := watching.Heard
	if r.Missing {
		state = watching.Silent
	}
	return watching.Sources{Rows: []watching.Source{{Source: "syslog/10.0.0.1", State: state}}}, w.err
}

func (w watched) Canary(_ context.Context, r watching.CanaryRequest, each func(watching.Hop) error) (watching.CanaryResult, error) {
	for _, h := range w.hops {
		if err := each(h); err != nil {
			return watching.CanaryResult{}, err
		}
	}
	return watching.CanaryResult{ID: r.Via, TookMS: 7}, w.err
}

// asked runs a client against a backend.
func asked(t *testing.T, b Backend) *Client {
	t.Helper()
	srv := httptest.NewServer(&server{backend: b, calls: map[string]context.CancelFunc{}})
	t.Cleanup(srv.Close)
	return &Client{http: &http.Client{Transport: to{strings.TrimPrefix(srv.URL, "http://")}}}
}

// to sends every request to one address.
type to struct{ host string }

func (t to) RoundTrip(r *http.Request) (*http.Response, error) {
	r.URL.Host = t.host
	return http.DefaultTransport.RoundTrip(r)
}

func TestSources(t *testing.T) {
	c := asked(t, watched{})
	got, err := c.Sources(t.Context(), watching.SourcesRequest{Missing: true})
	if err != nil || len(got.Rows) != 1 || got.Rows[0].State != watching.Silent {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := asked(t, nil).Sources(t.Context(), watching.SourcesRequest{}); fault.Code(err) != "version-mismatch" {
		t.Errorf("got %v", err)
	}
}

func TestCanary(t *testing.T) {
	hops := []watching.Hop{{Hop: watching.HopSend, At: time.Unix(1, 0).UTC(), Line: []byte("<14>1 x")}, {Hop: watching.HopAlert, At: time.Unix(2, 0).UTC(), Text: "alert"}}
	var got []watching.Hop
	each := func(h watching.Hop) error { got = append(got, h); return nil }
	res, err := asked(t, watched{hops: hops}).Canary(t.Context(), watching.CanaryRequest{Via: "udp"}, each)
	if err != nil || res.ID != "udp" || res.TookMS != 7 || !reflect.DeepEqual(got, hops) {
		t.Errorf("%+v, %v: %+v", res, err, got)
	}
	got = nil
	lost := &fault.Error{Code: "canary-lost", What: "x", Exit: fault.ExitFound}
	if _, err := asked(t, watched{hops: hops[:1], err: lost}).Canary(t.Context(), watching.CanaryRequest{}, each); fault.Code(err) != "canary-lost" || len(got) != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	stop := errors.New("cannot send")
	if _, err := asked(t, watched{hops: hops}).Canary(t.Context(), watching.CanaryRequest{}, func(watching.Hop) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if _, err := asked(t, nil).Canary(t.Context(), watching.CanaryRequest{}, each); fault.Code(err) != "version-mismatch" {
		t.Errorf("got %v", err)
	}
}
