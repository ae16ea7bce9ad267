// Package snmptrap receives SNMP traps and informs of the versions 1, 2c and 3 over UDP.
//
// # What is published
//
// An SNMP message carries its password: the community, or in version 3 what proves the key. So the record is not the
// datagram but a JSON document of what the datagram says (document.go), without either. A varbind that carries a
// community (snmpTrapCommunity, which proxies add) loses its value.
//
// # Who runs what
//
// Run owns two goroutines: one receives, decodes and emits, one asks for the kernel's drop counts. The decoder belongs
// to the first. An INFORM is answered from the goroutine of the front door that calls done, after Kafka has the record;
// what is never acknowledged is never answered, and its sender sends it again.
//
// # Version 3
//
// The header is read here (header.go), so that user, level and digest are judged before anything else is looked at, and
// with the right reason; gosnmp then decrypts and decodes. Keys are made once per user and engine. The sender of a trap
// is authoritative for its engine; for INFORMs this receiver is, so it has an engine of its own, whose id and boots are
// kept in Options.Dir, and answers discovery and wrong clocks with reports. A trap of an authenticated engine whose
// clock ran backwards may be a replay: it is kept, and says so.
//
// # What is counted
//
// Every datagram is received; what is turned away is refused with its reason: rate, community, user, level,
// authentication, decryption, malformed, no-trap. Messages of the protocol that are no records (discovery, a first
// message with a wrong clock) are neither.
package snmptrap
