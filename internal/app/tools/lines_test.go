package tools

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"weir/internal/app/apptest"

	"weir/internal/config"
	"weir/internal/fault"
)

func TestEachLine(t *testing.T) {
	broken := errors.New("the disk is gone")
	tests := []struct {
		name string
		in   io.Reader
		want string
		err  string
	}{
		{"lines", strings.NewReader("a\nb\n\nc"), "1a 2b 3 4c ", ""},
		{"both ends of a line", strings.NewReader("a\r\nb\r\n"), "1a 2b ", ""},
		{"nothing", strings.NewReader(""), "", ""},
		{"a reader that fails", io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken)), "1a ", broken.Error()},
		{"too long", io.MultiReader(strings.NewReader("a\n"), io.LimitReader(endless('x'), maxLine+1<<20), strings.NewReader("\nc")), "1a 3c ", "line 2: a line is longer than 16 MiB"},
		{"as long as may be", io.LimitReader(endless('x'), 1<<20), "1" + strings.Repeat("x", 1<<20) + " ", ""},
		{"a mark at the start", strings.NewReader("\ufeffa\n\ufeffb\n"), "1a 2\ufeffb ", ""},
		{"no end", strings.NewReader("a\nb"), "1a 2b ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			err := eachLine(t.Context(), tt.in, func(n int, line []byte) error {
				got.WriteByte(byte('0' + n))
				got.Write(line)
				got.WriteByte(' ')
				return nil
			})
			if got.String() != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %q (%v)", got.String(), err)
			}
		})
	}
}

