// Package asset is the inventory: which devices there are, and what people know of each.
//
// # The inventory file
//
// One file, CSV (.csv) or YAML (.yaml, .yml), says which devices there are. A missing file is an empty inventory.
//
//	name         the device's name, unique; the only column that must be filled
//	addresses    IP addresses and networks (CIDR), several separated by blanks or semicolons (YAML: a list)
//	mac          hardware addresses, likewise
//	site         where it stands                                    labels.site
//	group        what it belongs to                                 labels.group
//	service      what it serves                                     labels.service
//	owner        who answers for it                                 labels.owner
//	criticality  low, medium, high or critical                      labels.criticality
//	time_zone    zone of log lines that name none, as Asia/Seoul
//	presence     expected (its silence is an alarm) or ephemeral (it comes and goes)
//	class        retention class of its events, where no class of the file of classes takes them
//	dataset      format of its messages, where they do not show it
//	snmp_profile how it is polled
//	valid_from   first day on which the row counts
//	valid_to     last day on which it does
//
// CSV needs the names of the columns in its first line, in any order; a line that begins with # is a comment. YAML is
// a list of objects with the same keys. An unknown column or key is a mistake, as is an address that two devices have at
// the same time.
//
// # Which device an event belongs to
//
// The name in the line's header wins, if the inventory has it; then an address in the header; then the address of the
// socket: the exact one before the longest network around it. So lines that come through a relay belong to the device
// that wrote them, and a device behind no name belongs to its own address.
package asset

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/processors/enrich/table"
)

// Device is one line of the inventory. It never changes: events alias its strings for as long as they live, also when a
// newer inventory has taken its place.
type Device struct {
	Name string
	// A single address is a prefix of full length.
	Addresses   []netip.Prefix
	Site        string
	Group       string
	Service     string
	Owner       string
	Criticality string
	// Nil: not given.
	Zone *time.Location
	// Its silence is an alarm.
	Expected bool
	// It comes and goes.
	Ephemeral bool
	Class     string
	// Dataset is the format of its messages, "" where they show it themselves.
	Dataset string
	// SNMPProfile names how it is polled.
	SNMPProfile string

	macs []mac
	// In nanoseconds since 1970, to not included; 0: nothing bounds it.
	from, to int64
}

// counts tells whether the row counts at a moment.
func (d *Device) counts(at int64) bool {
	return (d.from == 0 || d.from <= at) && (d.to == 0 || at < d.to)
}

// Inventory is all devices. It never changes and is safe for many goroutines.
type Inventory struct {
	devices []*Device
	// Lower case. Of most keys there is one device; of those that changed hands, one for each time.
	names map[string][]*Device
	exact map[netip.Addr][]*Device
	nets  map[netip.Prefix][]*Device
	macs  map[mac][]*Device
	// Of nets, longest first.
	lengths []length
	// Some row counts for a time only.
	dated bool
	// Some row names the format of its messages, or a class of its events.
	datasets, classes bool
}

// length is one length of network, per family: 10.0.0.0/8 and 2001:db8::/8 are kept apart.
type length struct {
	bits int
	v4   bool
}

// Load reads an inventory file. A file that is not there is an empty inventory. Mistakes in the file are a fault.List
// with every one of them.
func Load(path string) (*Inventory, error) {
	src, rows, err := table.Load(form, path)
	if err != nil {
		return nil, err
	}
	return build(src, rows)
}

// read reads the contents of an inventory file.
func read(path string, data []byte) (*Inventory, error) {
	return build(table.Read(form, path, data))
}

// build makes the inventory of rows and reports everything that is wrong in them.
func build(src *table.Source, rows []table.Row) (*Inventory, error) {
	inv := &Inventory{names: map[string][]*Device{}, exact: map[netip.Addr][]*Device{}, nets: map[netip.Prefix][]*Device{}, macs: map[mac][]*Device{}}
	for _, r := range rows {
		if d := device(src, r); d != nil {
			inv.add(src, r, d)
		}
	}
	if src != nil && len(src.Faults) > 0 {
		return nil, src.Faults
	}
	for p := range inv.nets {
		if l := (length{p.Bits(), p.Addr().Is4()}); !slices.Contains(inv.lengths, l) {
			inv.lengths = append(inv.lengths, l)
		}
	}
	slices.SortFunc(inv.lengths, func(a, b length) int { return cmp.Compare(b.bits, a.bits) })
	return inv, nil
}

// enter puts a device under a key, and returns another one that has the key at the same time, nil if there is none.
func enter[K comparable](m map[K][]*Device, key K, d *Device) (other *Device) {
	for _, o := range m[key] {
		if table.Overlap(d.from, d.to, o.from, o.to) {
			return o
		}
	}
	m[key] = append(m[key], d)
	return nil
}

