package alertcmd

import (
	"strings"
	"testing"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/fault"
)

// TestShow_transcripts: the page in C and in Korean; what the alert says is in the language of who reads, if its rule has it.
func TestShow_transcripts(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"C", inC, nil, "high, open   203.0.113.5 guessed root's password on web-1\n"},
		{"ko", inKorean, nil, "high, open   203.0.113.5이(가) web-1의 root 비밀번호를 알아냈습니다\n"},
		{"asked for", inC, []string{"--lang", "ko"}, "high, open   203.0.113.5이(가) web-1의 root 비밀번호를 알아냈습니다\n"},
	} {
		b := &backend{rows: []control.AlertRow{guessed()}}
		out, _, err := terminal{b: b, env: tc.env}.run(t, append([]string{"show", "3f9c"}, tc.args...)...)
		if err != nil || b.asked[0] != "3f9c" {
			t.Fatal(err, b.asked)
		}
		same(t, tc.name, out, tc.want+
			"rule ssh-brute-force v3   first 20:58:00   last 20:59:00   17 times\n"+
			"Why          source.ip = 203.0.113.5\n"+
			"Evidence     21:00:00.000  failed  Failed\n"+
			"             21:00:00.000  login  Accepted\n"+
			"Next         weir alerts ack 3f9c      weir search 'source.ip: 203.0.113.5'      --json\n")
	}
	if _, _, err := (terminal{b: &backend{rows: []control.AlertRow{guessed()}, fails: map[string]error{"zz": &fault.Error{Code: "alert-unknown", Exit: fault.ExitUsage}}}}).run(t, "show", "zz"); fault.Code(err) != "alert-unknown" {
		t.Errorf("got %v", err)
	}
	out, _, err := terminal{json: true, b: &backend{rows: []control.AlertRow{guessed()}}}.run(t, "show", "3f9c")
	if err != nil || !strings.HasPrefix(out, `{"id":"3f9cab7e00000001"`) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestShow_exception: an entry that can be appended to the file as it is.
func TestShow_exception(t *testing.T) {
	row := guessed()
	row.State, row.Verdict, row.Note = alert.Closed, alert.FalsePositive, `the scanner: "nightly"`
	out, msg, err := terminal{b: &backend{rows: []control.AlertRow{row}}}.run(t, "show", "3f9c", "--exception")
	if err != nil || msg != "" {
		t.Fatal(err, msg)
	}
	same(t, "stdout", out, `- rule: "ssh-brute-force"
  when: 'host.name == "web-1" and source.ip == "203.0.113.5" and user.name == "root"'
  owner: "ana"
  reason: "the scanner: \"nightly\" (alert 3f9cab7e00000001)"
  until: 2027-02-19
`)
}
