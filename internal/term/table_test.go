package term

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// localeFaces are the three environments in which output is compared.
func localeFaces(w *bytes.Buffer, width int) map[string]*Face {
	out := map[string]*Face{}
	for _, locale := range []string{"C", "en_US.UTF-8", "ko_KR.UTF-8"} {
		f := Detect(w, Options{Env: []string{"LC_ALL=" + locale}, Now: func() time.Time { return noon }})
		f.TTY, f.Width, f.Zone = true, width, seoul
		out[locale] = f
	}
	return out
}

var (
	seoul = time.FixedZone("KST", 9*3600)
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, seoul)
)

// fill makes a table of events.
func fill(f *Face) *Table {
	t := NewTable(f, Column{Head: "TIME"}, Column{Head: "SOURCE.IP"}, Column{Head: "USER.NAME", Cut: true}, Column{Head: "N", Right: true}, Column{Head: "MESSAGE", Cut: true})
	t.Row("16:50:08", "203.0.113.5", "root", "1", "Failed password for root from 203.0.113.5 port 40122 ssh2")
	t.Row("16:50:07", "198.51.100.7", "김민수", "1,204", "로그인 실패\x1b[31m")
	t.Row("16:50:06", "", "", "3")
	return t
}

func TestTable_Terminal(t *testing.T) {
	want := map[string]string{
		"en_US.UTF-8": "" +
			"TIME      SOURCE.IP     USER.NAME      N  MESSAGE\n" +
			"16:50:08  203.0.113.5   root           1  Failed password for root from…\n" +
			"16:50:07  198.51.100.7  김민수     1,204  로그인 실패\\x1b[31m\n" +
			"16:50:06                               3\n",
		"C": "" +
			"TIME      SOURCE.IP     USER.NAME      N  MESSAGE\n" +
			"16:50:08  203.0.113.5   root           1  Failed password for root fr...\n" +
			"16:50:07  198.51.100.7  김민수     1,204  로그인 실패\\x1b[31m\n" +
			"16:50:06                               3\n",
	}
	want["ko_KR.UTF-8"] = want["en_US.UTF-8"]
	var b bytes.Buffer
	for locale, f := range localeFaces(&b, 72) {
		b.Reset()
		if err := fill(f).Flush(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want[locale] {
			t.Errorf("%s: got\n%swant\n%s", locale, b.String(), want[locale])
		}
		for line := range strings.Lines(b.String()) {
			if n := Cells(strings.TrimSuffix(line, "\n")); n > 72 {
				t.Errorf("%s: %d cells: %s", locale, n, line)
			}
		}
	}
}

func TestTable_Narrow(t *testing.T) {
	var b bytes.Buffer
	f := localeFaces(&b, 59)["en_US.UTF-8"]
	if err := fill(f).Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "time: 16:50:08\nsource.ip: 203.0.113.5\nuser.name: root\nn: 1\nmessage: Failed"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("got\n%s", b.String())
	}
	if !strings.Contains(b.String(), "\n\ntime: 16:50:06\nn: 3\n") {
		t.Errorf("empty cells show:\n%s", b.String())
	}
}

func TestTable_Pipe(t *testing.T) {
	var b bytes.Buffer
	f := Detect(&b, Options{})
	if f.TTY || f.Color || f.Zone != time.UTC {
		t.Fatalf("a buffer is taken for a terminal: %+v", f)
	}
	if err := fill(f).Flush(); err != nil {
		t.Fatal(err)
	}
	want := "16:50:08\t203.0.113.5\troot\t1\tFailed password for root from 203.0.113.5 port 40122 ssh2\n" +
		"16:50:07\t198.51.100.7\t김민수\t1,204\t로그인 실패\\x1b[31m\n16:50:06\t\t\t3\t\n"
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

func TestTable_NeverCutsWhatMustNot(t *testing.T) {
	var b bytes.Buffer
	f := localeFaces(&b, 60)["en_US.UTF-8"]
	tab := NewTable(f, Column{Head: "ID"}, Column{Head: "ADDRESS"}, Column{Head: "WHAT", Cut: true})
	id, address := strings.Repeat("i", 40), "2001:db8:1234:5678:9abc:def0:1234:5678"
	tab.Row(id, address, "what happened then")
	if err := tab.Flush(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), id+"  "+address+"  what ha…") {
		t.Errorf("got\n%s", b.String())
	}
}

func TestTable_Empty(t *testing.T) {
	var b bytes.Buffer
	if err := NewTable(localeFaces(&b, 80)["C"], Column{Head: "ID"}).Flush(); err != nil || b.Len() > 0 {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestTable_ColourChangesNoWidth(t *testing.T) {
	var b bytes.Buffer
	f := localeFaces(&b, 72)["en_US.UTF-8"]
	if err := fill(f).Flush(); err != nil {
		t.Fatal(err)
	}
	plain := b.String()
	b.Reset()
	f.Color = true
	tab := fill(f)
	tab.cols[1].Style = func(string) Style { return Red }
	if err := tab.Flush(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[31m203.0.113.5\x1b[0m   root") {
		t.Errorf("got %q", b.String())
	}
	stripped := strings.NewReplacer("\x1b[31m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(b.String())
	if stripped != plain {
		t.Errorf("got\n%swant\n%s", stripped, plain)
	}
}

// brokenPipe fails as a closed pipe does.
type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestTable_WriteError(t *testing.T) {
	tab := NewTable(&Face{W: brokenPipe{}}, Column{Head: "A"})
	tab.Row("x")
	if err := tab.Flush(); !errors.Is(err, errPipe) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkTable(b *testing.B) {
	var buf bytes.Buffer
	f := &Face{W: &buf, TTY: true, Width: 100}
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		t := NewTable(f, Column{Head: "TIME"}, Column{Head: "USER", Cut: true}, Column{Head: "MESSAGE", Cut: true})
		for range 50 {
			t.Row("16:50:07", "김민수", "Failed password for invalid user from 203.0.113.5 port 40122 ssh2 and so on")
		}
		if err := t.Flush(); err != nil {
			b.Fatal(err)
		}
	}
}