// add enters a device under its name and addresses.
func (inv *Inventory) add(src *table.Source, r table.Row, d *Device) {
	if enter(inv.names, strings.ToLower(d.Name), d) != nil {
		src.Fault(r["name"], fmt.Sprintf("two devices are called %s", d.Name), "give each device a name of its own, or times of validity that do not overlap")
		return
	}
	inv.devices = append(inv.devices, d)
	inv.dated = inv.dated || d.from != 0 || d.to != 0
	inv.datasets, inv.classes = inv.datasets || d.Dataset != "", inv.classes || d.Class != ""
	for _, p := range d.Addresses {
		var other *Device
		if p.IsSingleIP() {
			other = enter(inv.exact, p.Addr(), d)
		} else {
			other = enter(inv.nets, p, d)
		}
		if other != nil {
			src.Fault(r["addresses"], fmt.Sprintf("%s has the address %s, which %s has already", d.Name, text(p), other.Name), "leave it with one of them, or give both times of validity that do not overlap")
		}
	}
	for _, m := range d.macs {
		if other := enter(inv.macs, m, d); other != nil {
			src.Fault(r["mac"], fmt.Sprintf("%s has a hardware address that %s has already", d.Name, other.Name), "leave it with one of them")
		}
	}
}

// text writes an address as it stands in the file.
func text(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// Devices returns all devices in the order of the file. The caller must not change the slice.
func (inv *Inventory) Devices() []*Device { return inv.devices }

// pick returns the one of the devices of a key that has it at a moment; at 0 is now.
func (inv *Inventory) pick(list []*Device, at int64) *Device {
	if !inv.dated { // then a key has one device, which always has it
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	for _, d := range list {
		if at == 0 && (d.from != 0 || d.to != 0) {
			at = time.Now().UnixNano()
		}
		if d.counts(at) {
			return d
		}
	}
	return nil
}

// Lookup finds the device that has an address at a moment, in nanoseconds since 1970 or 0 for now: the exact one, else the
// longest network around it, else nil. It costs one look for each length of network that the file has, which are few.
func (inv *Inventory) Lookup(a netip.Addr, at int64) *Device {
	if !a.IsValid() {
		return nil
	}
	a = a.Unmap().WithZone("")
	if d := inv.pick(inv.exact[a], at); d != nil {
		return d
	}
	for _, l := range inv.lengths {
		if l.v4 != a.Is4() {
			continue
		}
		if p, err := a.Prefix(l.bits); err == nil {
			if d := inv.pick(inv.nets[p], at); d != nil {
				return d
			}
		}
	}
	return nil
}

// ByName finds a device by its name, in any case, nil if there is none at that moment.
func (inv *Inventory) ByName(name string, at int64) *Device {
	if name == "" || len(inv.names) == 0 {
		return nil
	}
	if list, ok := inv.names[name]; ok {
		return inv.pick(list, at)
	}
	return inv.pick(inv.names[strings.ToLower(name)], at)
}

// byMAC finds a device by a hardware address, nil if there is none.
func (inv *Inventory) byMAC(text string, at int64) *Device {
	if len(inv.macs) == 0 {
		return nil
	}
	m, ok := parseMAC(text)
	if !ok {
		return nil
	}
	return inv.pick(inv.macs[m], at)
}

// Find finds the device of a line by the host in its header and the address of its socket, see the package comment.
func (inv *Inventory) Find(peer netip.Addr, host string, at int64) *Device {
	if len(inv.devices) == 0 {
		return nil
	}
	if d := inv.ByName(host, at); d != nil {
		return d
	}
	if looksAddress(host) {
		if a, err := netip.ParseAddr(host); err == nil {
			if d := inv.Lookup(a, at); d != nil {
				return d
			}
		}
	}
	return inv.Lookup(peer, at)
}

// looksAddress spares names the cost of being refused as an address.
func looksAddress(s string) bool {
	return s != "" && (strings.IndexByte(s, ':') >= 0 || s[0]-'0' <= 9 && s[len(s)-1]-'0' <= 9)
}

// Zone returns the time zone of a line that names none, nil if the inventory does not know it. It has the form that
// the parser asks for.
func (inv *Inventory) Zone(peer netip.Addr, host string) *time.Location {
	if d := inv.Find(peer, host, 0); d != nil {
		return d.Zone
	}
	return nil
}

// Dataset returns the format of the messages of a sender, "" if the inventory does not say one. It has the form that the
// parser asks for.
func (inv *Inventory) Dataset(peer netip.Addr, host string) string {
	if !inv.datasets { // it is asked for every record
		return ""
	}
	if d := inv.Find(peer, host, 0); d != nil {
		return d.Dataset
	}
	return ""
}

// Holder holds the inventory that counts now. It is safe for many goroutines.
type Holder struct {
	path string
	now  atomic.Pointer[Inventory]
}

// NewHolder loads an inventory file to be loaded again later.
func NewHolder(path string) (*Holder, error) {
	h := &Holder{path: path}
	return h, h.Reload()
}

// Reload reads the file again. With mistakes in it the inventory from before stays; a Holder that never had one has an
// empty one.
func (h *Holder) Reload() error {
	inv, err := Load(h.path)
	if err != nil {
		if h.now.Load() == nil {
			empty, _ := build(nil, nil) // nothing can be wrong in no rows
			h.now.Store(empty)
		}
		return err
	}
	h.now.Store(inv)
	return nil
}

// Inventory returns the inventory that counts now.
func (h *Holder) Inventory() *Inventory { return h.now.Load() }