// endless is a line without an end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestEachLine_Stops(t *testing.T) {
	full := errors.New("full")
	n := 0
	err := eachLine(t.Context(), strings.NewReader("a\nb\nc\n"), func(int, []byte) error { n++; return full })
	if !errors.Is(err, full) || n != 1 {
		t.Errorf("after an error: %d lines, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	err = eachLine(ctx, strings.NewReader("a\nb\nc\n"), func(int, []byte) error { n++; cancel(); return nil })
	if err != nil || n != 1 {
		t.Errorf("stopped on purpose: %d lines, %v", n, err)
	}
}

// TestParseLines_Enriches: what the command shows is what would be stored, inventory and class included.
func TestParseLines_Enriches(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{
		config.Default().Normalise.Inventory: "name,addresses,site\nlocal,127.0.0.1,seoul\n",
		config.Default().Normalise.Classes:   "- {name: access, when: process.name == \"sshd\"}\n",
	})
	cfg.Inputs.Syslog.TimeZone = "UTC"
	var out bytes.Buffer
	in := "<38>1 2020-01-05T01:02:03Z web-1 sshd 1 - - Accepted password for ana from 192.0.2.7 port 5 ssh2\n"
	if err := ParseLines(t.Context(), cfg, "", strings.NewReader(in), &out, nil); err != nil {
		t.Fatal(err)
	}
	e := apptest.Decode(t, out.String())
	for path, want := range map[string]string{
		"event.id": "line-1", "weir.class": "access", "source.ip": "192.0.2.7", "@timestamp": "2020-01-05T01:02:03.000Z", "weir.time": "2020-01-05T01:02:03.000Z",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
	if !strings.Contains(out.String(), "seoul") {
		t.Errorf("the inventory was not asked: %s", out.String())
	}
}

// TestParseLines_Dataset reads lines as what they are said to be.
func TestParseLines_Dataset(t *testing.T) {
	cfg := apptest.Data(t, nil)
	var out bytes.Buffer
	p, err := newLineParser(cfg, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, dataset := range []string{"aws.cloudtrail", "cisco_asa.log", "nginx.access", "system.syslog"} {
		if !slices.Contains(p.parser.Datasets(), dataset) {
			t.Errorf("there is no %s", dataset)
		}
		out.Reset()
		err := ParseLines(t.Context(), cfg, dataset, strings.NewReader("plain words\n"), &out, nil)
		if dataset == "aws.cloudtrail" { // its records come from a machine: one that is none is damaged
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != "lines-unusable" || f.Where != "line 1" || out.Len() > 0 {
				t.Errorf("%s: %v, %s", dataset, err, out.String())
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", dataset, err)
		}
		if got := apptest.Decode(t, out.String()).GetPath("event.dataset").Text(); got != dataset {
			t.Errorf("asked for %s, got %s", dataset, got)
		}
	}
	f, ok := errors.AsType[*fault.Error](ParseLines(t.Context(), cfg, "cisco_asa.lgo", strings.NewReader("x"), &out, nil))
	if !ok || f.Code != "dataset-unknown" || !strings.Contains(f.Do, "`cisco_asa.log`") {
		t.Errorf("an unknown one: %v", f)
	}
}

func TestParseLines_Faults(t *testing.T) {
	full := errors.New("no space left")
	cfg := apptest.Data(t, nil)
	if err := ParseLines(t.Context(), cfg, "", strings.NewReader("a\n"), failing{full}, nil); !errors.Is(err, full) {
		t.Errorf("a writer that fails: %v", err)
	}
	for name, bad := range map[string]map[string]string{
		"inventory": {config.Default().Normalise.Inventory: "nme\nx\n"},
		"classes":   {config.Default().Normalise.Classes: "- {name: UPPER, when: true}\n"},
	} {
		var out bytes.Buffer
		if err := ParseLines(t.Context(), apptest.Data(t, bad), "", strings.NewReader("a\n"), &out, nil); err == nil || out.Len() != 0 {
			t.Errorf("a mistake in the %s: wrote %q (%v)", name, out.String(), err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// detected runs a rule over documents and returns what was written and what was warned of.
func detected(t *testing.T, o DetectOptions, rule, in string) (out string, warned []string) {
	t.Helper()
	cfg := apptest.Data(t, map[string]string{"r.yaml": rule})
	o.Config, o.Rules = cfg, []string{cfg.Data + "/r.yaml"}
	o.Warn = func(f *fault.Error) { warned = append(warned, f.Code+" "+f.Where) }
	var b bytes.Buffer
	if err := Detect(t.Context(), o, strings.NewReader(in), &b); err != nil {
		t.Fatal(err)
	}
	return b.String(), warned
}

// TestDetect_Documents: lines that are no documents are named and passed over, and alerts name their lines.
func TestDetect_Documents(t *testing.T) {
	in := `{"message":"kilroy one","@timestamp":"2020-01-05T00:00:00Z"}
no document

{"message":"nothing","@timestamp":"2020-01-05T00:00:01Z"}
{"message":"kilroy two","@timestamp":"2020-01-05T00:00:02Z","event":{"id":"own-id"}}
`
	out, warned := detected(t, DetectOptions{}, apptest.OneRule+"fold: {by: [event.id]}\n", in)
	if len(warned) != 1 || warned[0] != "line-not-json line 2" {
		t.Errorf("warned of %q", warned)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %s", out)
	}
	for i, want := range []string{"[1]", "[5]"} {
		e := apptest.Decode(t, lines[i])
		if got := e.GetPath("weir.alert.lines").Text(); got != want || e.GetPath("rule.id").Text() != "mine" {
			t.Errorf("alert %d is about the lines %s, want %s: %s", i, got, want, lines[i])
		}
		if at := e.GetPath("@timestamp").Text(); !strings.HasPrefix(at, "2020-01-05T00:00:0") {
			t.Errorf("alert %d is of %s, not of the logged time", i, at)
		}
	}
	if out, _ := detected(t, DetectOptions{Matches: true}, apptest.OneRule, in); out != "{\"line\":1,\"rule\":\"mine\"}\n{\"line\":5,\"rule\":\"mine\"}\n" {
		t.Errorf("matches %s", out)
	}
}

// TestDetect_TwoConditions: an event that meets two conditions of a rule is one match of the rule.
func TestDetect_TwoConditions(t *testing.T) {
	rule := "id: two\ntitle: Two\nlevel: low\nwhen:\n  a: message contains \"x\"\n  b: message contains \"y\"\ncorrelate: {sequence: [{when: a}, {when: b}], by: [host.name], within: 1m}\n"
	if out, _ := detected(t, DetectOptions{Matches: true}, rule, `{"message":"x y"}`); out != "{\"line\":1,\"rule\":\"two\"}\n" {
		t.Errorf("got %s", out)
	}
}

func TestDetect_Faults(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r.yaml": apptest.OneRule, "bad.yaml": "id: bad\n"})
	o := DetectOptions{Config: cfg, Warn: func(*fault.Error) {}}
	full := errors.New("no space left")
	tests := []struct {
		name  string
		rules []string
		raw   string
		w     io.Writer
		want  string
	}{
		{"no such file", []string{cfg.Data + "/none.yaml"}, "", io.Discard, "rules-unreadable"},
		{"no such dataset", []string{cfg.Data + "/r.yaml"}, "no.such", io.Discard, "dataset-unknown"},
		{"a writer that fails", []string{cfg.Data + "/r.yaml"}, "auto", failing{full}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o.Rules, o.Raw = tt.rules, tt.raw
			err := Detect(t.Context(), o, strings.NewReader("kilroy\n"), tt.w)
			if err == nil || tt.want != "" && fault.Code(err) != tt.want || tt.want == "" && !errors.Is(err, full) {
				t.Errorf("got %v", err)
			}
		})
	}
	var warned []*fault.Error
	o.Rules, o.Raw, o.Warn = []string{cfg.Data}, "", func(f *fault.Error) { warned = append(warned, f) }
	var out bytes.Buffer
	if err := Detect(t.Context(), o, strings.NewReader(`{"message":"kilroy"}`), &out); err != nil || out.Len() == 0 || len(warned) == 0 {
		t.Errorf("one bad file of two: wrote %q, %d warnings (%v)", out.String(), len(warned), err)
	}
}
