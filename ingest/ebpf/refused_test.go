package ebpf

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"weir/bpf"
)

func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		err        error
		code, what string
		why        string
	}{
		{fmt.Errorf("%w: stat", bpf.ErrNoBTF), "btf-missing", "this kernel has no BTF", "CONFIG_DEBUG_INFO_BTF"},
		{fmt.Errorf("%w: map create", bpf.ErrNotPermitted), "ebpf-not-permitted", "may not load programs", ""},
		{bpf.ErrUnsupported, "ebpf-unsupported", "no eBPF input for this system", "Linux on amd64 or arm64"},
		{fmt.Errorf("load: %w", errors.New("unknown helper")), "ebpf-failed", "does not take the program", "unknown helper"},
	} {
		f := refused(tc.err, "inputs.ebpf")
		if f.Code != tc.code || !strings.Contains(f.What, tc.what) || !strings.Contains(f.Why, tc.why) || !strings.Contains(f.Do, "inputs.ebpf") || !f.Warn || f.Exit != 0 || !errors.Is(f, tc.err) {
			t.Errorf("%v: %+v", tc.err, f)
		}
	}
}

func TestReason(t *testing.T) {
	for in, want := range map[string]string{
		"load program: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)": "load program: operation not permitted",
		"load program: invalid argument: R1 !read_ok\n\tfirst line of the log":                          "load program: invalid argument: R1 !read_ok",
		strings.Repeat("é", 200): strings.Repeat("é", 150),
	} {
		if got := reason(errors.New(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestWhyNot(t *testing.T) {
	status := func(caps string) string {
		return "Name:\tweir\nCapPrm:\t0000000000000000\nCapEff:\t" + caps + "\nCapBnd:\t000001ffffffffff\n"
	}
	const all, none, onlyBPF, onlyPerfmon, both, admin = "000001ffffffffff", "0000000000000000", "0000008000000000", "0000004000000000", "000000c000000000", "0000000000200000"
	const machine, rootless = "         0          0 4294967295\n", "         0       1000          1\n"
	for _, tc := range []struct{ name, caps, uids, want string }{
		{"none", none, machine, "CAP_BPF and CAP_PERFMON are missing"},
		{"one", onlyBPF, machine, "CAP_PERFMON is missing"},
		{"the other", onlyPerfmon, machine, "CAP_BPF is missing"},
		{"both, in a rootless container", both, rootless, "user namespace"},
		{"all, in a rootless container", all, rootless, "user namespace"},
		{"all, and still no", all, machine, "security module"},
		{"the old right", admin, machine, "security module"},
	} {
		if got := whyNot(status(tc.caps), tc.uids); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
	for _, broken := range []string{"", "CapEff:", "CapEff:\tzz\n"} {
		if got := whyNot(broken, machine); got != "not known" {
			t.Errorf("%q: %q", broken, got)
		}
	}
	if readText("/no/such/file") != "" {
		t.Error("a file that is not there has a text")
	}
}

// TestWarnSaysItInOneLine: with the reason and what to do; what the kernel said in full only for who asks.
func TestWarnSaysItInOneLine(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelInfo: 1, slog.LevelDebug: 2} {
		var out bytes.Buffer
		warn(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})), refused(fmt.Errorf("%w: stat vmlinux", bpf.ErrNoBTF), "inputs.ebpf"))
		text := out.String()
		if n := strings.Count(text, "\n"); n != want {
			t.Errorf("%d lines at %v:\n%s", n, level, text)
		}
		for _, part := range []string{"level=WARN", "no BTF", "code=btf-missing", "where=/sys/kernel/btf/vmlinux", "do=", "all else runs"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in:\n%s", part, text)
			}
		}
		if strings.Contains(text, "stat vmlinux") != (want == 2) {
			t.Errorf("at %v:\n%s", level, text)
		}
	}
}
