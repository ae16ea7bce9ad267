package readers

import (
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// TestTable: each reader reads, or makes one that does, and takes any message without a panic; what it declares to fill is a field
// or lies below one.
func TestTable(t *testing.T) {
	for name, r := range Table() {
		read := r.Read
		if r.New != nil {
			if read != nil {
				t.Errorf("%s has both Read and New", name)
			}
			read = r.New()
		}
		if read == nil && r.Split == nil {
			t.Errorf("%s does nothing", name)
			continue
		}
		for _, msg := range []string{"", "x", "{", `{"a":1}`, "<Event/>", "a=b c=\"d", "%ASA-6-302013: ", "CEF:0|", "\xff\x00", strings.Repeat("=", 1000)} {
			var e event.Event
			e.SetStr(event.Message, msg)
			_ = read(&e, msg) // an error is its right; it must come back
			if r.Looks != nil {
				r.Looks(msg)
			}
		}
		for _, path := range r.Fields {
			if path == "" || strings.Contains(path, " ") {
				t.Errorf("%s declares %q", name, path)
			}
		}
	}
}

func TestLooksJSON(t *testing.T) {
	for msg, want := range map[string]bool{
		`{"a":1}`: true, `{}`: true, ` { "a"`: true, `[{"a":1}]`: true, `@cee: {"a":1}`: true, `[ {}]`: true, `[main] hello`: false, `{hello}`: false, ``: false, `[`: false, `{`: false, `[1]`: false, `"a"`: false,
	} {
		if looksJSON(msg) != want {
			t.Errorf("%q: %v", msg, !want)
		}
	}
}

func TestSplitJSON(t *testing.T) {
	var got []string
	if err := Table()["json"].Split(`@cee:{"a":1} {"b":2}`, func(part string) error { got = append(got, part); return nil }); err != nil || !slices.Equal(got, []string{`{"a":1}`, `{"b":2}`}) {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestTable_Reads: the reader of a name is the one that a format means by it: each reads a message of its own kind.
func TestTable_Reads(t *testing.T) {
	for _, c := range []struct{ name, msg, path, want string }{
		{"cisco.asa", "%ASA-6-302013: Built outbound TCP connection 7 for outside:198.51.100.9/443 (198.51.100.9/443) to inside:10.0.0.5/50000 (10.0.0.5/50000)", "event.code", "302013"},
		{"linux.sshd", "Failed password for invalid user kim from 198.51.100.9 port 50000 ssh2", "source.ip", "198.51.100.9"},
		{"linux.sudo", "kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/bin/ls", "user.name", "kim"},
		{"linux.su", "(to root) kim on pts/0", "user.name", "kim"},
		{"linux.netfilter", "IN=eth0 OUT= SRC=198.51.100.9 DST=192.0.2.1 LEN=60 PROTO=TCP SPT=50000 DPT=22", "destination.port", "22"},
		{"linux.cron", "(root) CMD (/bin/true)", "user.name", "root"},
		{"cef", "CEF:0|Acme|Thing|1|100|Something|5|src=198.51.100.9", "source.ip", "198.51.100.9"},
		{"leef", "LEEF:1.0|Acme|Thing|1|100|src=198.51.100.9", "source.ip", "198.51.100.9"},
		{"json", `{"source":{"ip":"198.51.100.9"}}`, "source.ip", "198.51.100.9"},
		{"kv", "src=198.51.100.9 dst=192.0.2.1 action=deny", "source.ip", "198.51.100.9"},
		{"aws.cloudtrail", `{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"GetObject","sourceIPAddress":"198.51.100.9"}`, "event.action", "GetObject"},
		{"auditd", "type=LOGIN msg=audit(1714467600.123:7): pid=77 uid=0 old-auid=1000 auid=1000", "process.pid", "77"},
	} {
		r, ok := Table()[c.name]
		if !ok {
			t.Errorf("no reader is called %s", c.name)
			continue
		}
		var e event.Event
		e.SetStr(event.Message, c.msg)
		if err := r.Read(&e, c.msg); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := event.MakeRef(c.path).Of(&e).Text(); got != c.want {
			t.Errorf("%s: %s is %q, want %q, in %s", c.name, c.path, got, c.want, e.AppendJSON(nil))
		}
	}
}

// TestTable_Memory: a reader that keeps memory is made anew for each goroutine, and two of them know nothing of each other.
func TestTable_Memory(t *testing.T) {
	const doc = `{"Event":{"System":{"EventID":4624,"Computer":"pc1","Channel":"Security","Provider":{"Name":"Microsoft-Windows-Security-Auditing"}}}}`
	for name, r := range Table() {
		if r.New == nil {
			continue
		}
		a, b := r.New(), r.New()
		var first, second, again event.Event
		_ = a(&first, doc) // what is no event of its own is an error, the same each time
		_ = a(&second, "")
		_ = b(&again, doc)
		if got, want := string(again.AppendJSON(nil)), string(first.AppendJSON(nil)); got != want {
			t.Errorf("%s: a fresh reader says %s, the other one %s", name, got, want)
		}
	}
}
