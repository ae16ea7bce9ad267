package syslog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// batchDatagrams is how many datagrams one system call takes at most.
	batchDatagrams = 256
	// slotSize holds the longest UDP datagram and a little, so that the fronts of the slots do not fall on the same
	// lines of the processor's cache.
	slotSize = 64<<10 + 576
	// controlSize holds one control message with a number of 32 bits.
	controlSize = 32
)

// message is struct mmsghdr. The compiler pads it as the kernel does, on 32 and on 64 bits.
type message struct {
	head   unix.Msghdr
	length uint32
}

// receiver takes datagrams of one socket in batches (recvmmsg). Its slots are mapped, not allocated: nearly all of
// their 16 MiB is never touched, and the garbage collector need not count it. One goroutine at a time; what data
// returns is valid until the next wait or poll.
type receiver struct {
	raw      syscall.RawConn
	slots    []byte
	messages []message
	vectors  []unix.Iovec
	names    []unix.RawSockaddrInet6 // large enough for both families
	controls [][controlSize]byte
	zones    map[uint32]string
	used     int // messages that the kernel has written into
	tryFunc  func(fd uintptr) bool
	pollFunc func(fd uintptr)
	err      error
}

// newReceiver prepares the headers, which point to fixed slots, so that a call needs only the lengths set again.
func newReceiver(c *net.UDPConn) (*receiver, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reaching the socket: %w", err)
	}
	slots, err := unix.Mmap(-1, 0, batchDatagrams*slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("mapping memory for datagrams: %w", err)
	}
	r := &receiver{
		raw: raw, slots: slots, messages: make([]message, batchDatagrams), vectors: make([]unix.Iovec, batchDatagrams),
		names: make([]unix.RawSockaddrInet6, batchDatagrams), controls: make([][controlSize]byte, batchDatagrams), zones: map[uint32]string{},
		used: batchDatagrams,
	}
	for i := range r.messages {
		v := &r.vectors[i]
		v.Base = &slots[i*slotSize]
		v.SetLen(slotSize)
		h := &r.messages[i].head
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Iov = v
		h.SetIovlen(1)
		h.Control = &r.controls[i][0]
	}
	r.tryFunc = func(fd uintptr) bool { return !errors.Is(r.receive(fd), unix.EAGAIN) }
	r.pollFunc = func(fd uintptr) { _ = r.receive(fd) } // kept in r.err
	return r, nil
}

// close gives the slots back.
func (r *receiver) close() {
	_ = unix.Munmap(r.slots) // fails only for memory that is not mapped
}

// wait returns the number of datagrams received, at least 1. It blocks until there is one or the socket's deadline.
func (r *receiver) wait() (int, error) {
	if err := r.raw.Read(r.tryFunc); err != nil {
		return 0, err
	}
	return r.used, r.err
}

// poll is wait that returns 0 instead of blocking, and that no deadline stops.
func (r *receiver) poll() (int, error) {
	if err := r.raw.Control(r.pollFunc); err != nil {
		return 0, err
	}
	if errors.Is(r.err, unix.EAGAIN) {
		return 0, nil
	}
	return r.used, r.err
}

// receive calls the kernel once. The kernel has overwritten the lengths of the messages it used last time.
func (r *receiver) receive(fd uintptr) error {
	for i := range r.used {
		h := &r.messages[i].head
		h.Namelen = uint32(unsafe.Sizeof(r.names[i]))
		h.SetControllen(controlSize)
	}
	for {
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.messages[0])), batchDatagrams, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			r.used, r.err = int(n), nil
		case unix.EINTR:
			continue
		default:
			r.used, r.err = 0, os.NewSyscallError("recvmmsg", errno)
		}
		return r.err
	}
}

// data returns the bytes of the i-th datagram.
func (r *receiver) data(i int) []byte {
	return r.slots[i*slotSize:][:min(r.messages[i].length, slotSize)]
}

// peer returns the sender of the i-th datagram.
func (r *receiver) peer(i int) netip.AddrPort {
	n := &r.names[i]
	if n.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(n))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port(v4.Port))
	}
	a := netip.AddrFrom16(n.Addr).Unmap()
	if n.Scope_id != 0 && a.IsLinkLocalUnicast() {
		a = a.WithZone(r.zone(n.Scope_id))
	}
	return netip.AddrPortFrom(a, port(n.Port))
}

// port turns a port from the network's byte order.
func port(p uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], p)
	return binary.BigEndian.Uint16(b[:])
}

// zone names the interface of a link-local sender.
func (r *receiver) zone(id uint32) string {
	if z, ok := r.zones[id]; ok {
		return z
	}
	z := strconv.FormatUint(uint64(id), 10)
	if i, err := net.InterfaceByIndex(int(id)); err == nil {
		z = i.Name
	}
	r.zones[id] = z
	return z
}

// drops returns the socket's count of drops that the newest of n datagrams brought with it. The kernel sends none
// while it is 0. The control message is read by hand: the general parser of them allocates.
func (r *receiver) drops(n int) (count uint32, ok bool) {
	if n == 0 {
		return 0, false
	}
	h := &r.messages[n-1].head
	control := r.controls[n-1][:min(uint64(h.Controllen), controlSize)] //nolint:unconvert // 32 bits wide on 32-bit machines
	head := (*unix.Cmsghdr)(unsafe.Pointer(&r.controls[n-1][0]))
	if len(control) < unix.CmsgLen(4) || head.Level != unix.SOL_SOCKET || head.Type != unix.SO_RXQ_OVFL {
		return 0, false
	}
	return binary.NativeEndian.Uint32(control[unix.CmsgLen(0):]), true
}
