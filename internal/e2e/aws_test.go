package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"weir/internal/testkit"
)

// trail is a bucket whose new objects are announced in a queue, on a moto server.
type trail struct {
	t                testing.TB
	endpoint         string
	buckets          *s3.Client
	queues           *sqs.Client
	bucket, queueURL string
}

// newTrail makes a trail whose bucket announces its objects by itself.
func newTrail(t testing.TB) *trail {
	t.Helper()
	tr := newSilentTrail(t)
	if _, err := tr.buckets.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &tr.bucket,
		NotificationConfiguration: &s3types.NotificationConfiguration{QueueConfigurations: []s3types.QueueConfiguration{{
			QueueArn: aws.String("arn:aws:sqs:eu-west-1:123456789012:trail-queue"), Events: []s3types.Event{"s3:ObjectCreated:*"}}}}}); err != nil {
		t.Fatal(err)
	}
	return tr
}

// newSilentTrail starts moto and makes bucket and queue; who puts an object announces it. Without moto the test is skipped.
func newSilentTrail(t testing.TB) *trail {
	t.Helper()
	needE2E(t)
	if _, err := exec.LookPath("moto_server"); err != nil {
		testkit.Skip(t, "moto", "moto_server is not installed (pip install 'moto[server]')")
	}
	host, port := address(t, freePort(t))
	startDaemon(t, "moto_server", "-H", host, "-p", port)
	tr := &trail{t: t, endpoint: "http://" + host + ":" + port, bucket: "trail-bucket"}
	eventually(t, 30*time.Second, "moto answers", func() bool {
		resp, err := http.Get(tr.endpoint + "/moto-api/")
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: &tr.endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	tr.buckets = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	tr.queues = sqs.NewFromConfig(cfg)
	if _, err := tr.buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &tr.bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}); err != nil {
		t.Fatal(err)
	}
	tr.queueURL = tr.makeQueue("trail-queue")
	return tr
}

func (tr *trail) makeQueue(name string) string {
	tr.t.Helper()
	out, err := tr.queues.CreateQueue(tr.t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		tr.t.Fatal(err)
	}
	return *out.QueueUrl
}

// settings are those of a weir that reads the trail.
func (tr *trail) settings() []string {
	return []string{"WEIR_INPUTS_AWS_QUEUE=" + tr.queueURL, "WEIR_INPUTS_AWS_ENDPOINT=" + tr.endpoint, "WEIR_INPUTS_AWS_REGION=eu-west-1", "WEIR_INPUTS_AWS_WAIT=1s",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "WEIR_LEDGER_INTERVAL=1s"}
}

// records makes n records of a trail, each with an action of its own.
func records(prefix string, n int) string {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA","accountId":"123456789012","userName":"alice"},"eventTime":%q,"eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.5","userAgent":"aws-cli/2.15.0","eventID":"%s-%d"}`,
			time.Now().UTC().Format(time.RFC3339), prefix, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// put stores an object, gzipped, as CloudTrail does, and returns its key. S3 announces it.
func (tr *trail) put(name, content string) string {
	tr.t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		tr.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tr.t.Fatal(err)
	}
	return tr.putRaw(name, b.Bytes())
}

func (tr *trail) putRaw(name string, content []byte) string {
	tr.t.Helper()
	key := "AWSLogs/123456789012/" + name
	if _, err := tr.buckets.PutObject(tr.t.Context(), &s3.PutObjectInput{Bucket: &tr.bucket, Key: &key, Body: bytes.NewReader(content)}); err != nil {
		tr.t.Fatal(err)
	}
	return key
}

