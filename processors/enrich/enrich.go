package enrich

import (
	"net/netip"

	"weir/event"
)

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
	if e.Has(event.ObserverName) || e.Has(event.ObserverHostname) || e.Has(event.ObserverType) {
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
