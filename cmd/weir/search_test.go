package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/fault"
)

var sshDocs = []string{
	`{"@timestamp":"2026-11-21T07:50:08.412Z","event":{"dataset":"sshd"},"host":{"name":"web-1"},"source":{"ip":"203.0.113.5"},"user":{"name":"root"},"message":"Failed password for root from 203.0.113.5 port 40122 ssh2"}`,
	`{"@timestamp":"2026-11-21T07:50:07.655Z","event":{"dataset":"sshd"},"host":{"name":"web-1"},"source":{"ip":"203.0.113.5"},"user":{"name":"김민수"},"message":"Failed password for invalid user 김민수 from \u001b[31m203.0.113.5"}`,
}

// sshSummary is what a search over them says.
var sshSummary = control.SearchSummary{Hits: 128, Shown: 2, From: clock(16, 36, 0), To: clock(16, 51, 0), TookMS: 4, SegmentsRead: 2, SegmentsTotal: 63}

func TestSearch_Terminal(t *testing.T) {
	b := &fake{docs: sshDocs, search: sshSummary}
	out, msg, code := shell{b: b, terminal: 100}.run(t, "search", "source.ip: 203.0.113.5", "--from", "-15m", "--size", "2")
	same(t, "stdout", out, ""+
		"TIME +09:00   DATASET  HOST   SOURCE.IP    USER.NAME  MESSAGE\n"+
		"16:50:08.412  sshd     web-1  203.0.113.5  root       Failed password for root from 203.0.113.5 por…\n"+
		"16:50:07.655  sshd     web-1  203.0.113.5  김민수     Failed password for invalid user 김민수 from …\n")
	same(t, "stderr", msg, "2 of 128, newest first; 11-21 16:36 to 16:51; 4 ms, 2 of 63 segments read. More: --size 50, --json\n")
	want := control.SearchRequest{Query: "source.ip: 203.0.113.5", From: now.Add(-15 * time.Minute), Size: 2}
	if got := b.asked.(control.SearchRequest); code != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("exit %d, asked %+v", code, got)
	}
}

func TestSearch_Pipe(t *testing.T) {
	out, msg, _ := shell{b: &fake{docs: sshDocs, search: sshSummary}}.run(t, "search", "x")
	lines := strings.Split(out, "\n")
	same(t, "first line", lines[0], "2026-11-21T07:50:08.412Z\tsshd\tweb-1\t203.0.113.5\troot\tFailed password for root from 203.0.113.5 port 40122 ssh2")
	if len(lines) != 3 || !strings.HasSuffix(lines[1], `from \x1b[31m203.0.113.5`) {
		t.Errorf("got %q", lines)
	}
	if !strings.HasPrefix(msg, "2 of 128, newest first") {
		t.Errorf("the summary is not on stderr: %s", msg)
	}
	if _, msg, _ := (shell{b: &fake{docs: sshDocs, search: sshSummary}}).run(t, "search", "-q", "x"); msg != "" {
		t.Errorf("-q: %s", msg)
	}
}

func TestSearch_JSON(t *testing.T) {
	out, msg, _ := shell{b: &fake{docs: sshDocs, search: sshSummary}, terminal: 100}.run(t, "search", "x", "--json")
	same(t, "stdout", out, strings.Join(sshDocs, "\n")+"\n")
	same(t, "stderr", msg, "")
}

func TestSearch_Fields(t *testing.T) {
	b := &fake{docs: sshDocs, search: control.SearchSummary{Hits: 2, Shown: 2}}
	out, _, _ := shell{b: b, terminal: 100}.run(t, "search", "x", "--fields", "user.name,source.ip", "--sort", "@timestamp")
	same(t, "stdout", out, "TIME +09:00   USER.NAME  SOURCE.IP\n16:50:08.412  root       203.0.113.5\n16:50:07.655  김민수     203.0.113.5\n")
	if r := b.asked.(control.SearchRequest); !r.Ascending || !reflect.DeepEqual(r.Fields, []string{"@timestamp", "user.name", "source.ip"}) {
		t.Errorf("asked %+v", r)
	}
	_, _, _ = shell{b: b}.run(t, "search", "x", "--fields", "user.name", "--json") // a program gets what it asks for
	if r := b.asked.(control.SearchRequest); !reflect.DeepEqual(r.Fields, []string{"user.name"}) {
		t.Errorf("asked for JSON: %+v", r)
	}
}

