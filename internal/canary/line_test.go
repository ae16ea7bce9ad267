package canary

import (
	"crypto/rand"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"weir/processors/parse/formats"
)

var at = time.Date(2026, 11, 21, 7, 42, 10, 123456789, time.UTC)

// recognised is what the format asks of a record, as it stands in its file.
func recognised(t *testing.T) *regexp.Regexp {
	t.Helper()
	file, err := fs.ReadFile(formats.FS(), "weir/canary.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(file), `_raw matches "`)
	pattern, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the format does not look at the whole record")
	}
	return regexp.MustCompile(pattern)
}

// TestLine: what is sent is what the format reads, whatever this machine is called.
func TestLine(t *testing.T) {
	re := recognised(t)
	for _, host := range []string{"log-1", "", "a.very.long.name.example.net", "2001:db8::1"} {
		line := Line(rand.Text(), host, at)
		if !re.Match(line) || !Is(line) || !strings.Contains(string(line), "2026-11-21T07:42:10.123456Z") {
			t.Errorf("%q is no canary", line)
		}
	}
}

// TestNoPlaceForOthers: no text of anybody fits into a canary beside its id.
func TestNoPlaceForOthers(t *testing.T) {
	re := recognised(t)
	good := string(Line("K3V4Q2MB7XWZ5TPLC6YHNJDRAE", "log-1", at))
	for _, tc := range []struct{ name, line string }{
		{"text behind it", good + " and a secret"},
		{"another id", strings.Replace(good, "K3V4", "k3v4", 1)},
		{"a short id", strings.Replace(good, "K3V4", "", 1)},
		{"data", strings.Replace(good, "canary - weir", `canary [x@1 a="secret"] weir`, 1)},
		{"another program", strings.Replace(good, "weir-canary", "sshd", 1)},
		{"text before it", "secret " + good},
		{"a second line", good + "\nsecret"},
	} {
		if re.MatchString(tc.line) {
			t.Errorf("%s: %q is read as a canary", tc.name, tc.line)
		}
	}
}

func TestIs(t *testing.T) {
	good := string(Line("K3V4Q2MB7XWZ5TPLC6YHNJDRAE", "log-1", at))
	for _, tc := range []struct {
		line string
		want bool
	}{
		{good, true}, {good + "\r\n", true}, {"", false}, {"weir canary", false}, {"<14>1 - - weir-canary 1 canary - hello", false},
		{strings.Replace(good, "weir-canary", "sshd", 1), false}, {good + strings.Repeat(" ", 600), false}, {good + " x", false},
	} {
		if Is([]byte(tc.line)) != tc.want {
			t.Errorf("%q: %v", tc.line, !tc.want)
		}
	}
}
