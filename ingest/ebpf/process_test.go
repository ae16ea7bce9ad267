package ebpf

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/bpf"
	"weir/internal/testkit"
)

// fakeProc is a folder like /proc.
type fakeProc struct {
	t   *testing.T
	dir string
}

// add makes a process that began at a tick.
func (f fakeProc) add(pid int, comm string, tick uint64, exe, cmdline, cgroup string) {
	f.t.Helper()
	dir := filepath.Join(f.dir, fmt.Sprint(pid))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		f.t.Fatal(err)
	}
	stat := fmt.Sprintf("%d (%s) S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 %d 1 1 1", pid, comm, tick)
	for name, text := range map[string]string{"stat": stat, "cmdline": cmdline, "cgroup": cgroup} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
	if exe != "" {
		if err := os.Symlink(exe, filepath.Join(dir, "exe")); err != nil {
			f.t.Fatal(err)
		}
	}
}

const id64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestResolver(t *testing.T) {
	dir := fakeProc{t, t.TempDir()}
	dir.add(10, "curl", 500, "/usr/bin/curl", "curl\x00-s\x00http://x\x00", "0::/system.slice/docker-"+id64+".scope\n")
	dir.add(11, "a) S 9 9 (b", 600, "/opt/new (deleted)", "title of its own", "0::/user.slice\n")
	dir.add(12, "kworker/0:1", 700, "", "", "0::/\n")
	execs := map[uint32]bpf.Exec{
		10: {Path: "/other", Args: []string{"other"}, Start: 5_000_000_000},
		13: {Path: "./job", Args: []string{"./job", "now"}, Start: 8_000_000_000},
	}
	asked := 0
	r := newResolver(dir.dir, func(pid uint32) (bpf.Exec, bool) {
		asked++
		e, ok := execs[pid]
		return e, ok
	})
	for _, tc := range []struct {
		name string
		o    bpf.Owner
		want process
	}{
		{"lives", bpf.Owner{PID: 10, Start: 5_001_234_567, Comm: "curl"}, process{"/usr/bin/curl", []string{"curl", "-s", "http://x"}, id64}},
		{"was replaced on the disk, and has brackets in its name", bpf.Owner{PID: 11, Start: 6_000_000_000}, process{"/opt/new", []string{"title of its own"}, ""}},
		{"a thread of the kernel", bpf.Owner{PID: 12, Start: 7_000_000_000}, process{}},
		{"is gone, but its start was seen", bpf.Owner{PID: 13, Start: 8_000_000_000}, process{"./job", []string{"./job", "now"}, ""}},
		{"is gone, and another of its number was seen", bpf.Owner{PID: 13, Start: 3_000_000_000}, process{}},
		{"another has its number now", bpf.Owner{PID: 10, Start: 4_000_000_000}, process{}},
		{"nobody", bpf.Owner{}, process{}},
	} {
		if got := r.of(&tc.o); !reflect.DeepEqual(*got, tc.want) {
			t.Errorf("%s: %+v, want %+v", tc.name, *got, tc.want)
		}
	}
	// What is known is not asked again, not even when it is nothing.
	before := asked
	o := bpf.Owner{PID: 13, Start: 3_000_000_000}
	if r.of(&o); asked != before {
		t.Error("asked again")
	}
	// A process that has become another program has another name.
	dir.add(14, "sh", 900, "/bin/sh", "sh\x00", "")
	sh, wget := bpf.Owner{PID: 14, Start: 9_000_000_000, Comm: "sh"}, bpf.Owner{PID: 14, Start: 9_000_000_000, Comm: "wget"}
	if got := r.of(&sh).exe; got != "/bin/sh" {
		t.Error(got)
	}
	if err := os.RemoveAll(filepath.Join(dir.dir, "14")); err != nil {
		t.Fatal(err)
	}
	dir.add(14, "wget", 900, "/usr/bin/wget", "wget\x00", "")
	if got := r.of(&wget).exe; got != "/usr/bin/wget" {
		t.Error(got)
	}
}

