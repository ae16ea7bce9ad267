package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// announcing is a message about objects of the bucket b.
func announcing(keys ...string) string {
	var recs []string
	for _, k := range keys {
		recs = append(recs, fmt.Sprintf(`{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":%q}}}`, k))
	}
	return `{"Records":[` + strings.Join(recs, ",") + `]}`
}

func TestHandle(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		received   int
		fail       error
		deleted    bool
		back       int32 // seconds after which it comes again
		lines      string
		said       string
	}{
		{"one object", announcing("k1"), 1, nil, true, 0, "s3/b/k1/tag#0=1 s3/b/k1/tag#1=2", ""},
		{"two objects", announcing("k1", "k2"), 1, nil, true, 0, "s3/b/k1/tag#0=1 s3/b/k1/tag#1=2 s3/b/k2/tag#0=3", ""},
		{"a test", `{"Event":"s3:TestEvent"}`, 1, nil, true, 0, "", ""},
		{"a digest", announcing("x/CloudTrail-Digest/y"), 1, nil, true, 0, "", ""},
		{"no notice", `hello`, 1, nil, true, 0, "sqs/q/m#0=hello!message-unknown", "message-unknown"},
		{"a missing object", announcing("k1", "gone"), 1, nil, false, 10, "s3/b/k1/tag#0=1 s3/b/k1/tag#1=2", "b/gone: the object is not there"},
		{"a missing object, again", announcing("gone"), 4, nil, false, 80, "", "the object is not there"},
		{"a missing object, for long", announcing("gone"), 30, nil, false, 900, "", "the object is not there"},
		{"Kafka did not take it", announcing("k1"), 1, errors.New("refused"), false, 10, "s3/b/k1/tag#0=1 s3/b/k1/tag#1=2", "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sv, d := newServices(), &door{fail: tc.fail}
			sv.put("b/k1", []byte(`{"Records":[1,2]}`))
			sv.put("b/k2", zipped(t, `{"Records":[3]}`))
			s, _, log := newSource(sv)
			m := message("m", tc.body, tc.received)
			s.handle(t.Context(), &m, d.emit)
			if got := len(sv.deleted) == 1; got != tc.deleted {
				t.Errorf("deleted: %v\n%s", got, log)
			}
			if got := sv.hidden["m"]; !tc.deleted && fmt.Sprint(got) != fmt.Sprint([]int32{tc.back}) || tc.deleted && len(got) != 0 {
				t.Errorf("hidden for %v", got)
			}
			if got := d.lines(); got != tc.lines {
				t.Errorf("records %s", got)
			}
			if !strings.Contains(log.String(), tc.said) {
				t.Errorf("said %s", log)
			}
		})
	}
}

// TestHandle_StaysHiddenWhileItIsRead: an object that takes longer than the queue waits does not go to two readers.
func TestHandle_StaysHiddenWhileItIsRead(t *testing.T) {
	sv, d := newServices(), &door{hold: make(chan struct{})}
	sv.put("b/k", []byte(`{"Records":[1]}`))
	s, _, _ := newSource(sv)
	s.times.hide = 3 * time.Millisecond
	m, done := message("m", announcing("k"), 1), make(chan struct{})
	go func() {
		defer close(done)
		s.handle(t.Context(), &m, d.emit)
	}()
	count := func() int {
		sv.mu.Lock()
		defer sv.mu.Unlock()
		return len(sv.hidden["m"])
	}
	until(t, "the message is hidden for longer, and again", func() bool { return count() >= 3 })
	if len(sv.deleted) > 0 {
		t.Error("it is deleted before its record is in Kafka")
	}
	close(d.hold)
	<-done
	n := count()
	if time.Sleep(10 * time.Millisecond); count() != n || len(sv.deleted) != 1 {
		t.Errorf("hidden %d times after it was done, deleted %v", count()-n, sv.deleted)
	}
}

// TestHandle_TheSourceEnds: what was done is deleted all the same, what was not comes again at once.
func TestHandle_TheSourceEnds(t *testing.T) {
	for _, inKafka := range []bool{true, false} {
		sv, d := newServices(), &door{hold: make(chan struct{})}
		sv.put("b/k", []byte(`{"Records":[1]}`))
		s, _, _ := newSource(sv)
		ctx, cancel := context.WithCancel(t.Context())
		if !inKafka {
			d.fail = context.Canceled
		}
		s.times.end = time.Minute
		go func() { // ends before handle does
			for atDoor := 0; atDoor == 0; time.Sleep(time.Millisecond) {
				d.mu.Lock()
				atDoor = d.open
				d.mu.Unlock()
			}
			cancel()
			close(d.hold)
		}()
		m := message("m", announcing("k"), 1)
		s.handle(ctx, &m, d.emit)
		if inKafka && len(sv.deleted) != 1 || !inKafka && fmt.Sprint(sv.hidden["m"]) != "[0]" {
			t.Errorf("in Kafka: %v; deleted %v, hidden %v", inKafka, sv.deleted, sv.hidden)
		}
	}
}

func TestQueueName(t *testing.T) {
	for u, want := range map[string]string{"https://sqs.eu-west-1.amazonaws.com/1/trail": "trail", "trail": "trail", "": ""} {
		if got := queueName(u); got != want {
			t.Errorf("%s: %s", u, got)
		}
	}
}
