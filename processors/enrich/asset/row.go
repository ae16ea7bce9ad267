package asset

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"weir/processors/enrich/table"
)

// form is what an inventory file looks like, its columns in the order of the documentation.
var form = table.Form{
	Prefix: "inventory", File: "inventory", Row: "device", Key: "normalise.inventory",
	Columns: []string{
		"name", "addresses", "mac", "site", "group", "service", "owner", "criticality", "time_zone", "presence", "class", "dataset", "snmp_profile", "valid_from", "valid_to",
	},
}

// classNames are names of retention classes: the archive has folders of that name.
var classNames = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// device makes a device of a row, nil if its name is missing. Every mistake is reported.
func device(src *table.Source, r table.Row) *Device {
	d := &Device{
		Name: r["name"].Text(), Site: r["site"].Text(), Group: r["group"].Text(), Service: r["service"].Text(), Owner: r["owner"].Text(),
		Class: r["class"].Text(), Dataset: r["dataset"].Text(), SNMPProfile: r["snmp_profile"].Text(),
		Criticality: src.OneOf(r, "criticality", "low", "medium", "high", "critical"),
	}
	if d.Name == "" {
		src.Fault(r["name"], "a device has no name", "fill in name")
		return nil
	}
	for _, s := range r["addresses"].Words() {
		p, err := prefix(s)
		if err != nil {
			src.Fault(r["addresses"], fmt.Sprintf("%q is not an address or a network", s), "write it as 192.0.2.1 or 192.0.2.0/24")
			continue
		}
		d.Addresses = append(d.Addresses, p)
	}
	for _, s := range r["mac"].Words() {
		m, ok := parseMAC(s)
		if !ok {
			src.Fault(r["mac"], fmt.Sprintf("%q is not a hardware address", s), "write it as 00-00-5E-00-53-23")
			continue
		}
		d.macs = append(d.macs, m)
	}
	loc := time.UTC
	if zone := r["time_zone"].Text(); zone != "" {
		own, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			src.Fault(r["time_zone"], fmt.Sprintf("unknown time zone %q", zone), "write it as Asia/Seoul or UTC")
		} else {
			d.Zone, loc = own, own
		}
	}
	if d.Class != "" && !classNames.MatchString(d.Class) {
		src.Fault(r["class"], fmt.Sprintf("%q is no name of a class", d.Class), "use lower-case letters, digits and hyphens, beginning with a letter")
	}
	if pkg, stream, ok := strings.Cut(d.Dataset, "."); d.Dataset != "" && (!ok || pkg == "" || stream == "") {
		src.Fault(r["dataset"], fmt.Sprintf("%q is no dataset", d.Dataset), "write package and stream, as cisco_asa.log: weir formats list")
	}
	switch src.OneOf(r, "presence", "expected", "ephemeral") {
	case "expected":
		d.Expected = true
	case "ephemeral":
		d.Ephemeral = true
	}
	d.from, d.to = src.Validity(r, loc)
	return d
}

// prefix reads an address or a network. Bits behind the network's length are dropped, as in 192.0.2.1/24.
func prefix(s string) (netip.Prefix, error) {
	if strings.IndexByte(s, '/') >= 0 {
		p, err := netip.ParsePrefix(s)
		// Lookup asks with IPv4 addresses as such: a network of them that is written as IPv6 must be one too.
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// mac is a hardware address as a number.
type mac uint64

// parseMAC reads a hardware address as people and devices write it: 00-00-5E-00-53-23, 00:00:5e:00:53:23, 0000.5e00.5323,
// 00005e005323.
func parseMAC(s string) (m mac, ok bool) {
	digits := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			m, digits = m<<4|mac(c-'0'), digits+1
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			m, digits = m<<4|mac(c|0x20-'a'+10), digits+1
		case (c == '-' || c == ':') && digits > 0 && digits%2 == 0, c == '.' && digits > 0 && digits%4 == 0:
		default:
			return 0, false
		}
	}
	return m, digits == 12
}
