package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"weir/internal/testkit/relpclient"
)

// Numbers of the proof: a letter for the way and a number on it, so that each event can be found again.
const (
	byRELP   = 'R'
	byFile   = 'F'
	byObject = 'C'
)

// number marks an event.
func number(way byte, i int) string { return fmt.Sprintf("wseq=%c%08d", way, i) }

// sendRELP sends n lines and waits until each is acknowledged, however long the receiver is away.
func sendRELP(ctx context.Context, t testing.TB, client *relpclient.Client, n int, pace func()) relpclient.Report {
	for i := range n {
		pace()
		line := fmt.Appendf(nil, "<38>%s web-%d sshd[%d]: Failed password for root from 203.0.113.%d port %d ssh2 %s",
			time.Now().Format(time.Stamp), i%5, 1000+i%100, i%250, 1024+i%60000, number(byRELP, i))
		if err := client.Send(ctx, i, line); err != nil {
			t.Errorf("sending %d by RELP: %v", i, err)
			return client.Report()
		}
	}
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}
	return client.Report()
}

// writeFiles appends n lines to dir/app.log as a program does that rotates its log by renaming it.
func writeFiles(ctx context.Context, t testing.TB, dir string, n int, pace func()) {
	const perFile = 5000
	name := filepath.Join(dir, "app.log")
	var f *os.File
	for i := 0; i < n && ctx.Err() == nil; i++ {
		pace()
		if i%perFile == 0 {
			if f != nil {
				_ = f.Close()
				if err := os.Rename(name, fmt.Sprintf("%s.%d", name, i/perFile)); err != nil {
					t.Error(err)
					return
				}
			}
			var err error
			if f, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
				t.Error(err)
				return
			}
		}
		if _, err := fmt.Fprintf(f, "%s app-1 billing[77]: charged customer %d %s\n", time.Now().Format(time.Stamp), i%900, number(byFile, i)); err != nil {
			t.Error(err)
			return
		}
	}
	if f != nil {
		_ = f.Close()
	}
}

// perObject is how many records an object of the proof has.
const perObject = 500

// sendObjects puts n CloudTrail records into objects and announces each; every fourth is announced twice, as SQS may. It
// returns how many records were announced again.
func (tr *trail) sendObjects(ctx context.Context, t testing.TB, n int, pace func()) (again int) {
	for from := 0; from < n && ctx.Err() == nil; from += perObject {
		to := min(from+perObject, n)
		var body bytes.Buffer
		z := gzip.NewWriter(&body)
		fmt.Fprint(z, `{"Records":[`)
		for i := from; i < to; i++ {
			pace()
			if i > from {
				fmt.Fprint(z, ",")
			}
			fmt.Fprintf(z, `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA%d","arn":"arn:aws:iam::123456789012:user/u%d","accountId":"123456789012","userName":"u%d"},`+
				`"eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.%d","userAgent":"aws-cli/2.15",`+
				`"requestParameters":{"bucketName":"ledger","key":%q},"responseElements":null,"requestID":"r%d","eventID":"e%d","readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"123456789012"}`,
				i%40, i%40, i%40, time.Now().UTC().Format(time.RFC3339), i%250, number(byObject, i), i, i)
		}
		fmt.Fprint(z, `]}`)
		if err := z.Close(); err != nil {
			t.Error(err)
			return again
		}
		key := fmt.Sprintf("AWSLogs/123456789012/CloudTrail/eu-central-1/2026/%08d.json.gz", from)
		put, err := tr.buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: &tr.bucket, Key: &key, Body: bytes.NewReader(body.Bytes())})
		if err != nil {
			t.Errorf("putting an object: %v", err)
			return again
		}
		note := fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q,"size":%d,"eTag":%q}}}]}`,
			tr.bucket, key, body.Len(), aws.ToString(put.ETag))
		times := 1
		if (from/perObject)%4 == 0 {
			times, again = 2, again+to-from
		}
		for range times {
			if _, err := tr.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &tr.queueURL, MessageBody: &note}); err != nil {
				t.Errorf("announcing an object: %v", err)
				return again
			}
		}
	}
	return again
}

// waiting returns how many messages are in the queue, those that somebody works on among them.
func (tr *trail) waiting(ctx context.Context, t testing.TB) int {
	out, err := tr.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &tr.queueURL,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}})
	if err != nil {
		t.Errorf("asking how long the queue is: %v", err)
		return 0
	}
	n := 0
	for _, v := range out.Attributes {
		i, err := strconv.Atoi(v)
		if err != nil {
			t.Errorf("the queue's length: %v", err)
		}
		n += i
	}
	return n
}
