// Package aws reads what a trail of AWS CloudTrail delivers: gzipped objects in S3, announced by messages of an SQS queue.
//
// A message is deleted when every record of every object that it announces is in Kafka. What could not be read is left in
// the queue, and comes again; what was read twice is dropped by normalise, which knows each object and how far it was had.
package aws

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"weir/ingest"
	"weir/ingest/internal/limit"
	"weir/internal/config"
	"weir/internal/fault"
)

// Input is the name of this input, in the configuration and in record.Raw.
const Input = "aws"

// queueAPI is what weir asks of SQS.
type queueAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// bucketAPI is what weir asks of S3.
type bucketAPI interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Source reads one queue.
type Source struct {
	cfg     config.AWS
	region  string
	path    string // of the section in the configuration
	queue   queueAPI
	buckets bucketAPI
	foreign bool // the services are not those of AWS: a bucket's region means nothing
	counter ingest.Counter
	log     *slog.Logger
	times   times

	noted  limit.Noted // what was logged: a fault is said once, and again after an hour
	mu     sync.Mutex
	broken bool // the queue did not answer the last time
}

// times are how long things take; tests shorten them.
type times struct {
	hide     time.Duration // how long a message is hidden from others unless that is extended
	retryMin time.Duration // pause after the queue could not be asked, doubled each time
	retryMax time.Duration
	again    time.Duration // after which a message whose object could not be read comes again, doubled each time
	againMax time.Duration
	end      time.Duration // for what is under way when the source is ended
}

var realTimes = times{hide: 2 * time.Minute, retryMin: time.Second, retryMax: time.Minute, again: 10 * time.Second, againMax: 15 * time.Minute, end: 3 * time.Second}

// New makes the source. It asks nothing of AWS yet: a queue that is not there today may be tomorrow, and the other inputs
// do not wait for it.
func New(ctx context.Context, c config.AWS, o ingest.Options) (*Source, error) {
	u, err := url.Parse(c.Queue)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, &fault.Error{Code: "config-bad-value", What: "the queue is not named by its URL", Where: o.Config + ".queue", Text: c.Queue,
			Do: "aws sqs get-queue-url --queue-name NAME", Exit: fault.ExitUsage}
	}
	region := c.Region
	if region == "" {
		region = regionOf(u.Host)
	}
	var opts []func(*awsconfig.LoadOptions) error
	if region != "" {
		opts = append(opts, awsconfig.WithRegion(region))
	}
	if c.Endpoint != "" {
		opts = append(opts, awsconfig.WithBaseEndpoint(c.Endpoint))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, &fault.Error{Code: "aws-credentials", What: "the AWS profile cannot be used", Where: o.Config, Why: fault.Innermost(err), Do: "aws sts get-caller-identity", Exit: fault.ExitUsage, Cause: err}
	}
	if cfg.Region == "" {
		return nil, &fault.Error{Code: "aws-region", What: "no AWS region is named", Where: o.Config + ".region", Why: "neither the queue's address nor AWS_REGION nor a profile has one",
			Do: "set " + o.Config + ".region to that of the queue", Exit: fault.ExitUsage}
	}
	foreign := cfg.BaseEndpoint != nil || os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
	s := &Source{cfg: c, region: cfg.Region, path: o.Config, foreign: foreign, counter: o.Counter, log: o.Log.With("component", Input), times: realTimes}
	s.queue = sqs.NewFromConfig(cfg)
	s.buckets = s3.NewFromConfig(cfg, func(so *s3.Options) {
		so.UsePathStyle = foreign // one address has no name for each bucket
		so.DisableLogOutputChecksumValidationSkipped = true
	})
	return s, nil
}

// regionName finds the region in the address of a queue: sqs.eu-west-1.amazonaws.com, eu-west-1.queue.amazonaws.com.
var regionName = regexp.MustCompile(`(?:^|\.)([a-z]{2}(?:-[a-z]+)+-[0-9])\.`)

func regionOf(host string) string {
	if m := regionName.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	return ""
}

// Listening implements ingest.Source: nobody connects to it.
func (s *Source) Listening() []ingest.Listener { return nil }

// Close implements ingest.Source; there is nothing to let go of before Run.
func (s *Source) Close() {}

// Run implements ingest.Source: it asks the queue for as many messages as there are idle workers, and hands each to one.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	idle := make(chan struct{}, max(1, s.cfg.Workers))
	for range cap(idle) {
		idle <- struct{}{}
	}
	var working sync.WaitGroup
	defer working.Wait()
	pause := s.times.retryMin
	for {
		n, ok := takeIdle(ctx, idle)
		if !ok {
			return nil
		}
		messages, err := s.receive(ctx, n)
		for range n - len(messages) {
			idle <- struct{}{}
		}
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.fail(err)
			if !sleep(ctx, pause) {
				return nil
			}
			pause = min(2*pause, s.times.retryMax)
			continue
		}
		s.works()
		pause = s.times.retryMin
		for i := range messages {
			working.Go(func() {
				s.handle(ctx, &messages[i], emit)
				idle <- struct{}{}
			})
		}
	}
}

// takeIdle waits for an idle worker and takes all there are, as many as one answer of the queue can keep busy.
func takeIdle(ctx context.Context, idle chan struct{}) (int, bool) {
	select {
	case <-idle:
	case <-ctx.Done():
		return 0, false
	}
	n := 1
	for n < maxMessages {
		select {
		case <-idle:
			n++
		default:
			return n, true
		}
	}
	return n, true
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// fail says once why the queue cannot be asked.
func (s *Source) fail(err error) {
	s.mu.Lock()
	s.broken = true
	s.mu.Unlock()
	f := s.explainQueue(err)
	if s.noted.First(f.Code + " " + apiCode(err)) {
		s.log.Error("the queue cannot be read; it is tried again", "err", f, "do", f.Do)
	}
}

// works says that the queue answers again.
func (s *Source) works() {
	s.mu.Lock()
	was := s.broken
	s.broken = false
	s.mu.Unlock()
	if was {
		s.log.Info("the queue answers again", "queue", s.cfg.Queue)
	}
}

// secondsOf is a duration as SQS takes it.
func secondsOf(d time.Duration) int32 { return int32(min(max(d/time.Second, 0), 12*3600)) }

// text is the value of an optional text.
func text(s *string) string { return aws.ToString(s) }

var _ ingest.Source = (*Source)(nil)
