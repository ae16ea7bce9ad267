package aws

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"weir/internal/config"
	"weir/internal/record"
)

// services is a queue and a bucket in memory.
type services struct {
	mu      sync.Mutex
	waiting []types.Message
	fail    error // of the next questions to the queue
	deleted []string
	hidden  map[string][]int32 // by message: what it was hidden for
	asked   int
	objects map[string]func() (*s3.GetObjectOutput, error)
	regions []string
}

func newServices() *services {
	return &services{hidden: map[string][]int32{}, objects: map[string]func() (*s3.GetObjectOutput, error){}}
}

// message makes a message that was received n times.
func message(id, body string, n int) types.Message {
	return types.Message{MessageId: &id, ReceiptHandle: &id, Body: &body, Attributes: map[string]string{"ApproximateReceiveCount": fmt.Sprint(n)}}
}

func (s *services) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	s.mu.Lock()
	s.asked++
	if err := s.fail; err != nil {
		s.mu.Unlock()
		return nil, err
	}
	n := min(len(s.waiting), int(in.MaxNumberOfMessages))
	out := s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	s.mu.Unlock()
	if n == 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return &sqs.ReceiveMessageOutput{Messages: out}, nil
}

func (s *services) DeleteMessage(_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = append(s.deleted, *in.ReceiptHandle)
	return &sqs.DeleteMessageOutput{}, nil
}

func (s *services) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden[*in.ReceiptHandle] = append(s.hidden[*in.ReceiptHandle], in.VisibilityTimeout)
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

func (s *services) GetObject(_ context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	var o s3.Options
	for _, f := range opts {
		f(&o)
	}
	s.mu.Lock()
	s.regions = append(s.regions, o.Region)
	get := s.objects[*in.Bucket+"/"+*in.Key]
	s.mu.Unlock()
	if get == nil {
		return nil, apiError("NoSuchKey")
	}
	return get()
}

// put stores an object.
func (s *services) put(key string, content []byte) {
	s.objects[key] = func() (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(content)), ContentLength: aws.Int64(int64(len(content))), ETag: aws.String(`"tag"`)}, nil
	}
}

// apiError is an answer of a service with a code.
func apiError(code string) error {
	return &smithy.OperationError{ServiceID: "X", OperationName: "Y", Err: &smithy.GenericAPIError{Code: code, Message: "said " + code}}
}

// door is a front door in memory.
type door struct {
	mu   sync.Mutex
	recs []record.Raw
	fail error // of batches
	hold chan struct{}
	open int // batches that were not answered yet
	most int
}

func (d *door) emit(ctx context.Context, batch []record.Raw, done func(error)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	d.most = max(d.most, d.open)
	for _, r := range batch {
		r.Value = bytes.Clone(r.Value)
		d.recs = append(d.recs, r)
	}
	err, hold := d.fail, d.hold
	go func() {
		if hold != nil {
			<-hold
		}
		d.mu.Lock()
		d.open--
		d.mu.Unlock()
		done(err)
	}()
	return ctx.Err()
}

// lines returns the values, each with its place and its reason.
func (d *door) lines() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for i := range d.recs {
		r := &d.recs[i]
		text := fmt.Sprintf("%s#%d=%s", r.Key, r.Line, r.Value)
		if reason, _, ok := r.Unusable(); ok {
			text += "!" + reason
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// counter counts what was received.
type counter struct {
	mu   sync.Mutex
	rows map[string]int
}

func (c *counter) Received(source string, n, _ int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[source] += n
}
func (c *counter) Refused(string, string, int) {}
func (c *counter) KernelDrops(string, int)     {}

// logged is a log that is read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newSource makes a source on services in memory, with short times.
func newSource(s *services) (*Source, *counter, *logged) {
	c, l := &counter{rows: map[string]int{}}, &logged{}
	return &Source{cfg: config.AWS{Queue: "https://sqs.eu-west-1.amazonaws.com/1/q", Workers: 3}, region: "eu-west-1", path: "inputs.aws", queue: s, buckets: s, counter: c,
		log:   slog.New(slog.NewTextHandler(l, nil)),
		times: times{hide: 2 * time.Minute, retryMin: time.Millisecond, retryMax: 4 * time.Millisecond, again: 10 * time.Second, againMax: 15 * time.Minute, end: 100 * time.Millisecond}}, c, l
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// until waits for something that other goroutines do.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}
