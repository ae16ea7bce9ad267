package testkit

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// ByModes runs f with no other rights to files than their modes give to their owner: root, which passes over them, gives that
// up for as long. Only what f does on its own goroutine is meant.
func ByModes(t testing.TB, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var was, is [2]unix.CapUserData
	if err := unix.Capget(&head, &was[0]); err != nil {
		t.Fatal(err)
	}
	is = was
	is[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_FOWNER
	if err := unix.Capset(&head, &is[0]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Capset(&head, &was[0]); err != nil {
			runtime.LockOSThread() // it ends with the goroutine instead of running others' code with fewer rights
			t.Error(err)
		}
	}()
	f()
}
