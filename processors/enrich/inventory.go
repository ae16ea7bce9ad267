// Package enrich adds to events what the inventory knows of the device that sent them.
//
// # The inventory file
//
// One file, CSV (.csv) or YAML (.yaml, .yml), says which devices there are. A missing file is an empty inventory.
//
//	name         the device's name, unique; the only column that must be filled
//	addresses    IP addresses and networks (CIDR), several separated by blanks or semicolons (YAML: a list)
//	site         where it stands                                    labels.site
//	group        what it belongs to                                 labels.group
//	service      what it serves                                     labels.service
//	owner        who answers for it                                 labels.owner
//	criticality  low, medium, high or critical                      labels.criticality
//	time_zone    zone of log lines that name none, as Asia/Seoul
//	presence     expected (its silence is an alarm) or ephemeral (it comes and goes)
//	class        retention class of its events
//
// CSV needs the names of the columns in its first line, in any order; a line that begins with # is a comment. YAML is
// a list of objects with the same keys. An unknown column or key is a mistake, as is an address that two devices have.
//
// # Which device an event belongs to
//
// The name in the line's header wins, if the inventory has it; then an address in the header; then the address of the
// socket: the exact one before the longest network around it. So lines that come through a relay belong to the device
// that wrote them, and a device behind no name belongs to its own address.
package enrich

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/internal/fault"
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
}

// Inventory is all devices. It never changes and is safe for many goroutines.
type Inventory struct {
	devices []*Device
	// Lower case.
	names map[string]*Device
	exact map[netip.Addr]*Device
	nets  map[netip.Prefix]*Device
	// Of nets, longest first.
	lengths []length
}

// length is one length of network, per family: 10.0.0.0/8 and 2001:db8::/8 are kept apart.
type length struct {
	bits int
	v4   bool
}

// Load reads an inventory file. A file that is not there is an empty inventory. Mistakes in the file are a fault.List
// with every one of them.
func Load(path string) (*Inventory, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return build(nil, nil)
	}
	if err != nil {
		return nil, &fault.Error{Code: "inventory-unreadable", What: "the inventory cannot be read", Where: path, Why: err.Error(), Exit: fault.ExitMissing, Cause: err}
	}
	return read(path, data)
}

// read reads the contents of an inventory file.
func read(path string, data []byte) (*Inventory, error) {
	// Editors on Windows put a mark of byte order first. It is no part of the first column's name, nor of its place.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	src := &source{file: path, lines: strings.Split(string(data), "\n")}
	var rows []row
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		rows = readCSV(src, string(data))
	case ".yaml", ".yml":
		rows = readYAML(src, data)
	default:
		src.faults = append(src.faults, &fault.Error{Code: "inventory-format", What: fmt.Sprintf("the inventory is a %s file", cmp.Or(ext, "nameless kind of")), Where: path, Do: "name it .csv or .yaml", Exit: fault.ExitUsage})
	}
	return build(src, rows)
}

// build makes the inventory of rows and reports everything that is wrong in them.
func build(src *source, rows []row) (*Inventory, error) {
	inv := &Inventory{names: map[string]*Device{}, exact: map[netip.Addr]*Device{}, nets: map[netip.Prefix]*Device{}}
	for _, r := range rows {
		if d := device(src, r); d != nil {
			inv.add(src, r, d)
		}
	}
	if src != nil && len(src.faults) > 0 {
		return nil, src.faults
	}
	for p := range inv.nets {
		if l := (length{p.Bits(), p.Addr().Is4()}); !slices.Contains(inv.lengths, l) {
			inv.lengths = append(inv.lengths, l)
		}
	}
	slices.SortFunc(inv.lengths, func(a, b length) int { return cmp.Compare(b.bits, a.bits) })
	return inv, nil
}

// add enters a device under its name and addresses.
func (inv *Inventory) add(src *source, r row, d *Device) {
	key := strings.ToLower(d.Name)
	if inv.names[key] != nil {
		src.fault(r["name"], fmt.Sprintf("two devices are called %s", d.Name), "give each device a name of its own")
		return
	}
	inv.names[key] = d
	inv.devices = append(inv.devices, d)
	for _, p := range d.Addresses {
		var other *Device
		if p.IsSingleIP() {
			other = inv.exact[p.Addr()]
			inv.exact[p.Addr()] = d
		} else {
			other = inv.nets[p]
			inv.nets[p] = d
		}
		if other != nil {
			src.fault(r["addresses"], fmt.Sprintf("%s has the address %s, which %s has already", d.Name, text(p), other.Name), "leave it with one of them")
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

// Lookup finds the device of an address: the exact one, else the longest network around it, else nil. It costs one look
// for each length of network that the file has, which are few.
func (inv *Inventory) Lookup(a netip.Addr) *Device {
	if !a.IsValid() {
		return nil
	}
	a = a.Unmap().WithZone("")
	if d := inv.exact[a]; d != nil {
		return d
	}
	for _, l := range inv.lengths {
		if l.v4 != a.Is4() {
			continue
		}
		if p, err := a.Prefix(l.bits); err == nil {
			if d := inv.nets[p]; d != nil {
				return d
			}
		}
	}
	return nil
}

// ByName finds a device by its name, in any case, nil if there is none.
func (inv *Inventory) ByName(name string) *Device {
	if name == "" || len(inv.names) == 0 {
		return nil
	}
	if d := inv.names[name]; d != nil {
		return d
	}
	return inv.names[strings.ToLower(name)]
}

// Find finds the device of a line by the host in its header and the address of its socket, see the package comment.
func (inv *Inventory) Find(peer netip.Addr, host string) *Device {
	if len(inv.devices) == 0 {
		return nil
	}
	if d := inv.ByName(host); d != nil {
		return d
	}
	if looksAddress(host) {
		if a, err := netip.ParseAddr(host); err == nil {
			if d := inv.Lookup(a); d != nil {
				return d
			}
		}
	}
	return inv.Lookup(peer)
}

// looksAddress spares names the cost of being refused as an address.
func looksAddress(s string) bool {
	return s != "" && (strings.IndexByte(s, ':') >= 0 || s[0]-'0' <= 9 && s[len(s)-1]-'0' <= 9)
}

// Zone returns the time zone of a line that names none, nil if the inventory does not know it. It has the form that
// the parser asks for.
func (inv *Inventory) Zone(peer netip.Addr, host string) *time.Location {
	if d := inv.Find(peer, host); d != nil {
		return d.Zone
	}
	return nil
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
