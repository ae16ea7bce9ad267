package risk

import (
	"net/netip"
	"slices"
	"strings"

	"weir/internal/alert"
)

// Kinds of what risk is about.
const (
	User    = "user"
	Host    = "host"
	Address = "address"
)

// Entity is a user, a host or an address.
type Entity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// kinds are the fields by which an alert names an entity in its group.
var kinds = map[string]string{
	"user.name": User, "user.target.name": User, "source.user.name": User, "destination.user.name": User, "client.user.name": User, "server.user.name": User,
	"host.name": Host, "host.hostname": Host, "winlog.computer_name": Host,
	"source.ip": Address, "destination.ip": Address, "client.ip": Address, "server.ip": Address, "host.ip": Address, "related.ip": Address,
	"related.user": User, "related.hosts": Host,
}

// seen are the fields of the evidence by which an alert that is grouped by something else, or by nothing, is about
// somebody: who did it, and where. Victims are left out: a spray over a thousand accounts says nothing of each.
var seen = []string{"user.name", "host.name", "source.ip"}

// field is under which name an entity of a kind is searched: an address in any role, since an alert may name it in several.
var field = map[string]string{User: "user.name", Host: "host.name", Address: "related.ip"}

// nobody are names that stand for many, or for none.
var nobody = map[string]bool{"": true, "-": true, "n/a": true, "unknown": true, "none": true, "null": true, "system": true, "local service": true,
	"network service": true, "anonymous logon": true, "localhost": true}

// Entities returns what an alert is about, sorted: what its group names, and what all of its evidence agrees in.
func Entities(a *alert.Alert) []Entity {
	var out []Entity
	add := func(path, value string) {
		if e, ok := entity(kinds[path], value); ok && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for path, value := range a.Group {
		add(path, value)
	}
	for _, path := range seen {
		if value, ok := common(a.Evidence, path); ok {
			add(path, value)
		}
	}
	slices.SortFunc(out, func(x, y Entity) int { return strings.Compare(x.Kind+"\x00"+x.Value, y.Kind+"\x00"+y.Value) })
	return out
}

// entity makes one of a value; ok is false for what is none. Letters are folded: systems write one name in several ways.
func entity(kind, value string) (Entity, bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	if kind == "" || nobody[value] {
		return Entity{}, false
	}
	if kind == Address {
		ip, err := netip.ParseAddr(value)
		ip = ip.Unmap().WithZone("")
		if err != nil || ip.IsLoopback() || ip.IsUnspecified() || ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			return Entity{}, false
		}
		value = ip.String()
	}
	return Entity{kind, value}, true
}

// common is the value that all of the evidence has in a field.
func common(list []alert.Evidence, path string) (value string, ok bool) {
	for i := range list {
		v := list[i].Values[path]
		if v == "" || i > 0 && v != value {
			return "", false
		}
		value = v
	}
	return value, value != ""
}
