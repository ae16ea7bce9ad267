package aws

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"weir/ingest"
	"weir/internal/config"
	"weir/internal/fault"
)

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		name, queue, region string
		env                 map[string]string
		code                string
		want                string // region
	}{
		{"no URL", "trail-queue", "", nil, "config-bad-value", ""},
		{"another scheme", "arn:aws:sqs:eu-west-1:1:q", "", nil, "config-bad-value", ""},
		{"the region of the queue", "https://sqs.eu-west-1.amazonaws.com/1/q", "", nil, "", "eu-west-1"},
		{"an old address", "https://ap-northeast-2.queue.amazonaws.com/1/q", "", nil, "", "ap-northeast-2"},
		{"a government", "https://sqs.us-gov-west-1.amazonaws.com/1/q", "", nil, "", "us-gov-west-1"},
		{"its own region", "https://sqs.eu-west-1.amazonaws.com/1/q", "us-east-2", nil, "", "us-east-2"},
		{"that of the environment", "http://127.0.0.1:5000/1/q", "", map[string]string{"AWS_REGION": "eu-central-1"}, "", "eu-central-1"},
		{"none", "http://127.0.0.1:5000/1/q", "", nil, "aws-region", ""},
		{"a profile that is not there", "https://sqs.eu-west-1.amazonaws.com/1/q", "", map[string]string{"AWS_PROFILE": "nobody"}, "aws-credentials", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"} {
				t.Setenv(name, tc.env[name])
			}
			none := t.TempDir() + "/none"
			t.Setenv("AWS_CONFIG_FILE", none)
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
			s, err := New(t.Context(), config.AWS{Queue: tc.queue, Region: tc.region}, ingest.Options{Log: slog.New(slog.DiscardHandler), Config: "inputs.aws"})
			if fault.Code(err) != tc.code || err == nil != (tc.code == "") {
				t.Fatalf("%v", err)
			}
			if err != nil {
				return
			}
			if s.region != tc.want || s.foreign || len(s.Listening()) != 0 {
				t.Errorf("region %s, foreign %v", s.region, s.foreign)
			}
			s.Close()
			s.Close()
		})
	}
}

func TestRun_ReadsAllMessagesWithItsWorkers(t *testing.T) {
	sv, d := newServices(), &door{}
	for i := range 40 {
		sv.put(fmt.Sprintf("b/k%d", i), []byte(`{"Records":[1,2,3]}`))
		sv.waiting = append(sv.waiting, message(fmt.Sprint("m", i), announcing(fmt.Sprint("k", i)), 1))
	}
	s, count, log := newSource(sv)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, d.emit) }()
	until(t, "all messages are deleted", func() bool {
		sv.mu.Lock()
		defer sv.mu.Unlock()
		return len(sv.deleted) == 40
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(d.recs) != 120 || count.rows["aws/b"] != 120 || d.most > 3 {
		t.Errorf("%d records, counted %v, %d batches at once\n%s", len(d.recs), count.rows, d.most, log)
	}
}

// TestRun_SaysAFaultOnceAndGoesOn: a queue that is not there is asked again, and when it comes all is well.
func TestRun_SaysAFaultOnceAndGoesOn(t *testing.T) {
	sv, d := newServices(), &door{}
	sv.fail = apiError("AWS.SimpleQueueService.NonExistentQueue")
	sv.put("b/k", []byte(`{"Records":[1]}`))
	s, _, log := newSource(sv)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, d.emit) }()
	until(t, "it is asked again", func() bool {
		sv.mu.Lock()
		defer sv.mu.Unlock()
		return sv.asked >= 4
	})
	sv.mu.Lock()
	sv.fail, sv.waiting = nil, append(sv.waiting, message("m", announcing("k"), 1))
	sv.mu.Unlock()
	until(t, "the message is read", func() bool {
		sv.mu.Lock()
		defer sv.mu.Unlock()
		return len(sv.deleted) == 1
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "there is no such queue in eu-west-1"); n != 1 || !strings.Contains(log.String(), "the queue answers again") {
		t.Errorf("said %d times:\n%s", n, log)
	}
}

func TestRun_EndsWhileItWaits(t *testing.T) {
	for name, fail := range map[string]error{"for a message": nil, "to ask again": apiError("AccessDenied")} {
		sv, d := newServices(), &door{}
		sv.fail = fail
		s, _, _ := newSource(sv)
		s.times.retryMin, s.times.retryMax = time.Hour, time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, d.emit) }()
		time.Sleep(5 * time.Millisecond)
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s: it does not end", name)
		}
	}
}
