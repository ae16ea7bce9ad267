package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/rules/pipelines"
)

func TestDetect_Flags(t *testing.T) {
	var got tools.DetectOptions
	s := shell{in: "line\n", engine: engine{detect: func(_ context.Context, o tools.DetectOptions, r io.Reader, _ io.Writer) error {
		got = o
		if o.Done != nil {
			o.Done(tools.DetectSummary{Loaded: 3755, Refused: 25, Load: 700 * time.Millisecond, Lines: 12345, Unusable: 2, Events: 12343, Matches: 17, Alerts: 4, Took: 90 * time.Millisecond})
		}
		_, err := io.Copy(io.Discard, r)
		return err
	}}}
	_, msg, code := s.run(t, "detect", "--rules", "a", "b", "--winevent", "--logsource", "product=windows,category=process_creation")
	if code != 0 || msg != "" {
		t.Errorf("exit %d, %s", code, msg)
	}
	if strings.Join(got.Rules, " ") != "a b" || !got.WinEvent || got.Raw != "" || got.Matches || got.LogSource != (pipelines.LogSource{Product: "windows", Category: "process_creation"}) {
		t.Errorf("asked %+v", got)
	}
	for name, c := range map[string]struct{ args, want string }{
		"alerts":  {"-v detect --rules a", "3,755 rules loaded, 25 refused, in 700 ms\n12,345 lines, 12,343 events, 2 unusable; 17 matches, 4 alerts; in 90 ms\n"},
		"matches": {"-v detect --rules a --matches", "3,755 rules loaded, 25 refused, in 700 ms\n12,345 lines, 12,343 events, 2 unusable; 17 matches; in 90 ms\n"},
		"quiet":   {"detect --rules a --matches", ""},
	} {
		if _, msg, code := s.run(t, strings.Fields(c.args)...); code != 0 || msg != c.want {
			t.Errorf("%s: exit %d, %q, want %q", name, code, msg, c.want)
		}
	}
	for args, want := range map[string]string{
		"detect --rules a --raw auto --winevent":          "two forms of lines",
		"detect --winevent":                               "--rules is missing",
		"detect --rules a --logsource os=windows":         "cannot be read",
		"detect --rules a --winevent --logsource product": "cannot be read",
	} {
		if _, msg, code := s.run(t, strings.Fields(args)...); code != 2 || !strings.Contains(msg, want) {
			t.Errorf("%s: exit %d, %s", args, code, msg)
		}
	}
}
