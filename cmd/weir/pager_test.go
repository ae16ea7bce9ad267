package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelp_Pages(t *testing.T) {
	overview, _, code := shell{}.run(t)
	if code != 0 || !strings.Contains(overview, "  up           run everything") || !strings.Contains(overview, "\nLook after\n") {
		t.Errorf("exit %d\n%s", code, overview)
	}
	short, _, code := shell{}.run(t, "search", "-h")
	if code != 0 || !strings.HasPrefix(short, "find events, newest first\n\n  weir search 'source.ip") || !strings.HasSuffix(short, "more: weir search --help\n") {
		t.Errorf("exit %d\n%s", code, short)
	}
	long, _, code := shell{}.run(t, "search", "--help")
	if code != 0 || !strings.Contains(long, "\nWhen\n  --from TIME") || !strings.Contains(long, "\nExit codes\n  0 done; 2 wrong usage or configuration; 3 the data cannot be read; 130 ") {
		t.Errorf("exit %d\n%s", code, long)
	}
	if page, _, _ := (shell{}).run(t, "help", "search"); page != long {
		t.Errorf("weir help search:\n%s", page)
	}
	ledger, _, _ := shell{}.run(t, "help", "ledger")
	if !strings.Contains(ledger, "0 done; 1 it does not balance; 2 wrong usage or configuration; 130 ") {
		t.Errorf("exit codes of ledger:\n%s", ledger)
	}
	for _, topic := range []string{"time", "kql"} {
		if page, _, code := (shell{}).run(t, "help", topic); code != 0 || !strings.Contains(page, "@timestamp") && !strings.Contains(page, "-15m") {
			t.Errorf("%s: exit %d\n%s", topic, code, page)
		}
	}
	if page, _, code := (shell{}).run(t, "alerts"); code != 2 || !strings.Contains(page, "Commands\n  ack ") || !strings.Contains(page, "\n  list ") {
		t.Errorf("a group alone: exit %d\n%s", code, page)
	}
}

// TestPage: what does not fit the screen goes through the pager, with its text unchanged; what fits, and pipes, do not.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	pager := filepath.Join(dir, "pager")
	if err := os.WriteFile(pager, []byte("#!/bin/sh\necho paged\nexec cat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	long, short := strings.Repeat("line\n", 100), "line\n"
	for name, x := range map[string]struct {
		text     string
		terminal int
		noPager  bool
		env      string
		want     string
	}{
		"long":        {long, 80, false, "PAGER=" + pager, "paged\n" + long},
		"ours wins":   {long, 80, false, "WEIR_PAGER=" + pager + "\x00PAGER=/nothing", "paged\n" + long},
		"short":       {short, 80, false, "PAGER=" + pager, short},
		"pipe":        {long, 0, false, "PAGER=" + pager, long},
		"--no-pager":  {long, 80, true, "PAGER=" + pager, long},
		"no such one": {long, 80, false, "PAGER=/no/such/pager", long},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			c := &cli{world: world{out: out, err: out, env: strings.Split(x.env, "\x00"), terminal: x.terminal}, noPager: x.noPager}
			c.faces()
			if err := c.page([]byte(x.text)); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(out.Name())
			if err != nil || string(got) != x.want {
				t.Errorf("got %.40q, %v", got, err)
			}
		})
	}
}