func TestSearch_HistogramTop(t *testing.T) {
	sum := control.SearchSummary{Hits: 17_204, BucketWidth: time.Minute, Top: []control.TopValue{{Value: "203.0.113.5", Count: 16_890}, {Value: "198.51.100.7", Count: 211},
		{Value: "192.0.2.44", Count: 103}}, TopExact: true, TopValues: 3, TookMS: 12, SegmentsRead: 1, SegmentsTotal: 1}
	for i := range 30 {
		sum.Buckets = append(sum.Buckets, control.Bucket{Time: clock(15, 51+i, 0), Count: int64(i%3) * 2056})
	}
	b := &fake{search: sum}
	out, msg, _ := shell{b: b, terminal: 100}.run(t, "search", "event.dataset: sshd", "--from", "-1h", "--histogram", "--top", "source.ip")
	same(t, "stdout", out, strings.Repeat(".▄█", 10)+"\n15:51          16:06\n"+
		"SOURCE.IP     EVENTS     %\n"+
		"203.0.113.5   16,890  98.2  ██████████████████████████████\n"+
		"198.51.100.7     211   1.2  ▍\n"+
		"192.0.2.44       103   0.6  ▏\n")
	same(t, "stderr", msg, "17,204 events; one bar is 1 min, the highest 4,112; all 3 values of source.ip, exact; 12 ms, 1 of 1 segments read\n")
	if r := b.asked.(control.SearchRequest); r.Size != 0 || !r.Histogram || r.Top != "source.ip" {
		t.Errorf("asked %+v", r)
	}
	out, _, _ = shell{b: b, terminal: 100}.run(t, "search", "x", "--histogram", "--ascii")
	if !strings.HasPrefix(out, strings.Repeat(".+@", 10)+"\n") {
		t.Errorf("--ascii: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "search", "x", "--histogram", "--top", "source.ip", "--json")
	if !strings.HasPrefix(out, `{"count":0,"time":"2026-11-21T06:51:00Z","width_ms":60000}`) || !strings.Contains(out, `{"count":103,"exact":true,"field":"source.ip","value":"192.0.2.44"}`) {
		t.Errorf("--json: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "search", "x", "--top", "source.ip")
	same(t, "pipe", out, "203.0.113.5\t16890\t98.2\t\n198.51.100.7\t211\t1.2\t\n192.0.2.44\t103\t0.6\t\n")
}

func TestSearch_NoHit(t *testing.T) {
	b := &fake{search: control.SearchSummary{SegmentsTotal: 3, Warnings: []*fault.Error{{Code: "kql-unknown-field", What: "no event in this time has the field `sorce.ip`",
		Where: "query", Text: "sorce.ip: 1", Mark: 1, Width: 8, Do: "did you mean `source.ip`?", Warn: true}}}}
	out, msg, code := shell{b: b, terminal: 100}.run(t, "search", "sorce.ip: 1")
	if out != "" || code != 0 {
		t.Errorf("exit %d, %s", code, out)
	}
	same(t, "stderr", msg, "warning[kql-unknown-field]: no event in this time has the field `sorce.ip`\n  where  sorce.ip: 1\n         ^^^^^^^^\n  do     did you mean `source.ip`?\n"+
		"no hit; under 1 ms, 0 of 3 segments read\n")
}

// TestTimes: what a person types is on their own clock, also where the output goes into a pipe; --utc changes both.
func TestTimes(t *testing.T) {
	for args, want := range map[string][2]time.Time{
		"--from 16:36":                              {clock(16, 36, 0)},
		"--from 16:36 --utc":                        {time.Date(2026, 11, 21, 16, 36, 0, 0, time.UTC)},
		"--to 2026-11-21":                           {{}, clock(0, 0, 0)},
		"--from -1d --to now":                       {now.Add(-24 * time.Hour), now},
		"--from 2026-11-21T07:00:00Z --to -30m":     {clock(16, 0, 0), now.Add(-30 * time.Minute)},
		"--from 2026-11-20T00:00:00+09:00 --size 1": {clock(0, 0, 0).Add(-24 * time.Hour)},
	} {
		for _, terminal := range []int{0, 100} {
			b := &fake{}
			if _, msg, code := (shell{b: b, terminal: terminal}).run(t, append([]string{"search", "x"}, strings.Fields(args)...)...); code != 0 {
				t.Fatalf("%s: exit %d, %s", args, code, msg)
			}
			r := b.asked.(control.SearchRequest)
			if !r.From.Equal(want[0]) || !r.To.Equal(want[1]) {
				t.Errorf("%s: %v to %v, want %v", args, r.From, r.To, want)
			}
		}
	}
}

// TestSearch_UTC: --utc shows the zone that it uses.
func TestSearch_UTC(t *testing.T) {
	out, _, _ := shell{b: &fake{docs: sshDocs, search: sshSummary}, terminal: 100}.run(t, "search", "x", "--utc", "--fields", "user.name")
	same(t, "stdout", out, "TIME +00:00   USER.NAME\n07:50:08.412  root\n07:50:07.655  김민수\n")
}

// TestSearch_Narrow: below 60 columns each event is a block.
func TestSearch_Narrow(t *testing.T) {
	out, _, _ := shell{b: &fake{docs: sshDocs[:1], search: sshSummary}, terminal: 40}.run(t, "search", "x")
	same(t, "stdout", out, "time +09:00: 16:50:08.412\ndataset: sshd\nhost: web-1\nsource.ip: 203.0.113.5\nuser.name: root\n"+
		"message: Failed password for root from 203.0.113.5 port 40122 ssh2\n")
}
