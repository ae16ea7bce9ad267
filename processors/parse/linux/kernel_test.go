package linux

import "testing"

func TestKernel(t *testing.T) {
	check(t, "kernel", Kernel, []row{
		{
			name: "out of memory",
			msg:  "[12345.678901] Out of memory: Killed process 4242 (mysqld) total-vm:1kB",
			want: `{"event":{"action":"oom-kill","category":["process"],"type":["end"]},"process":{"name":"mysqld","pid":4242}}`,
		},
		{
			name: "segfault",
			msg:  "[1.2] nginx[77]: segfault at 0 ip 00 sp 00 error 4",
			want: `{"event":{"action":"segfault","category":["process"],"outcome":"failure","type":["end"]},"process":{"name":"nginx","pid":77}}`,
		},
		{
			name: "promiscuous",
			msg:  "device eth0 entered promiscuous mode",
			want: `{"event":{"action":"promiscuous-mode","category":["host"],"type":["change"]}}`,
		},
		{
			name: "usb",
			msg:  "usb 1-1: New USB device found, idVendor=0781, idProduct=5567",
			want: `{"event":{"action":"usb-device-added","category":["host"],"type":["info"]}}`,
		},
		{
			name: "other",
			msg:  "klogd 1.4.1, log source = /proc/kmsg started.",
			want: `{}`,
		},
	})
}

func FuzzKernel(f *testing.F) {
	fuzz(f, "kernel", Kernel, "[1.2] Killed process 1, (x)", "a[1]: segfault at 0", "device eth0 entered promiscuous mode")
}

func TestSinceBoot(t *testing.T) {
	for s, want := range map[string]string{
		"[12345.678901] x": "x", "[    0.000000] x": "x", "[UFW BLOCK] x": "[UFW BLOCK] x", "[1.2]x": "[1.2]x", "x": "x", "": "", "[": "[",
	} {
		if got := sinceBoot(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
