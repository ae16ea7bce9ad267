package bind

import (
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Drops asks the kernel for a socket's count of datagrams that it dropped because the buffer was full: the number in
// the last column of /proc/net/udp, without reading the lines of all other sockets. The count wraps.
func Drops(c *net.UDPConn) (count uint32, ok bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, false
	}
	var info [unix.SK_MEMINFO_DROPS + 1]uint32
	size := uint32(unsafe.Sizeof(info))
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	return info[unix.SK_MEMINFO_DROPS], err == nil && errno == 0 && size == uint32(unsafe.Sizeof(info))
}
