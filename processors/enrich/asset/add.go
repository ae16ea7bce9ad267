package asset

import (
	"net/netip"

	"weir/event"
	"weir/processors/enrich/role"
)

// Add adds what the inventory knows of the sender of an event, of its source and of its destination, and counts the lookups
// that found a device and those that did not. peer is the address of the socket. Which device has an address is asked for
// the time of the event, since addresses change hands.
func (inv *Inventory) Add(e *event.Event, peer netip.Addr, addrs *role.Addresses) (found, missed int) {
	if len(inv.devices) == 0 {
		return 0, 0
	}
	at := inv.moment(e)
	count := func(d *Device) {
		if d != nil {
			found++
		} else {
			missed++
		}
	}
	sender := inv.sender(e, peer, at)
	Enrich(e, sender)
	count(sender)
	for i := range ends {
		end := &ends[i]
		if d, asked := inv.end(e, end, addrs[end.role], at); asked {
			end.set(e, d)
			count(d)
		}
	}
	return found, missed
}

// sender finds the device that an event belongs to. Of an event without a name in a header, as agents send it, the host that
// it names itself comes before the socket, which may be that of a relay.
func (inv *Inventory) sender(e *event.Event, peer netip.Addr, at int64) *Device {
	header := e.Str(event.LogSyslogHostname)
	if header == "" && !observed(e) {
		if d := inv.own(e, at); d != nil {
			return d
		}
	}
	return inv.Find(peer, header, at)
}

// Class returns the retention class of the events of a sender, "" if the inventory does not say one.
func (inv *Inventory) Class(e *event.Event, peer netip.Addr) string {
	if !inv.classes { // it is asked for every event
		return ""
	}
	if d := inv.sender(e, peer, inv.moment(e)); d != nil {
		return d.Class
	}
	return ""
}

// moment is the time of an event for which devices are asked, 0 where it does not matter.
func (inv *Inventory) moment(e *event.Event) int64 {
	if !inv.dated {
		return 0
	}
	if at := e.Get(event.WeirTime).Int(); at != 0 {
		return at
	}
	return e.Get(event.Timestamp).Int()
}

// own finds the device by what the event says of its host.
func (inv *Inventory) own(e *event.Event, at int64) *Device {
	for _, f := range [...]event.Field{event.HostName, event.HostHostname} {
		if d := inv.ByName(e.Str(f), at); d != nil {
			return d
		}
	}
	if e.Has(event.HostIP) {
		ips := e.Get(event.HostIP)
		for i := range ips.Len() {
			// Loopback and the like are on every host.
			if a := role.Parse(ips.Item(i).Str()); a.IsGlobalUnicast() {
				if d := inv.Lookup(a, at); d != nil {
					return d
				}
			}
		}
	}
	if e.Has(event.HostMAC) && len(inv.macs) > 0 {
		macs := e.Get(event.HostMAC)
		for i := range macs.Len() {
			if d := inv.byMAC(macs.Item(i).Str(), at); d != nil {
				return d
			}
		}
	}
	return nil
}

// observed tells whether the sender watches others: its name is that of an observer then.
func observed(e *event.Event) bool {
	return e.Has(event.ObserverName) || e.Has(event.ObserverHostname) || e.Has(event.ObserverType)
}

// Enrich adds what the inventory says of the device that sent e. A nil device adds nothing. The strings that are set
// are those of the device, which never change.
//
// The name goes to host.name, or to observer.name where the event has an observer, unless the line said a name itself;
// an address that stands for the name gives way. The rest goes to labels.*.
func Enrich(e *event.Event, d *Device) {
	if d == nil {
		return
	}
	name := event.HostName
	if observed(e) {
		name = event.ObserverName
	}
	if now := e.Str(name); now == "" || isAddress(now) {
		e.Set(name, event.Str(d.Name))
	}
	e.Append(event.RelatedHosts, d.Name)
	for _, l := range [...]struct{ key, value string }{
		{"site", d.Site}, {"group", d.Group}, {"service", d.Service}, {"owner", d.Owner}, {"criticality", d.Criticality},
	} {
		if l.value != "" {
			e.SetMember(event.Labels, l.key, event.Str(l.value))
		}
	}
}

func isAddress(s string) bool {
	if !looksAddress(s) {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// end is one end of a connection: what it is found by, and where what is known of it goes.
type end struct {
	role                                           role.Role
	domain, mac                                    event.Field
	name, site, group, service, owner, criticality event.Field
}

var ends = [...]end{
	{role.Source, event.SourceDomain, event.SourceMAC,
		event.WeirAssetSourceName, event.WeirAssetSourceSite, event.WeirAssetSourceGroup, event.WeirAssetSourceService, event.WeirAssetSourceOwner, event.WeirAssetSourceCriticality},
	{role.Destination, event.DestinationDomain, event.DestinationMAC,
		event.WeirAssetDestinationName, event.WeirAssetDestinationSite, event.WeirAssetDestinationGroup, event.WeirAssetDestinationService, event.WeirAssetDestinationOwner, event.WeirAssetDestinationCriticality},
}

// end finds the device at one end, by its address, its name or its hardware address. asked is false where the event says
// nothing of that end.
func (inv *Inventory) end(e *event.Event, end *end, a netip.Addr, at int64) (d *Device, asked bool) {
	if a.IsValid() {
		asked = true
		if d = inv.Lookup(a, at); d != nil {
			return d, true
		}
	}
	if e.Has(end.domain) {
		asked = true
		if d = inv.ByName(e.Str(end.domain), at); d != nil {
			return d, true
		}
	}
	if e.Has(end.mac) {
		return inv.byMAC(e.Str(end.mac), at), true
	}
	return nil, asked
}

// set writes what is known of the device at this end.
func (x *end) set(e *event.Event, d *Device) {
	if d == nil {
		return
	}
	e.SetStr(x.name, d.Name)
	e.SetStr(x.site, d.Site)
	e.SetStr(x.group, d.Group)
	e.SetStr(x.service, d.Service)
	e.SetStr(x.owner, d.Owner)
	e.SetStr(x.criticality, d.Criticality)
	e.Append(event.RelatedHosts, d.Name)
}
