package bind

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening is the state of a TCP listener in /proc/net/tcp; a bound UDP socket has the other one.
const (
	listening = "0A"
	bound     = "07"
)

// Holder returns the program that has a port: the socket's inode stands in /proc/net, and the process that has a file
// descriptor of that inode is found by looking at all of them. It sees the programs of the same user, or of all users if it runs as
// root. proc is /proc but in tests.
func Holder(proc, network string, port int) (name string, pid int, ok bool) {
	inodes := map[string]bool{}
	for _, file := range []string{network, network + "6"} {
		addInodes(filepath.Join(proc, "net", file), network, port, inodes)
	}
	if len(inodes) == 0 {
		return "", 0, false
	}
	dirs, err := os.ReadDir(proc)
	if err != nil {
		return "", 0, false
	}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil || !hasSocket(filepath.Join(proc, d.Name(), "fd"), inodes) {
			continue
		}
		comm, err := os.ReadFile(filepath.Join(proc, d.Name(), "comm"))
		if err != nil {
			continue
		}
		return strings.TrimSpace(string(comm)), pid, true
	}
	return "", 0, false
}

// addInodes adds the inodes of the sockets that listen on port, on whatever address: one on 0.0.0.0 is in the way of one
// on 127.0.0.1. Connections of clients have the port too, and another state.
func addInodes(file, network string, port int, inodes map[string]bool) {
	f, err := os.Open(file)
	if err != nil {
		return // no IPv6, or no /proc: then nothing is known
	}
	defer func() { _ = f.Close() }() // read only
	state := listening
	if network == "udp" {
		state = bound
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != state {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
			inodes["socket:["+fields[9]+"]"] = true
		}
	}
}

// hasSocket tells whether a process's folder of file descriptors holds one of the sockets. Only the process's own user
// and root may look into it.
func hasSocket(dir string, inodes map[string]bool) bool {
	fds, err := os.ReadDir(dir)
	if err != nil {
		return false // somebody else's, or gone
	}
	for _, fd := range fds {
		if to, err := os.Readlink(filepath.Join(dir, fd.Name())); err == nil && inodes[to] {
			return true
		}
	}
	return false
}
