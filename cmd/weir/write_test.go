package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"weir/internal/control"
	"weir/internal/fault"
)

func TestErrors_JSON(t *testing.T) {
	_, msg, code := shell{b: &fake{}}.run(t, "search", "--json", "--from", "soon")
	var e struct {
		Error struct{ Code, Message, Do string }
	}
	if err := json.Unmarshal([]byte(msg), &e); err != nil || e.Error.Code != "time-unknown" || code != 2 {
		t.Errorf("%q, %v, exit %d", msg, err, code)
	}
}

// closedPipe is a reader that went away, as head does.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, fmt.Errorf("write |1: %w", syscall.EPIPE) }

func TestClosedPipe_EndsQuietly(t *testing.T) {
	for _, args := range []string{"search x", "search x --json", "tail", "alerts list", "ledger --json", "config show", "explain", "help search", "completion bash"} {
		b := &fake{docs: []string{`{"message":"x"}`}, ledger: control.Ledger{Rows: []control.LedgerRow{{Source: "a"}}}, alerts: []control.AlertRow{{Short: "3f9c"}}}
		if _, msg, code := (shell{b: b, out: closedPipe{}}).run(t, strings.Fields(args)...); code != 0 || strings.Contains(msg, "error") {
			t.Errorf("%s: exit %d, %s", args, code, msg)
		}
	}
}

func TestQuietVerbose(t *testing.T) {
	warned := &fake{err: &fault.Error{Code: "x", What: "y", Exit: 3, Cause: os.ErrPermission}}
	if _, msg, _ := (shell{b: warned}).run(t, "search", "x"); strings.Contains(msg, "chain") {
		t.Errorf("a chain without -v: %s", msg)
	}
	if _, msg, _ := (shell{b: warned}).run(t, "search", "-v", "x"); !strings.Contains(msg, "chain  permission denied") {
		t.Errorf("no chain with -v: %s", msg)
	}
	if _, msg, _ := (shell{b: warned}).run(t, "search", "-q", "x"); !strings.HasPrefix(msg, "error[x]") {
		t.Errorf("-q leaves out an error: %s", msg)
	}
}
