package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weir/internal/testkit"
)

// named finds the file that a paragraph says the next block is of.
var named = regexp.MustCompile("in `([^`]+)`:$")

// masked are what differs from run to run: lengths of time.
var masked = regexp.MustCompile(`\b\d+(\.\d+)? (ns|µs|ms|s|min)\b`)

// TestFormatsWalk does what docs/formats.md tells a stranger to do: the files of the page are written, the commands are run in a
// shell, and what they print is what the page shows.
func TestFormatsWalk(t *testing.T) {
	needE2E(t)
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir, commands := t.TempDir(), t.TempDir()
	if err := os.Symlink(bin, filepath.Join(commands, "weir")); err != nil {
		t.Fatal(err)
	}
	shell := func(line string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + commands + ":" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8", "TZ=UTC"}
		out, _ := cmd.CombinedOutput() // its exit code is part of what is shown only where it prints something
		return string(out)
	}
	// What the page says of a weir that runs is done with one, on a port of its own.
	running := newWeir(t)
	running.dir = filepath.Join(dir, "weir-data")
	ran, file, lines := 0, "", strings.Split(string(page), "\n")
	for i := 0; i < len(lines); i++ {
		if m := named.FindStringSubmatch(lines[i]); m != nil {
			file = m[1]
		}
		language, fence := strings.CutPrefix(lines[i], "```")
		if !fence {
			continue
		}
		from := i + 1
		for i++; !strings.HasPrefix(lines[i], "```"); i++ {
		}
		text := strings.Join(lines[from:i], "\n") + "\n"
		switch {
		case strings.HasPrefix(text, "$ "):
			for part := range strings.SplitSeq(strings.TrimPrefix(text, "$ "), "\n$ ") {
				line, want, _ := strings.Cut(part, "\n")
				got := masked.ReplaceAllString(shell(line), "TIME")
				if want = masked.ReplaceAllString(want, "TIME"); strings.TrimSpace(got) != strings.TrimSpace(want) {
					t.Errorf("docs/formats.md:%d: %s prints\n%s\nthe page says\n%s", from+1, line, got, want)
				}
				ran++
			}
		case file != "":
			name := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			file = ""
		case language == "sh":
			ran++
			if strings.Contains(text, " 5514") {
				running.start()
				text = strings.ReplaceAll(text, " 127.0.0.1 5514", " "+strings.Replace(running.syslog(), ":", " ", 1))
			}
			for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
				if out := shell(line + " && echo well"); !strings.HasSuffix(out, "well\n") {
					t.Errorf("docs/formats.md:%d: %s: %s", from+1, line, out)
				}
			}
		}
	}
	if ran < 6 {
		t.Errorf("%d commands on the page were run", ran)
	}
	if running.cmd == nil {
		t.Error("the page sends nothing to a weir that runs")
	} else {
		eventually(t, time.Minute, "the weir that runs has the 2 lines that were sent", func() bool { return running.count(`event.dataset: "corvid_gate.log"`) == 2 })
	}
}
