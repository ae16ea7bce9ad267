package tools

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/rules/pipelines"
)

const whoami = `title: Whoami
id: 11111111-1111-4111-8111-111111111111
status: test
level: low
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\whoami.exe'
  condition: selection
`

const unixWhoami = `title: Whoami on Linux
id: 22222222-2222-4222-8222-222222222222
status: test
level: low
logsource: {product: linux, category: process_creation}
detection:
  selection:
    CommandLine|contains: whoami
  condition: selection
`

const everywhere = `id: words
title: A word anywhere
level: low
when: icontains($env, "whoami")
`

// lookFor runs rules, by their file names, over lines and returns the matches, what was warned of, and the summary.
func lookFor(t *testing.T, o DetectOptions, files map[string]string, in string) (matches []string, warned []string, sum DetectSummary) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.Config = apptest.Data(t, nil)
	if o.Rules == nil {
		o.Rules = []string{dir}
	}
	o.Matches = true
	o.Warn = func(f *fault.Error) { warned = append(warned, f.Code+" "+f.Where) }
	o.Done = func(s DetectSummary) { sum = s }
	var out bytes.Buffer
	if err := Detect(t.Context(), o, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 0 {
		matches = strings.Split(strings.TrimSpace(out.String()), "\n")
	}
	return matches, warned, sum
}

// hit is a line of output.
func hit(line int, rule string) string { return fmt.Sprintf(`{"line":%d,"rule":%q}`, line, rule) }

const (
	whoamiID     = "11111111-1111-4111-8111-111111111111"
	unixWhoamiID = "22222222-2222-4222-8222-222222222222"
)

// TestDetect_WinEvent: the same event in the three shapes is the same match, and is tried against no rule for others.
func TestDetect_WinEvent(t *testing.T) {
	in := strings.Join([]string{
		`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\Windows\\System32\\WHOAMI.exe","CommandLine":"whoami /all"}`,
		`{"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Image":"C:\\Windows\\System32\\whoami.exe","CommandLine":"x"}}}`,
		`{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":"1","event_data":{"Image":"C:\\Windows\\whoami.exe"}}}`,
		`{"EventID":4688,"Channel":"Security","NewProcessName":"C:\\Windows\\whoami.exe"}`,
		`{"EventID":7,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\Windows\\whoami.exe"}`,
		`not an event`,
		`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\notwhoami.exe.txt"}`,
	}, "\n")
	got, warned, sum := lookFor(t, DetectOptions{Form: Form{WinEvent: true}}, map[string]string{"a.yml": whoami, "b.yml": unixWhoami}, in)
	if want := []string{hit(1, whoamiID), hit(2, whoamiID), hit(3, whoamiID), hit(4, whoamiID)}; !slices.Equal(got, want) {
		t.Errorf("matches %q, want %q", got, want)
	}
	if !slices.Equal(warned, []string{"line-not-json line 6"}) {
		t.Errorf("warned of %q", warned)
	}
	if sum.Loaded != 2 || sum.Refused != 0 || sum.Lines != 7 || sum.Unusable != 1 || sum.Events != 6 || sum.Matches != 4 || sum.Alerts != 0 {
		t.Errorf("summary %+v", sum)
	}
}

// TestDetect_LogSource: an event that names no log source is of the one that is given, and without one every rule is tried.
func TestDetect_LogSource(t *testing.T) {
	files := map[string]string{"a.yml": whoami, "b.yml": unixWhoami, "c.yml": everywhere}
	in := `{"process":{"executable":"C:\\whoami.exe","command_line":"whoami"}}`
	for name, c := range map[string]struct {
		source pipelines.LogSource
		want   []string
	}{
		"none":        {pipelines.LogSource{}, []string{whoamiID, unixWhoamiID, "words"}},
		"windows":     {pipelines.LogSource{Product: "windows", Category: "process_creation"}, []string{whoamiID, "words"}},
		"linux":       {pipelines.LogSource{Product: "linux", Category: "process_creation"}, []string{unixWhoamiID, "words"}},
		"another one": {pipelines.LogSource{Product: "aws", Service: "cloudtrail"}, []string{"words"}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, id := range c.want {
				want = append(want, hit(1, id))
			}
			if got, _, _ := lookFor(t, DetectOptions{LogSource: c.source}, files, in); !slices.Equal(got, want) {
				t.Errorf("matches %q, want %q", got, want)
			}
		})
	}
	t.Run("the event's own counts", func(t *testing.T) {
		own := `{"winlog":{"channel":"Security"},"event":{"code":"4688"},"process":{"executable":"C:\\whoami.exe","command_line":"whoami"}}`
		got, _, _ := lookFor(t, DetectOptions{LogSource: pipelines.LogSource{Product: "linux", Category: "process_creation"}}, files, own)
		if want := []string{hit(1, whoamiID), hit(1, "words")}; !slices.Equal(got, want) {
			t.Errorf("matches %q, want %q", got, want)
		}
	})
}

