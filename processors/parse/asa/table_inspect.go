package asa

// inspectTable has what application inspection finds.
var inspectTable = []row{
	// H.323 that has no room.
	{"405101 405102 405103 405104 405105 405106 405107 405201 405300 405301", dropped, []string{
		`{reason} for {=foreign_address|faddr} {dst}[/{dport}] to {=local_address|laddr} {src}[/{sport}]`,
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{reason} from {src}[/{sport}] to {dst}[/{dport}]`,
		`{reason:r}`,
	}},
	// Routing between contexts.
	{"408001 408002 408003 408101 408102", routing, []string{`{reason:r}`}},
	// DNS.
	{"410001", dropped, []string{
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}; {_:r}`,
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
	}},
	{"410002", dropped, []string{`{reason}: from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"410003 410004", dropped, []string{`{_}: {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	// SNMP of a version that is not allowed.
	{"416001", dropped, []string{
		`Dropped {proto} {service} packet from {sif}:{src}/{sport} to {dif}:{dst}/{dport}; {reason:r}`,
	}},
	// NetBIOS.
	{"423001 423002 423003 423004 423005", dropped, []string{`{=Allowed|Dropped} {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	// Interfaces that are a backup.
	{"424001 424002", dropped, []string{
		`Packet denied {proto} {sif}:{src}/{sport} {dif}:{dst}/{dport}. {reason:r}`,
		`Connection {_} to or from {reason:r}`,
	}},
	// RTP.
	{"431001 431002", dropped, []string{`{_} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, Drop reason: {reason:r}`}},
	// TLS proxies.
	{"446001 446003", limited, []string{`{reason:r}`}},
	{"447001", exhausted, []string{`{reason:r}`}},
	// The TCP proxy of inspections.
	{"507001", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} - {_:r}`}},
	{"507002", dropped, []string{`{reason:r}`}},
	{"507003", dropped, []string{
		`{proto} flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport} terminated by inspection engine, reason - {reason:r}`,
		`{proto} flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport} terminated by inspection engine, {reason:r}`,
	}},
	// DCERPC.
	{"508001 508002", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, terminating connection`}},
	// SIP and Skinny.
	{"607002 607003 607004", dropped, []string{`{_}: {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"608002 608003 608004 608005", dropped, []string{`{reason} for {sif}:{src}/{sport} to {dif}:{dst}/{dport}`, `{reason:r}`}},
	// GTP.
	{"617001 617002 617003 617004", flowInfo, []string{`{reason} from {sif}:{src}/{sport} {_} {dif}:{dst}/{dport}`, `{reason:r}`}},
	{"618001", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} for connection {conn}, {_:r}`}},
	// CTIQBE and H.225.
	{"620002 703001 703002 703008", dropped, []string{`{reason} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]{_:r}`, `{reason:r}`}},
	// Instant messages.
	{"726001", flowInfo, []string{`{reason} Packet flow from {sif}:[/]{src}/{sport} to {dif}:[/]{dst}/{dport} Action: {_:r}`}},
	{"767001", dropped, []string{`{reason} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`}},
	// Web security in the cloud.
	{"775001 775002 775003 775004 775005 775006 775007", flowInfo, []string{
		`{_}: {proto} connection {conn} from {sif}:{src}/{sport}[[ ]({sid})] to {dif}:{dst}/{dport} {reason:r}`,
		`{reason:r}`,
	}},
	// Mobile devices.
	{"802005 802006", authInfo, []string{`IP {src} {reason:r}`}},
}