// announce sends a message about objects as S3 does, wrapped by SNS or not.
func (tr *trail) announce(sns bool, keys ...string) {
	tr.t.Helper()
	type m = map[string]any
	var recs []m
	for _, key := range keys {
		recs = append(recs, m{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1", "s3": m{"bucket": m{"name": tr.bucket}, "object": m{"key": url.QueryEscape(key)}}})
	}
	body, err := json.Marshal(m{"Records": recs})
	if err == nil && sns {
		body, err = json.Marshal(m{"Type": "Notification", "Message": string(body)})
	}
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.send(string(body))
}

func (tr *trail) send(body string) {
	tr.t.Helper()
	if _, err := tr.queues.SendMessage(tr.t.Context(), &sqs.SendMessageInput{QueueUrl: &tr.queueURL, MessageBody: &body}); err != nil {
		tr.t.Fatal(err)
	}
}

// left counts the messages of the queue, those that somebody reads included.
func (tr *trail) left() string {
	tr.t.Helper()
	out, err := tr.queues.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{QueueUrl: &tr.queueURL, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})
	if err != nil {
		tr.t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessages"] + "+" + out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// drained waits until every message was deleted.
func (tr *trail) drained(w *weir) {
	tr.t.Helper()
	for deadline := time.Now().Add(patience); tr.left() != "0+0"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			tr.t.Fatalf("messages are left: %s\n%s", tr.left(), w.log)
		}
	}
}

// once checks that each of n records is there once.
func (tr *trail) once(w *weir, n int) {
	tr.t.Helper()
	w.waitFor("event.dataset: aws.cloudtrail", n)
	seen, all := map[string]int{}, 0
	w.each("event.dataset: aws.cloudtrail", 4*n+100, func(doc map[string]any) {
		seen[field(doc, "aws.cloudtrail.event_id")]++
		all++
	})
	if all != n || len(seen) != n {
		tr.t.Errorf("%d events of %d records, %d were sent", all, len(seen), n)
	}
}

func TestAWS_ATrailIsFoundAndWhatComesAgainMakesNoSecondEvent(t *testing.T) {
	tr := newTrail(t)
	w := newWeir(t, tr.settings()...)
	first := tr.put("CloudTrail/eu-west-1/2026/11/21/a.json.gz", records("a", 120))
	tr.put("CloudTrail/eu-west-1/2026/11/21/with a blank + plus é.json.gz", records("b", 700))
	tr.putRaw("CloudTrail/eu-west-1/2026/11/21/not packed.json", []byte(records("c", 3)))
	tr.put("CloudTrail-Digest/eu-west-1/2026/11/21/d.json.gz", `{"digestS3Object":"x","logFiles":[]}`)
	tr.put("CloudTrail/eu-west-1/2026/11/21/empty.json.gz", `{"Records":[]}`)
	tr.send(`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"trail-bucket"}`)
	w.start()
	tr.once(w, 823)
	tr.drained(w)
	doc := w.search(`aws.cloudtrail.event_id: "a-7"`, 2)
	if len(doc) != 1 {
		t.Fatalf("%d documents", len(doc))
	}
	if got := fmt.Sprint(field(doc[0], "user.name"), field(doc[0], "source.ip"), field(doc[0], "cloud.region"), field(doc[0], "event.outcome"), field(doc[0], "log.source.address")); got != "alice203.0.113.5eu-west-1successtrail-bucket" {
		t.Errorf("the document says %s", got)
	}
	if id := field(doc[0], "event.id"); !strings.HasPrefix(id, "s3/trail-bucket/"+first+"/") || !strings.HasSuffix(id, "/7") {
		t.Errorf("its id is %s", id)
	}
	// Delivered again: by S3, wrapped by SNS, twice in one message.
	tr.announce(true, first, first)
	tr.drained(w)
	eventually(t, 20*time.Second, "duplicates are counted", func() bool { return w.devices().Duplicate == 240 })
	// And to a weir that crashed meanwhile.
	w.kill()
	time.Sleep(1500 * time.Millisecond) // the question that the dead weir had asked would take the message
	tr.announce(false, first)
	w.start()
	tr.drained(w)
	eventually(t, 30*time.Second, "duplicates are counted after a crash", func() bool { return w.devices().Duplicate == 360 })
	tr.once(w, 823)
	if row := w.devices(); row.Received != 823+360 || row.Dead != 0 || row.Difference != 0 {
		t.Errorf("the ledger says %+v", row)
	}
	w.stop()
}

func TestAWS_KilledWhileItReads(t *testing.T) {
	tr := newTrail(t)
	w := newWeir(t, tr.settings()...)
	key := tr.put("CloudTrail/eu-west-1/2026/11/21/large.json.gz", records("large", 30_000))
	for range 3 {
		w.start()
		tr.announce(false, key) // the message of the one before is hidden for a while
		seen := len(w.search("event.dataset: aws.cloudtrail", 40_000))
		eventually(t, time.Minute, "more of the object is stored", func() bool {
			n := len(w.search("event.dataset: aws.cloudtrail", 40_000))
			return n > seen || n == 30_000
		})
		w.kill()
		time.Sleep(1500 * time.Millisecond) // the question that it had asked would take the next message
	}
	w.start()
	tr.announce(false, key)
	tr.once(w, 30_000)
	eventually(t, 60*time.Second, "everything is counted", func() bool { return w.devices().Stored >= 30_000 })
	if row := w.devices(); row.Stored != 30_000 || row.Duplicate == 0 {
		t.Errorf("the ledger says %+v", row)
	}
	w.stop()
}

func TestAWS_WhatCannotBeReadIsKeptWithItsReason(t *testing.T) {
	tr := newTrail(t)
	w := newWeir(t, tr.settings()...)
	whole := records("cut", 10)
	tr.put("CloudTrail/cut.json.gz", whole[:len(whole)-30])
	tr.putRaw("CloudTrail/no.json.gz", []byte("this is no JSON"))
	tr.put("CloudTrail/other.json.gz", `{"configurationItems":[]}`)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, records("torn", 2000))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tr.putRaw("CloudTrail/torn.json.gz", b.Bytes()[:b.Len()-300])
	tr.send("hello")
	w.start()
	reasons := map[string]string{}
	for _, doc := range w.waitFor("event.dataset: weir.deadletter", 5) {
		reasons[field(doc, "event.id")] = field(doc, "weir.deadletter.reason")
	}
	tr.drained(w)
	count := map[string]int{}
	for _, r := range reasons {
		count[r]++
	}
	if fmt.Sprint(count) != "map[message-unknown:1 object-cut:2 object-unknown:2]" {
		t.Errorf("reasons: %v", reasons)
	}
	if n := len(w.waitFor(`aws.cloudtrail.event_id: cut-*`, 9)); n != 9 {
		t.Errorf("%d of the 9 records before the cut", n)
	}
	eventually(t, 30*time.Second, "what cannot be read is counted", func() bool { return w.devices().Dead >= 5 })
	if row := w.devices(); row.Dead != 5 || row.Difference != 0 {
		t.Errorf("the ledger says %+v", row)
	}
	w.stop()
}

