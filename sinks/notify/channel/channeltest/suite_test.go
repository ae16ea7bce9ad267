package channeltest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/httpout"
)

// simple is a channel that does what the suite asks, and one thing wrong where it is told to.
type simple struct {
	client *httpout.Client
	url    string
	wrong  string
	log    func(msg string, args ...any)
}

// Send implements channel.Channel.
func (s *simple) Send(ctx context.Context, _ *channel.Message) (channel.Receipt, error) {
	if s.wrong == "logs its secret" {
		s.log("sending", "password", "sEcReT-of-the-test")
	}
	_, err := s.client.Do(ctx, &httpout.Request{Method: http.MethodPost, URL: s.url})
	e, _ := errors.AsType[*channel.Error](err)
	switch s.wrong {
	case "always content":
		err = nil
	case "never content":
		err = &channel.Error{Err: errors.New("no")}
	case "gives up too soon":
		if e != nil {
			e.Permanent = true
		}
	case "does not wait as long as it is asked":
		if e != nil {
			e.RetryAfter = 0
		}
	case "shows its secret":
		if e != nil {
			e.Err = errors.New(e.Error() + " with sEcReT-of-the-test")
		}
	case "an error of another type":
		if e != nil {
			err = e.Err
		}
	case "an error of several lines":
		if e != nil {
			e.Err = errors.New(e.Error() + "\r")
		}
	}
	return channel.Receipt{}, err
}

// Close implements channel.Channel.
func (s *simple) Close() error {
	if s.wrong == "sends after its end" {
		return nil
	}
	return s.client.Close()
}

// subject is the channel as the suite takes it.
func subject(wrong string) channeltest.Subject {
	return channeltest.Subject{
		HTTP: "ok", Plain: true, TLS: true, Secrets: []string{"sEcReT-of-the-test"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			d = d.Ready()
			c, err := httpout.New(d, to.CA, timeout, "sEcReT-of-the-test")
			if err != nil {
				t.Fatal(err)
			}
			scheme := "http://"
			if to.Secure() {
				scheme = "https://"
			}
			return &simple{c, scheme + to.Addr, wrong, d.Log.Info}
		},
	}
}

// wrong names the mistake of the channel in the process that TestRun_Finds starts.
const wrong = "CHANNELTEST_WRONG"

// TestRun_Passes: a channel without mistakes passes.
func TestRun_Passes(t *testing.T) { channeltest.Run(t, subject(os.Getenv(wrong))) }

// TestRun_Finds: the suite finds each mistake. It runs in a process of its own, since a test cannot look at one that fails.
func TestRun_Finds(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for each mistake")
	}
	for mistake, says := range map[string]string{
		"always content":                       "it says that it was sent",
		"never content":                        "it was not sent",
		"gives up too soon":                    "permanent true",
		"does not wait as long as it is asked": "again after 0s",
		"shows its secret":                     "a secret is shown",
		"logs its secret":                      "a secret is shown",
		"an error of another type":             "the error is a ",
		"an error of several lines":            "not clean",
		"sends after its end":                  "a closed channel sends",
	} {
		t.Run(mistake, func(t *testing.T) {
			// Cases that need their time to answer add nothing here.
			cmd := exec.Command(os.Args[0], "-test.run=^TestRun_Passes$/^(good|answers_4|answers_5)")
			cmd.Env = append(os.Environ(), wrong+"="+mistake)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), says) {
				t.Errorf("%v, without %q:\n%s", err, says, out)
			}
		})
	}
}

// TestServers: what the servers of tests are.
func TestServers(t *testing.T) {
	ca := channeltest.NewCA(t)
	if (channeltest.Target{}).Secure() || !(channeltest.Target{CA: ca.File}).Secure() {
		t.Error("which target is secure")
	}
	roots, err := channel.Deps{}.Roots("ca", ca.File)
	if err != nil || roots == nil {
		t.Fatalf("the authority: %v", err)
	}
	if pair := ca.Server(t, "127.0.0.1", "localhost"); len(pair.Certificates) != 1 {
		t.Error("the certificate")
	}
	if m := channeltest.Message(); len(m.Alerts) != 2 || &m.Alerts[0] == &channeltest.Message().Alerts[0] {
		t.Error("the message is not made anew")
	}
}
