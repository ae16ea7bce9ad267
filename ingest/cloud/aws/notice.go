package aws

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// object is one object that a message announces.
type object struct {
	bucket, key, version, region string
}

// notice is what a message may look like: the event of a bucket, or of a trail, and either of them in what SNS puts around
// it.
type notice struct {
	// A bucket's event.
	Records []struct {
		EventSource string `json:"eventSource"`
		EventName   string `json:"eventName"`
		AWSRegion   string `json:"awsRegion"`
		S3          struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key       string `json:"key"`
				VersionID string `json:"versionId"`
			} `json:"object"`
		} `json:"s3"`
	} `json:"Records"`
	// The question of S3 whether the queue can be written to.
	Event string `json:"Event"`
	// SNS.
	Type    string `json:"Type"`
	Message string `json:"Message"`
	// A trail's own event.
	Bucket string   `json:"s3Bucket"`
	Keys   []string `json:"s3ObjectKey"`
	// A bucket's event that came by EventBridge.
	Source string `json:"source"`
	Kind   string `json:"detail-type"`
	Region string `json:"region"`
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			VersionID string `json:"version-id"`
		} `json:"object"`
	} `json:"detail"`
}

// errForeign is a message that announces nothing that weir knows.
var errForeign = errors.New("the message is none that S3 or CloudTrail writes")

// parseNotice returns the objects that a message announces: none for a test, or for what only tells that objects are gone.
func parseNotice(body string) ([]object, error) {
	for range 3 { // SNS may stand around SNS
		var n notice
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			return nil, errForeign
		}
		switch {
		case n.Type == "Notification" && n.Message != "":
			body = n.Message
			continue
		case n.Event == "s3:TestEvent":
			return nil, nil
		case n.Type == "SubscriptionConfirmation" || n.Type == "UnsubscribeConfirmation":
			return nil, errForeign
		case n.Bucket != "" && len(n.Keys) > 0:
			out := make([]object, len(n.Keys))
			for i, key := range n.Keys {
				out[i] = object{bucket: n.Bucket, key: key}
			}
			return out, nil
		case n.Source == "aws.s3" && n.Detail.Bucket.Name != "":
			if n.Kind != "Object Created" {
				return nil, nil
			}
			return []object{{n.Detail.Bucket.Name, n.Detail.Object.Key, n.Detail.Object.VersionID, n.Region}}, nil // keys are as they are here
		case n.Records != nil:
			return n.objects()
		}
		return nil, errForeign
	}
	return nil, errForeign
}

// objects returns those of a bucket's event. Their keys are encoded as in a form: a blank is a plus.
func (n *notice) objects() ([]object, error) {
	var out []object
	for _, r := range n.Records {
		if r.EventSource != "aws:s3" && r.EventSource != "minio:s3" || r.S3.Bucket.Name == "" {
			return nil, errForeign
		}
		if !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:") {
			continue
		}
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil || key == "" {
			return nil, errForeign
		}
		out = append(out, object{r.S3.Bucket.Name, key, r.S3.Object.VersionID, r.AWSRegion})
	}
	return out, nil
}

// skipped tells whether an object holds no records by its name: the digests that CloudTrail writes beside its log files, and
// the empty objects that stand for folders.
func (o object) skipped() bool {
	return strings.Contains(o.key, "/CloudTrail-Digest/") || strings.HasSuffix(o.key, "/")
}
