package parse

import (
	"net/netip"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// related lists, by the field of related.*, where its values are found. The fields are those that every
// format may fill; what only one format knows it adds itself while it reads.
var related = []struct {
	into event.Field
	from []event.Field
}{
	{event.RelatedIP, []event.Field{
		event.SourceIP, event.DestinationIP, event.ClientIP, event.ServerIP, event.SourceNATIP, event.DestinationNATIP, event.HostIP,
	}},
	{event.RelatedUser, []event.Field{
		event.UserName, event.UserEffectiveName, event.UserTargetName, event.UserChangesName, event.SourceUserName, event.DestinationUserName,
	}},
	{event.RelatedHosts, []event.Field{
		event.HostHostname, event.HostName, event.ObserverHostname, event.SourceDomain, event.DestinationDomain,
	}},
	{event.RelatedHash, []event.Field{
		event.FileHashMd5, event.FileHashSha1, event.FileHashSha256, event.ProcessHashMd5, event.ProcessHashSha1, event.ProcessHashSha256,
	}},
}

// relate gathers in related.* what the event names, so that one search finds a user or an address in any role.
func relate(e *event.Event) {
	for i := range related {
		r := &related[i]
		for _, f := range r.from {
			if !e.Has(f) {
				continue
			}
			v := e.Get(f)
			for j := range v.Len() {
				name := v.Item(j).Str()
				if r.into == event.RelatedHosts {
					if _, _, isIP := ends.ParseIP(name); isIP {
						continue // an address that stands for the name is no host
					}
				}
				e.Append(r.into, name)
			}
		}
	}
}

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
