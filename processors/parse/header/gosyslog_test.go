package header

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/influxdata/go-syslog/v3/rfc3164"
	"github.com/influxdata/go-syslog/v3/rfc5424"

	"weir/internal/testkit"
)

// fields is what both readers give.
type fields struct {
	Priority                           int
	Time                               string
	Host, Program, PID, MsgID, Message string
	Data                               map[string]map[string]string
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func stampText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func strict5424(line string) (fields, bool) {
	msg, err := rfc5424.NewParser().Parse([]byte(line))
	if err != nil {
		return fields{}, false
	}
	m := msg.(*rfc5424.SyslogMessage)
	f := fields{int(*m.Priority), stampText(m.Timestamp), text(m.Hostname), text(m.Appname), text(m.ProcID), text(m.MsgID), strings.TrimPrefix(text(m.Message), bom), map[string]map[string]string{}}
	if m.StructuredData != nil {
		f.Data = *m.StructuredData
	}
	return f, true
}

func strict3164(line string) (fields, bool) {
	msg, err := rfc3164.NewParser(rfc3164.WithYear(rfc3164.Year{YYYY: received.Year()}), rfc3164.WithRFC3339()).Parse([]byte(line))
	if err != nil {
		return fields{}, false
	}
	m := msg.(*rfc3164.SyslogMessage)
	return fields{int(*m.Priority), stampText(m.Timestamp), text(m.Hostname), text(m.Appname), text(m.ProcID), text(m.MsgID), text(m.Message), map[string]map[string]string{}}, true
}

func own(line string) fields {
	var h Header
	Read(line, &h)
	f := fields{Priority: h.Priority, Host: h.Host, Program: h.Program, PID: h.PID, MsgID: h.MsgID, Message: h.Message, Data: map[string]map[string]string{}}
	if h.Stamp.Has {
		// The strict reader takes the year that it is given and never looks for the nearest one.
		h.Stamp.year = max(h.Stamp.year, 0)
		at := h.Stamp.Time(received, time.UTC)
		if !h.Stamp.HasYear {
			at = h.Stamp.at(received.Year(), time.UTC)
		}
		f.Time = at.Format(time.RFC3339Nano)
	}
	for _, e := range h.Data {
		f.Data[e.ID] = map[string]string{}
		for _, p := range e.Params {
			f.Data[e.ID][p.Name] = p.Value
		}
	}
	return f
}

// TestSame_Corpus reads every message of the strict reader's own tests that it accepts.
func TestSame_Corpus(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t), "data", "syslog", "go-syslog")
	for name, strict := range map[string]func(string) (fields, bool){"rfc3164.jsonl": strict3164, "rfc5424.jsonl": strict5424} {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		valid := 0
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var c struct {
				Message []byte `json:"message_b64"`
				Valid   bool
			}
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if !c.Valid {
				continue
			}
			valid++
			want, ok := strict(string(c.Message))
			if !ok {
				t.Errorf("%s: the strict reader refuses %q", name, c.Message)
				continue
			}
			if got := own(string(c.Message)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %q\n got %+v\nwant %+v", name, c.Message, got, want)
			}
		}
		t.Logf("%s: %d valid messages", name, valid)
		if valid == 0 {
			t.Errorf("%s: no valid message", name)
		}
	}
}

// TestSame_Generated compares both readers over random lines of the two grammars. Left out are the shapes in which we
// differ on purpose, because real senders do: a "host" that is a tag (no host), the name of a zone or a year as host,
// {, %, CEF: and LEEF: where a header field should be.
func TestSame_Generated(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(ss ...string) string { return ss[r.IntN(len(ss))] }
	word := func(alphabet string, longest int) string {
		out := make([]byte, 1+r.IntN(longest))
		for i := range out {
			out[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(out)
	}
	const hostChars, tagChars, textChars = "abcxyz09.-_", "abcxyzABC09.-_/", "ab :[]{}%\"\\=<>09|~'"
	data := func() string {
		if r.IntN(3) == 0 {
			return "-"
		}
		out := ""
		for i := range 1 + r.IntN(2) {
			out += fmt.Sprintf("[id%d@%d", i, r.IntN(99))
			for j := range r.IntN(3) {
				out += fmt.Sprintf(` p%d="%s"`, j, strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`).Replace(word(textChars, 8)))
			}
			out += "]"
		}
		return out
	}
	at := func() time.Time { return time.Unix(r.Int64N(4e9), r.Int64N(1e6)*1e3).UTC() }
	n3164, n5424 := 0, 0
	for range 20000 {
		stamp := at().Format(pick(time.Stamp, "2006-01-02T15:04:05Z", "2006-01-02T15:04:05+09:00"))
		line := fmt.Sprintf("<%d>%s %s %s%s%s", r.IntN(192), stamp, word(hostChars, 20), pick("", word(tagChars, 32)+": ", word(tagChars, 30)+fmt.Sprintf("[%d]: ", r.IntN(99999))), word("abc", 3), pick("", " "+word("abc xyz09.-", 30)))
		if want, ok := strict3164(line); ok {
			n3164++
			if got := own(line); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%q\n got %+v\nwant %+v", line, got, want)
			}
		}
		line = fmt.Sprintf("<%d>%d %s %s %s %s %s %s%s", r.IntN(192), 1+r.IntN(999), pick("-", at().Format("2006-01-02T15:04:05.999999Z07:00")), pick("-", word(hostChars, 255)), pick("-", word(tagChars, 48)), pick("-", word(tagChars, 128)), pick("-", word(tagChars, 32)), data(), pick("", " "+pick("", bom)+word(textChars, 40)))
		if want, ok := strict5424(line); ok {
			n5424++
			if got := own(line); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%q\n got %+v\nwant %+v", line, got, want)
			}
		}
	}
	if n3164 < 10000 || n5424 < 10000 {
		t.Errorf("the strict reader took only %d and %d of 20000 lines", n3164, n5424)
	}
}

// FuzzSame5424: whatever the strict reader accepts, we read the same, but for the shapes named above.
func FuzzSame5424(f *testing.F) {
	for _, s := range []string{
		`<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [exampleSDID@32473 iut="3" e="a\"b"][x] text`,
		"<1>1 - - - - - - x", `<1>999 2003-10-11T22:14:15+01:00 h a p m [a b="\\"]`, `<1>1 - - - - - [a b="1"][c]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		want, ok := strict5424(line)
		if !ok || strings.Contains(line, " {") || strings.Contains(line, " %") || strings.Contains(line, " CEF:") || strings.Contains(line, " LEEF:") {
			return
		}
		if got := own(line); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q\n got %+v\nwant %+v", line, got, want)
		}
	})
}

func TestStrictData_Refuses(t *testing.T) {
	for _, sd := range []string{"", "[", `[a b="1"`, `[a b=1]`, "-"} {
		if data, ok := strictData(sd); ok && len(data) > 0 {
			t.Errorf("%q was read as %v", sd, data)
		}
	}
}
