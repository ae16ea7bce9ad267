package term

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/internal/fault"
)

// samples are faults in the forms that occur.
var samples = map[string]*fault.Error{
	"kql": {Code: "kql-syntax", What: "the group opened here is never closed", Where: "query, column 20",
		Text: "user.name: 김민수 and (source.ip: 203.0.113.5 or", Mark: 20, Width: 1, Do: "add `)` at the end; KQL in one page: weir help kql"},
	"port": {Code: "port-in-use", What: "port 5514 is taken", Where: "syslog udp 127.0.0.1:5514", Why: "rsyslogd (pid 812) listens there",
		Do: "stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515 weir up`", Cause: errors.New("bind: address already in use")},
	"config": {Code: "config-unknown-key", What: "unknown key `limti` in inputs.syslog", Where: "weir.yaml:5:5", Text: "    limti: 3000/s", Mark: 5, Width: 5,
		Do: "did you mean `limit`?"},
	"warning": {Code: "rule-unknown-field", What: "no format fills the field `user.nmae`", Where: "rules/vpn.yaml:9:40",
		Text: `  failed: event.dataset == "asa" and user.nmae != ""`, Mark: 38, Width: 9, Do: "did you mean `user.name`?", Warn: true},
	"hostile": {Code: "x", What: "bad \x1b[2J", Where: "a\u202eb", Why: "c\nd", Do: "e\x07"},
}

func TestFault(t *testing.T) {
	for name, want := range map[string]string{
		"kql": "error[kql-syntax]: the group opened here is never closed\n" +
			"  where  user.name: 김민수 and (source.ip: 203.0.113.5 or\n" +
			"                               ^\n" +
			"  do     add `)` at the end; KQL in one page: weir help kql\n",
		"port": "error[port-in-use]: port 5514 is taken\n  where  syslog udp 127.0.0.1:5514\n  why    rsyslogd (pid 812) listens there\n" +
			"  do     stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515 weir up`\n",
		"config": "error[config-unknown-key]: unknown key `limti` in inputs.syslog\n  where  weir.yaml:5:5\n" +
			"             limti: 3000/s\n             ^^^^^\n  do     did you mean `limit`?\n",
		"hostile": "error[x]: bad \\x1b[2J\n  where  a\\u202eb\n  why    c\\nd\n  do     e\\x07\n",
	} {
		var b bytes.Buffer
		for locale, f := range localeFaces(&b, 100) {
			b.Reset()
			f.Fault(samples[name], false)
			if b.String() != want {
				t.Errorf("%s, %s: got\n%swant\n%s", name, locale, b.String(), want)
			}
		}
	}
	var b bytes.Buffer
	f := localeFaces(&b, 100)["C"]
	f.Fault(samples["port"], true)
	if !strings.HasSuffix(b.String(), "  chain  bind: address already in use\n") {
		t.Errorf("no chain with -v:\n%s", b.String())
	}
	b.Reset()
	f.Color = true
	f.Fault(samples["warning"], false)
	if !strings.HasPrefix(b.String(), "\x1b[33mwarning[rule-unknown-field]\x1b[0m: ") {
		t.Errorf("got %q", b.String())
	}
}

func TestFaultLine(t *testing.T) {
	for name, want := range map[string]string{
		"config": "weir.yaml:5:5: error: unknown key `limti` in inputs.syslog\n" +
			"  5 |     limti: 3000/s\n" +
			"    |     ^^^^^ did you mean `limit`?\n",
		"warning": "rules/vpn.yaml:9:40: warning: no format fills the field `user.nmae`\n" +
			"  9 |   failed: event.dataset == \"asa\" and user.nmae != \"\"\n" +
			"    |                                      ^^^^^^^^^ did you mean `user.name`?\n",
		"port": "syslog udp 127.0.0.1:5514: error: port 5514 is taken\n" +
			"    rsyslogd (pid 812) listens there; stop it, or `WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515 weir up`\n",
	} {
		var b bytes.Buffer
		if err := localeFaces(&b, 100)["ko_KR.UTF-8"].FaultLine(samples[name]); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s: got\n%swant\n%s", name, b.String(), want)
		}
	}
}

// TestExcerpt: the caret stands under the mark, whatever comes before it and however long the line is.
func TestExcerpt(t *testing.T) {
	f := &Face{Width: 100}
	for name, x := range map[string]struct {
		text        string
		mark, width int
		cells       int
		under       string // what the carets underline
	}{
		"ascii":       {"abc def", 5, 3, 80, "def"},
		"korean":      {"이름: 김민수", 5, 3, 80, "김민수"},
		"tab":         {"\tkey: x", 2, 3, 80, "key"},
		"hostile":     {"a\x1bb", 2, 1, 80, `\x1b`},
		"end of line": {"abc", 4, 1, 80, ""},
		"long before": {strings.Repeat("x", 300) + "MARK" + strings.Repeat("y", 300), 301, 4, 60, "MARK"},
		"long korean": {strings.Repeat("한", 300) + "MARK", 301, 4, 60, "MARK"},
		"long marked": {"a" + strings.Repeat("M", 300), 2, 300, 40, ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, carets := f.excerpt(&fault.Error{Text: x.text, Mark: x.mark, Width: x.width}, x.cells)
			if n := Cells(text); n > max(x.cells, 20) {
				t.Errorf("%d cells: %s", n, text)
			}
			if x.under == "" {
				return
			}
			before, under := strings.Count(carets, " "), strings.Count(carets, "^")
			i := strings.Index(text, x.under)
			if i < 0 || Cells(text[:i]) != before || under != Cells(x.under) {
				t.Errorf("\n%s\n%s", text, carets)
			}
		})
	}
}

func TestFaultJSON(t *testing.T) {
	list := fault.List{samples["port"], samples["warning"]}
	got := FaultJSON(fmt.Errorf("starting: %w", list))
	want := `{"error":{"code":"port-in-use","message":"port 5514 is taken","where":"syslog udp 127.0.0.1:5514","why":"rsyslogd (pid 812) listens there","do":"stop it, or ` +
		"`WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515 weir up`" + `"}}` + "\n" +
		`{"warning":{"code":"rule-unknown-field","message":"no format fills the field ` + "`user.nmae`" + `","where":"rules/vpn.yaml:9:40","do":"did you mean ` + "`user.name`?" + `"}}` + "\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := FaultJSON(errors.New("plain")); got != `{"error":{"code":"internal","message":"plain"}}`+"\n" {
		t.Errorf("got %s", got)
	}
	if got := FaultJSON(&fault.Error{Code: "x", What: "no value follows `<`"}); !strings.Contains(got, "`<`") {
		t.Errorf("a query is written for pages: %s", got)
	}
	if FaultJSON(nil) != "" {
		t.Error("no error, and yet a line")
	}
}
