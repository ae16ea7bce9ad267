package parse

import "net/netip"

// maxPeers bounds the memory of texts: a forged sender address costs no more than this. When the table is full it begins
// anew, which costs the devices of a site one text each.
const maxPeers = 4096

// texts remembers how addresses and offsets are written. One goroutine.
type texts struct {
	peers   map[netip.Addr]string
	offsets map[int]string
}

// peer returns the address of a socket as text, "" if it is not known. A socket that takes both families says ::ffff:a.b.c.d
// for what is an address of version 4, and a zone means something on this machine only: neither belongs into a document.
func (t *texts) peer(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	if s, ok := t.peers[a]; ok {
		return s
	}
	if t.peers == nil || len(t.peers) >= maxPeers {
		t.peers = map[netip.Addr]string{}
	}
	s := a.Unmap().WithZone("").String()
	t.peers[a] = s
	return s
}

// offset returns seconds east of UTC as text. There are a few dozen in the world; what a forged stamp makes up is bounded
// by what a header accepts as an offset.
func (t *texts) offset(seconds int) string {
	if s, ok := t.offsets[seconds]; ok {
		return s
	}
	if t.offsets == nil {
		t.offsets = map[int]string{}
	}
	s := offsetText(seconds)
	t.offsets[seconds] = s
	return s
}