// TestDetect_ManyBadLines: lines are told one by one up to a bound, then counted.
func TestDetect_ManyBadLines(t *testing.T) {
	in := strings.Repeat("nonsense\n", 50) + `{"message":"kilroy"}`
	got, warned, sum := lookFor(t, DetectOptions{}, map[string]string{"r.yaml": apptest.OneRule}, in)
	if !slices.Equal(got, []string{hit(51, "mine")}) || sum.Unusable != 50 || sum.Lines != 51 {
		t.Errorf("matches %q, summary %+v", got, sum)
	}
	if len(warned) != maxTold+1 || warned[maxTold] != "lines-unusable 51 lines in all" {
		t.Errorf("%d warnings, the last one %s", len(warned), warned[len(warned)-1])
	}
}

// TestDetect_Paths: files and folders together are one set, in which an id counts once.
func TestDetect_Paths(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one/a.yml": whoami, "one/other.yml": everywhere, "two/copy.yaml": whoami, "two/deep/b.yml": unixWhoami, "odd.txt": apptest.OneRule, "bad.yml": "title: x\n", "empty/readme.md": "x",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := `{"process":{"executable":"\\whoami.exe","command_line":"whoami"},"message":"kilroy"}`
	for name, c := range map[string]struct {
		paths, want []string
		refused     int
		warned      string
	}{
		"a file":            {[]string{"one/a.yml"}, []string{whoamiID}, 0, ""},
		"a folder":          {[]string{"one"}, []string{whoamiID, "words"}, 0, ""},
		"a file and one":    {[]string{"two/copy.yaml", "one"}, []string{whoamiID, "words"}, 1, "rule-duplicate"},
		"folders":           {[]string{"one", "two"}, []string{whoamiID, "words", unixWhoamiID}, 1, "rule-duplicate"},
		"an odd name":       {[]string{"odd.txt", "one/a.yml"}, []string{whoamiID, "mine"}, 0, ""},
		"one that is wrong": {[]string{"bad.yml", "one/a.yml"}, []string{whoamiID}, 1, ""},
		"nothing in it":     {[]string{"empty"}, nil, 0, "rules-none"},
	} {
		t.Run(name, func(t *testing.T) {
			o := DetectOptions{}
			for _, p := range c.paths {
				o.Rules = append(o.Rules, filepath.Join(dir, p))
			}
			var want []string
			for _, id := range c.want {
				want = append(want, hit(1, id))
			}
			got, warned, sum := lookFor(t, o, nil, in)
			if !slices.Equal(got, want) || sum.Refused < c.refused || c.refused == 0 && sum.Refused > 0 {
				t.Errorf("matches %q, want %q; %d refused, %q", got, want, sum.Refused, warned)
			}
			if c.warned != "" && !slices.ContainsFunc(warned, func(w string) bool { return strings.HasPrefix(w, c.warned) }) {
				t.Errorf("warned of %q, want %s", warned, c.warned)
			}
		})
	}
}

// TestDetect_WritesWhatItHas: matches are there before the next lines come.
func TestDetect_WritesWhatItHas(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r.yaml": apptest.OneRule})
	in, feed := io.Pipe()
	out, sink := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Detect(t.Context(), DetectOptions{Config: cfg, Rules: []string{cfg.Data + "/r.yaml"}, Matches: true, Warn: func(*fault.Error) {}}, in, sink)
	}()
	if _, err := io.WriteString(feed, "{\"message\":\"kilroy\"}\n"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := out.Read(buf) // would wait for ever if the match waited for more lines
	if err != nil || string(buf[:n]) != hit(1, "mine")+"\n" {
		t.Errorf("got %q, %v", buf[:n], err)
	}
	_ = feed.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// BenchmarkDetect is the whole way of a line that matches nothing: read, understood, tried, and nothing written.
func BenchmarkDetect(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "r.yml"), []byte(whoami), 0o600); err != nil {
		b.Fatal(err)
	}
	line := `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"pc-1","Image":"C:\\Windows\\System32\\cmd.exe","CommandLine":"cmd /c \"dir C:\\\\Users\"","UtcTime":"2020-10-22 06:58:02.147"}` + "\n"
	cfg := apptest.Data(b, nil)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	o := DetectOptions{Config: cfg, Rules: []string{dir}, Matches: true, Form: Form{WinEvent: true}, Warn: func(*fault.Error) {}}
	if err := Detect(b.Context(), o, &repeated{line: line, n: b.N}, io.Discard); err != nil {
		b.Fatal(err)
	}
}

// repeated reads as a line n times.
type repeated struct {
	line string
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for r.n > 0 && len(p)-n >= len(r.line) {
		n += copy(p[n:], r.line)
		r.n--
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
