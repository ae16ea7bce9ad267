package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"weir/internal/archive/store/storetest"
)

// keys lists what is in a bucket.
func keys(t testing.TB, server *storetest.Server, bucket string) (out []string) {
	t.Helper()
	pages := s3.NewListObjectsV2Paginator(server.Client, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			out = append(out, *o.Key)
		}
	}
	return out
}

// TestBucket: with a bucket the machine may be lost whole. What was sealed is in the bucket under Hive paths, a bucket that is
// busy delays and loses nothing, and an empty folder is filled from it and proves what it has.
func TestBucket(t *testing.T) {
	needE2E(t)
	server := storetest.Moto(t)
	server.Bucket(t, "evidence", false)
	proxy := storetest.NewProxy(t, server.URL)
	w := newKeep(t, "WEIR_ARCHIVE_EPOCH_ROWS=50", "WEIR_ARCHIVE_BUCKET=s3://evidence/weir", "WEIR_ARCHIVE_S3_REGION="+storetest.Region, "WEIR_ARCHIVE_S3_ENDPOINT="+proxy.URL,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true")
	w.args = []string{"--history"}
	month := time.Now().UTC().Format("2006-01-")
	w.start()
	w.keepSome(0, 120)
	proxy.Set(storetest.Busy)
	w.keepSome(120, 240) // found, whether they are sealed or not
	time.Sleep(2 * time.Second)
	proxy.Set(nil)
	w.keepSome(240, 360)
	var there string
	eventually(t, 30*time.Second, "the bucket has what was sealed", func() bool {
		there = strings.Join(keys(t, server, "evidence"), "\n")
		return strings.Count(there, "weir/class=lasting/day=2024-01-01/s-") >= 4 && strings.Contains(there, "weir/log/checkpoint")
	})
	says(t, there, "weir/class=standard/day="+month, "weir/class=brief/day=2023-01-01/s-", "weir/manifest/00000001.json", "weir/policy/")
	// The pod is lost with its disk: what was not sealed is in the bus, which is another disk.
	w.kill()
	remove(t, w.archiveDir())
	w.start()
	docs := w.waitFor("event.dataset: system.auth and event.kind: event", 360)
	once := map[string]int{}
	for _, d := range docs {
		once[seqPattern.FindString(field(d, "event.original"))]++
	}
	if len(docs) != 360 || len(once) != 360 {
		t.Errorf("%d documents, %d different", len(docs), len(once))
	}
	w.devices()
	w.keepSome(360, 420)
	w.stop()
	w.verified()
	w.verified("--copy", "2")
	w.bothVerify(w.archiveDir())
	// The files alone answer the same.
	if found := len(w.search("event.dataset: system.auth and event.kind: event", 1000)); found != 420 {
		t.Errorf("%d of 420 are found in the files", found)
	}
}
