package rulecmd

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
)

// TestWatch: it runs at once and after each change, says what changed, and Ctrl-C ends it well.
func TestWatch(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := testWorld()
	s.ctx = ctx
	s.engine.Watch = func(ctx context.Context, _ config.Config, paths []string, changed func([]string) error) error {
		if len(paths) != 1 || paths[0] != "rules/" {
			t.Errorf("watches %q", paths)
		}
		if err := changed([]string{"rules/vpn.yaml"}); err != nil {
			return err
		}
		if err := changed([]string{"a", "b\x1b[2J", "c", "d", "e"}); err != nil {
			return err
		}
		stop()
		return ctx.Err()
	}
	out, msg, code := s.run(t, "test", "rules/", "--watch")
	if code != 0 || strings.Count(out, "FAIL  vpn-new-country") != 3 {
		t.Errorf("exit %d\n%s", code, out)
	}
	summary := "2 rules, 5 tests: 4 passed, 1 failed; 0 s\n"
	same(t, "stderr", msg, summary+"watching rules/; Ctrl-C ends it\n16:52:30  changed: rules/vpn.yaml\n"+summary+"16:52:30  changed: a, b\\x1b[2J, c and 2 others\n"+summary)
}

// TestWatch_check: check watches too, and an error of one run does not end it.
func TestWatch_check(t *testing.T) {
	s := ruleWorld(100)
	runs := 0
	s.engine.Check = func(config.Config, []string) ([]tools.RuleReport, error) {
		if runs++; runs == 2 {
			return nil, errors.New("the folder is away")
		}
		return reports()[2:], nil
	}
	s.engine.Watch = func(_ context.Context, _ config.Config, _ []string, changed func([]string) error) error {
		if err := errors.Join(changed(nil), changed([]string{"x"})); err != nil {
			t.Error(err)
		}
		return errors.New("cannot watch")
	}
	_, msg, code := s.run(t, "check", "--watch")
	if runs != 3 || code != 2 || !strings.Contains(msg, "the folder is away") || !strings.Contains(msg, "changed: the folder\n") || !strings.Contains(msg, "watching the rules of ") {
		t.Errorf("%d runs, exit %d, %s", runs, code, msg)
	}
}

// TestWatch_reader: who has gone away does not watch.
func TestWatch_reader(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Check = func(config.Config, []string) ([]tools.RuleReport, error) { return nil, syscall.EPIPE }
	s.engine.Watch = func(context.Context, config.Config, []string, func([]string) error) error {
		t.Error("it watches on")
		return nil
	}
	if _, _, code := s.run(t, "check", "--watch"); code == 0 {
		t.Error("the error of a closed pipe is lost")
	}
}
