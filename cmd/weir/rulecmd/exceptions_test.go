package rulecmd

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/control/cost"
	"weir/internal/fault"
	"weir/rules/exceptions"
)

func TestRulesExceptions(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	list := &exceptions.List{Items: []*exceptions.Exception{
		{ID: "0a1b2c3d", Rule: "ssh-*", When: `source.ip == "192.0.2.9"`, Owner: "kim\x1b[2J", Reason: "our scanner", Until: day(30), File: "exceptions.yaml", Line: 1},
		{ID: "ffffffff", Rule: "vpn", When: "exists(user.name)", Owner: "lee", Reason: "gone", Until: day(2), File: "exceptions.yaml", Line: 6},
	}}
	var faults fault.List
	s := ruleWorld(100)
	s.engine.Exceptions = func(config.Config) (*exceptions.List, fault.List, error) { return list, faults, nil }
	s.backend = counter{counts: cost.Counts{Exceptions: []cost.Exception{{ID: "0a1b2c3d", Hits: 1234}}}}
	out, msg, code := s.run(t, "exceptions")
	same(t, "exceptions", out, ""+
		"ID        RULE   OWNER       UNTIL              STATE     HITS  REASON\n"+
		"0a1b2c3d  ssh-*  kim\\x1b[2J  2026-11-29 23:59Z  holds    1,234  our scanner\n"+
		"ffffffff  vpn    lee         2026-11-01 23:59Z  expired      -  gone\n")
	same(t, "summary", msg, "2 exceptions, 1 expired\n")
	if code != 0 {
		t.Error(code)
	}
	s.backend, s.terminal = nil, 0
	faults = fault.List{{Code: "exception-rule", What: "no rule that runs is called `vpn`", Where: "exceptions.yaml:6", Warn: true}}
	out, msg, code = s.run(t, "exceptions", "--json")
	if code != 0 || !strings.Contains(out, `{"id":"0a1b2c3d","rule":"ssh-*","when":"source.ip == \"192.0.2.9\"","owner":"kim\u001b[2J","reason":"our scanner","until":"2026-11-30T00:00:00Z","expired":false,"hits":null,"file":"exceptions.yaml","line":1}`) ||
		!strings.Contains(msg, "no rule that runs is called `vpn`") {
		t.Errorf("exit %d\n%s\n%s", code, out, msg)
	}
	faults[0].Warn = false
	if _, _, code := s.run(t, "exceptions"); code != 1 {
		t.Error("a mistake in the file:", code)
	}
	s.engine.Exceptions = func(config.Config) (*exceptions.List, fault.List, error) { return nil, nil, errors.New("no folder") }
	if _, _, code := s.run(t, "exceptions"); code == 0 {
		t.Error("rules that cannot be read")
	}
}