// TestResolverForgets: what is remembered is bounded, and what is in use stays.
func TestResolverForgets(t *testing.T) {
	r := newResolver(t.TempDir(), func(uint32) (bpf.Exec, bool) { return bpf.Exec{}, false })
	busy := bpf.Owner{PID: 1, Start: 1}
	first := r.of(&busy)
	for i := range uint32(10 * maxProcesses) {
		r.of(&bpf.Owner{PID: 2 + i})
		if i%100 == 0 && r.of(&busy) != first {
			t.Fatalf("forgotten after %d others", i)
		}
	}
	if n := len(r.now) + len(r.old); n > 2*maxProcesses {
		t.Errorf("%d processes are remembered", n)
	}
}

// TestResolverOfThisProcess: the real /proc has the form that is read.
func TestResolverOfThisProcess(t *testing.T) {
	self := fmt.Sprint(os.Getpid())
	stat := head(filepath.Join(procFolder, self, "stat"))
	if stat == nil {
		testkit.Skip(t, "machine", "no /proc on this system")
	}
	fields := strings.Fields(string(stat[slices.Index(stat, ')')+1:]))
	var ticks uint64
	if _, err := fmt.Sscan(fields[19], &ticks); err != nil {
		t.Fatal(err)
	}
	r := newResolver(procFolder, func(uint32) (bpf.Exec, bool) { return bpf.Exec{}, false })
	got := r.of(&bpf.Owner{PID: uint32(os.Getpid()), Start: ticks * 1e7})
	if exe, err := os.Executable(); err != nil || got.exe != exe || !slices.Equal(got.args, os.Args) {
		t.Errorf("%+v, want %s %q (%v)", got, exe, os.Args, err)
	}
}

func TestSplitArgs(t *testing.T) {
	long := strings.Repeat("a\x00", 1000)
	for _, tc := range []struct {
		name, in string
		want     int
		last     string
	}{
		{"none", "", 0, ""}, {"a kernel thread's", "\x00\x00", 0, ""}, {"one", "a", 1, "a"}, {"two", "a\x00b\x00", 2, "b"},
		{"an empty one between", "a\x00\x00b\x00", 3, "b"}, {"too many", long, maxArgs, "a"},
	} {
		got := splitArgs([]byte(tc.in))
		if len(got) != tc.want || len(got) > 0 && got[len(got)-1] != tc.last {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
	if got := splitArgs([]byte(strings.Repeat("x", 10*maxArgBytes))); len(got) != 1 || len(got[0]) != maxArgBytes {
		t.Errorf("a long one: %d", len(got))
	}
}

func TestContainerID(t *testing.T) {
	for in, want := range map[string]string{
		"0::/system.slice/docker-" + id64 + ".scope\n":                                      id64,
		"12:pids:/docker/" + id64 + "\n11:cpu:/\n":                                          id64,
		"0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + id64 + ".scope/x\n": id64,
		"0::/user.slice/user-1000.slice\n":                                                  "",
		"0::/x/" + id64 + "0\n":                                                             "", // 65 digits are something else
		"0::/x/" + strings.ToUpper(id64) + "\n":                                             "",
		id64:                                                                                id64,
		"":                                                                                  "",
	} {
		if got := containerID([]byte(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// FuzzContainerID: what is found stands in the text, is 64 digits long and no part of a longer number.
func FuzzContainerID(f *testing.F) {
	f.Add("0::/docker/" + id64)
	f.Add(id64 + id64)
	f.Add(id64 + "A0" + id64)
	f.Fuzz(func(t *testing.T, s string) {
		got := containerID([]byte(s))
		if got == "" {
			return
		}
		runs := strings.FieldsFunc(s, func(r rune) bool { return r > 'f' || !isHex(byte(r)) })
		if len(got) != 64 || !slices.Contains(runs, got) {
			t.Fatalf("%q in %q", got, s)
		}
	})
}