func TestAWS_FaultsAreOneSentenceAndTheRestRuns(t *testing.T) {
	tr := newTrail(t)
	missing := strings.Replace(tr.queueURL, "trail-queue", "later-queue", 1)
	w := newWeir(t, append(tr.settings(), "WEIR_INPUTS_AWS_QUEUE="+missing)...)
	w.start()
	w.logs("there is no such queue in eu-west-1", 20*time.Second)
	time.Sleep(3 * time.Second)
	if n := strings.Count(w.log.String(), "there is no such queue"); n != 1 {
		t.Errorf("it is said %d times:\n%s", n, w.log)
	}
	tr.queueURL = tr.makeQueue("later-queue")
	w.logs("the queue answers again", 20*time.Second)
	tr.announce(false, "AWSLogs/gone.json.gz")
	w.logs("the object is not there", 20*time.Second)
	key := tr.put("CloudTrail/here.json.gz", records("x", 5))
	tr.announce(false, key)
	tr.once(w, 5)
	if left := tr.left(); left == "0+0" {
		t.Error("the message of an object that is not there was deleted")
	}
	w.stop()
	// Nobody answers at all.
	w = newWeir(t, append(tr.settings(), "WEIR_INPUTS_AWS_ENDPOINT=http://127.0.0.1:1")...)
	w.start()
	w.logs("AWS does not answer", 40*time.Second)
	w.stop()
}

// TestAWS_AnotherProcessKnowsTheObjects: on a real Kafka how far an object was read is in a topic, so a process with a folder
// of its own goes on where the one that was killed was.
func TestAWS_AnotherProcessKnowsTheObjects(t *testing.T) {
	kafka := startServer(t, "kafka")
	tr := newTrail(t)
	c := newCluster(t, kafka, nil, "awsmove.", tr.settings()...)
	rest := c.run("ingest,correlate,archive,console")
	first := c.run("normalise")
	key := tr.put("CloudTrail/a.json.gz", records("a", 700))
	tr.once(rest, 700)
	time.Sleep(2 * time.Second) // its cursors are saved each second, as its counts are
	first.kill()
	second := c.run("normalise")
	tr.announce(false, key, key)
	tr.drained(rest)
	last := tr.put("CloudTrail/b.json.gz", records("b", 30))
	tr.once(rest, 730)
	eventually(t, 60*time.Second, "duplicates are counted", func() bool {
		rows, _ := rest.ledger()
		return rows["aws/"+tr.bucket].Duplicate == 1400
	})
	tr.once(rest, 730)
	second.stop()
	tr.announce(false, last)
	c.run("normalise")
	eventually(t, 60*time.Second, "duplicates are counted", func() bool {
		rows, _ := rest.ledger()
		return rows["aws/"+tr.bucket].Duplicate == 1430
	})
	tr.once(rest, 730)
	c.stop()
}
