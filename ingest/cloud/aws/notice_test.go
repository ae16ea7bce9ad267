package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const created = `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"AWSLogs/a+b%20%C3%A9%2B.json.gz","size":5,"eTag":"e","versionId":"v1"}}}]}`

// wrap puts a message into what SNS writes.
func wrap(t testing.TB, body string) string {
	t.Helper()
	b, err := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "m", "TopicArn": "arn", "Message": body})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNotice_Success(t *testing.T) {
	one := `[{b AWSLogs/a b é+.json.gz v1 eu-west-1}]`
	second := strings.Replace(created, `{"Records":[`, `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}},{"eventSource":"aws:s3","eventName":"s3:ObjectCreated:CompleteMultipartUpload","s3":{"bucket":{"name":"c"},"object":{"key":"k"}}},`, 1)
	for _, tc := range []struct{ name, body, want string }{
		{"a bucket", created, one},
		{"by SNS", wrap(t, created), one},
		{"by SNS twice", wrap(t, wrap(t, created)), one},
		{"several, one is gone", second, `[{c k  } {b AWSLogs/a b é+.json.gz v1 eu-west-1}]`},
		{"a test", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-21T07:50:08.000Z","Bucket":"b"}`, `[]`},
		{"a test by SNS", wrap(t, `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}`), `[]`},
		{"a trail", wrap(t, `{"s3Bucket":"b","s3ObjectKey":["k 1","k+2"]}`), `[{b k 1  } {b k+2  }]`},
		{"EventBridge", `{"source":"aws.s3","detail-type":"Object Created","region":"eu-west-1","detail":{"bucket":{"name":"b"},"object":{"key":"a+b","version-id":"v"}}}`, `[{b a+b v eu-west-1}]`},
		{"EventBridge, gone", `{"source":"aws.s3","detail-type":"Object Deleted","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, `[]`},
		{"no records", `{"Records":[]}`, `[]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parseNotice(tc.body)
			if err != nil || fmt.Sprint(got) != tc.want {
				t.Errorf("%v, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestNotice_Failure(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "text": "hello", "another object": `{"a":1}`, "a list": `[1]`, "another service": `{"Records":[{"eventSource":"aws:sns"}]}`,
		"no bucket": `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}`, "no key": strings.Replace(created, "AWSLogs/a+b%20%C3%A9%2B.json.gz", "", 1),
		"a key that is not encoded well": strings.Replace(created, "%20", "%2", 1), "a subscription": `{"Type":"SubscriptionConfirmation","Message":"You have chosen","SubscribeURL":"https://x"}`,
		"SNS in SNS in SNS in SNS": wrap(t, wrap(t, wrap(t, wrap(t, created)))),
	} {
		if got, err := parseNotice(body); !errors.Is(err, errForeign) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestObjectsWithoutRecords(t *testing.T) {
	for key, want := range map[string]bool{"AWSLogs/1/CloudTrail-Digest/x.json.gz": true, "AWSLogs/1/": true, "AWSLogs/1/CloudTrail/x.json.gz": false, "AWSLogs/1/CloudTrail-Insight/x.json.gz": false} {
		if got := (object{key: key}).skipped(); got != want {
			t.Errorf("%s is passed over: %v", key, got)
		}
	}
}

// FuzzNotice: a message may say anything. Every object that is found has a bucket and a key.
func FuzzNotice(f *testing.F) {
	f.Add(created)
	f.Add(`{"Type":"Notification","Message":"{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}"}`)
	f.Add(`{"source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"a"}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		objects, err := parseNotice(body)
		if err != nil && len(objects) > 0 {
			t.Fatalf("%v beside %v", objects, err)
		}
		for _, o := range objects {
			if o.bucket == "" || o.key == "" {
				t.Fatalf("%+v in %q", o, body)
			}
		}
	})
}
