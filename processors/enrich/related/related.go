// Package related gathers in related.* what an event names, so that one search finds an address, a host, a user or a hash in
// any role.
//
// Which fields count is decided by their names, once: every field of ECS is a thing of one kind or of none. An event is
// then gone through once, whatever it has.
package related

import (
	"slices"
	"strings"
	"sync"

	"weir/event"
	"weir/internal/match/lists"
)

// kinds by field of related.*.
const (
	none uint8 = iota
	address
	host
	user
	hash
)

var into = [...]event.Field{address: event.RelatedIP, host: event.RelatedHosts, user: event.RelatedUser, hash: event.RelatedHash}

// kinds says of each field which kind of thing it names. Fields that are registered later belong to vendors, and are no
// fields of ECS.
var kinds = sync.OnceValue(func() []uint8 {
	out := make([]uint8, event.Known())
	for f := range out {
		out[f] = kindOf(event.Field(f).Path())
	}
	return out
})

// tops are the objects of ECS that are about the event's own things. Indicators are not: that a list knows an address does
// not mean that this event does.
var tops = []string{
	"source", "destination", "client", "server", "host", "observer", "user", "process", "file", "dll", "dns", "network", "url", "tls", "email",
	"container", "orchestrator",
}

// hosts are the fields that name hosts. Domains of users and groups are no hosts.
var hosts = []string{
	"host.name", "host.hostname", "observer.hostname", "source.domain", "destination.domain", "client.domain", "server.domain", "url.domain", "dns.question.name",
	"host.target.name", "host.target.hostname",
}

// users are the objects below which a name is that of a user.
var users = []string{
	"user", "user.target", "user.effective", "user.changes", "source.user", "destination.user", "client.user", "server.user", "process.user", "process.real_user", "process.saved_user",
}

// digests are the last parts of names of hashes that do not stand below an object called hash.
var digests = []string{"imphash", "pehash", "telfhash", "symhash", "import_hash", "go_import_hash", "ja3", "ja3s"}

// kindOf returns the kind of thing that a field names.
func kindOf(path string) uint8 {
	top, _, _ := strings.Cut(path, ".")
	at := strings.LastIndexByte(path, '.')
	if at < 0 || !slices.Contains(tops, top) {
		return none
	}
	above, last := path[:at], path[at+1:]
	switch {
	case last == "ip", last == "resolved_ip", last == "forwarded_ip":
		return address
	case slices.Contains(hosts, path):
		return host
	case last == "name" && slices.Contains(users, above):
		return user
	case strings.HasSuffix(above, ".hash"), slices.Contains(digests, last):
		return hash
	}
	return none
}

// Add gathers what e names. It may be called again when more is known: nothing is there twice.
func Add(e *event.Event) {
	// An event must not be changed while it is gone through. Of more fields than any device writes, the list gets memory of
	// its own.
	var room [48]event.Field
	list := room[:0]
	table := kinds()
	e.Each(func(f event.Field, _ event.Value) bool {
		if int(f) < len(table) && table[f] != none {
			list = append(list, f)
		}
		return true
	})
	// In the order of the fields, whatever the order in which they were set: equal events make equal documents.
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	for _, f := range list {
		v := e.Get(f)
		for j := range v.Len() {
			add(e, table[f], v.Item(j).Str())
		}
	}
}

// add adds one value. An address that stands in place of a name is an address.
func add(e *event.Event, kind uint8, s string) {
	if kind == host {
		if _, is := lists.ParseAddr(s); is {
			kind = address
		}
	}
	e.Append(into[kind], s)
}
