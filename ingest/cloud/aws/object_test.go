package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestRead(t *testing.T) {
	whole := `{"Records":[{"a":1},{"a":2}]}`
	pack := zipped(t, whole)
	damaged := append([]byte{}, pack...)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	long := `{"x":"` + strings.Repeat("y", 2*maxRecord) + `"}`
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"packed", pack, `{"a":1} {"a":2}`},
		{"not packed", []byte(whole), `{"a":1} {"a":2}`},
		{"packed in two parts", append(zipped(t, whole[:10]), zipped(t, whole[10:])...), `{"a":1} {"a":2}`},
		{"cut", []byte(whole[:24]), `{"a":1} {"a"!object-cut`},
		{"cut while packed", zipped(t, whole[:24]), `{"a":1} {"a"!object-cut`},
		{"packed and cut", zipped(t, whole)[:len(pack)-9], `{"a":1} {"a":2} !object-cut`},
		{"damaged", damaged, `{"a":1} {"a":2} !object-damaged`},
		{"a packed nothing", []byte{0x1f, 0x8b, 0, 0}, `!object-damaged`},
		{"text", []byte("hello"), `hello!object-unknown`},
		{"a digest by its content", []byte(`{"awsAccountId":"1","digestS3Object":"k","logFiles":[]}`), ``},
		{"too long a record", []byte(`{"Records":[{"a":1},` + long + `,{"a":2}]}`), `{"a":1} ` + long[:maxRecord] + `!record-too-large {"a":2}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sv, d := newServices(), &door{}
			sv.put("b/k", tc.content)
			s, count, _ := newSource(sv)
			if err := s.read(t.Context(), object{bucket: "b", key: "k"}, d.emit); err != nil {
				t.Fatal(err)
			}
			want := ""
			parts := strings.Split(tc.want, " ")
			if tc.want == "" {
				parts = nil
			}
			for i, p := range parts {
				want += fmt.Sprintf(" s3/b/k/tag#%d=%s", i, p)
			}
			if got := d.lines(); got != strings.TrimPrefix(want, " ") {
				t.Errorf("%.300q", got)
			}
			if count.rows["aws/b"] != len(parts) {
				t.Errorf("counted %v", count.rows)
			}
			for i := range d.recs {
				if r := &d.recs[i]; r.Origin != "b" || r.Input != Input || r.Received.IsZero() || r.Proto != "s3" {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// TestRead_TheWayFails: what was read before the connection broke is handed over, but the object is not done, and nothing of
// it is a dead letter.
func TestRead_TheWayFails(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"reset":                  io.MultiReader(strings.NewReader(`{"Records":[{"a":1},{"a"`), &broken{}),
		"too short":              strings.NewReader(`{"Records":[{"a":1},{"a"`),
		"in the compressed head": &broken{},
	} {
		sv, d := newServices(), &door{}
		sv.objects["b/k"] = func() (*s3.GetObjectOutput, error) {
			return &s3.GetObjectOutput{Body: io.NopCloser(body), ContentLength: aws.Int64(500), ETag: aws.String("tag")}, nil
		}
		s, _, _ := newSource(sv)
		err := s.read(t.Context(), object{bucket: "b", key: "k"}, d.emit)
		if err == nil || strings.Contains(d.lines(), "!") {
			t.Errorf("%s: %v, %s", name, err, d.lines())
		}
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// TestRead_OneBatchAtATime: no batch is handed over before the one before is in Kafka, and none after one that was not.
func TestRead_OneBatchAtATime(t *testing.T) {
	content := []byte(`{"Records":[` + strings.Repeat("1,", 3*batchRecords) + `1]}`)
	sv, d := newServices(), &door{}
	sv.put("b/k", content)
	s, _, _ := newSource(sv)
	if err := s.read(t.Context(), object{bucket: "b", key: "k"}, d.emit); err != nil {
		t.Fatal(err)
	}
	if d.most != 1 || len(d.recs) != 3*batchRecords+1 || d.recs[len(d.recs)-1].Line != 3*batchRecords {
		t.Errorf("%d batches at once, %d records", d.most, len(d.recs))
	}
	refused := &door{fail: errors.New("refused")}
	if err := s.read(t.Context(), object{bucket: "b", key: "k"}, refused.emit); !errors.Is(err, refused.fail) || len(refused.recs) != batchRecords {
		t.Errorf("%v after %d records", err, len(refused.recs))
	}
}

func TestRead_EndsWithItsContext(t *testing.T) {
	sv, d := newServices(), &door{hold: make(chan struct{})}
	defer close(d.hold)
	sv.put("b/k", []byte(`{"Records":[1]}`))
	s, _, _ := newSource(sv)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if err := s.read(ctx, object{bucket: "b", key: "k"}, d.emit); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestObjectKey(t *testing.T) {
	for _, tc := range []struct {
		version, etag *string
		want          string
	}{
		{aws.String("v1"), aws.String(`"e"`), "s3/b/k/v1"}, {aws.String("null"), aws.String(`"e"`), "s3/b/k/e"}, {nil, aws.String(`"e"`), "s3/b/k/e"}, {nil, nil, "s3/b/k/"},
	} {
		if got := objectKey(object{bucket: "b", key: "k"}, &s3.GetObjectOutput{VersionId: tc.version, ETag: tc.etag}); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
	}
}

func TestRead_AsksInTheRegionOfTheBucket(t *testing.T) {
	sv, d := newServices(), &door{}
	sv.put("b/k", []byte(`{"Records":[]}`))
	s, _, _ := newSource(sv)
	for _, foreign := range []bool{false, true} {
		s.foreign = foreign
		if err := s.read(t.Context(), object{bucket: "b", key: "k", region: "us-east-2"}, d.emit); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(sv.regions) != "[us-east-2 ]" {
		t.Errorf("%q", sv.regions)
	}
}
