package asa

// connectionTable has flows that are built and torn down.
var connectionTable = []row{
	// Media of H.323, whose ports signalling agrees on.
	{"302003 302005", flowStart, []string{
		`Built {service} connection for {=foreign_address|faddr} {dst}/{dport} {=local_address|laddr} {src}/{sport}`,
	}},
	{"302004", flowInfo, []string{
		`Pre-allocate {service} {proto} backconnection for {=foreign_address|faddr} {dst}[/{dport}] to {=local_address|laddr} {src}[/{sport}]`,
	}},
	{"302006", flowEnd, []string{`Teardown {service} connection {reason:r}`}},
	// A connection that was rebuilt after a failover.
	{"302009", flowStart, []string{
		`Rebuilt {proto} connection {conn} for {=foreign_address|faddr} {dst}/{dport} {=global_address|gaddr} {msrc}/{msport} {=local_address|laddr} {src}/{sport}`,
	}},
	{"302010", system, []string{`{reason:r}`}},
	{"302012", flowInfo, []string{
		`Pre-allocate {service}[ {_}] Connection for faddr {dst}[/{dport}] to laddr {src}[/{sport}]`,
	}},
	// A connection begins: TCP, UDP, SCTP. The outer end comes first whatever the direction is.
	{"302013 302015 302035", flowStart, []string{
		`Built {dir}[ Probe] {proto} connection {conn} for {sif}:{src}/{sport} ({msrc}/{msport})[({sid})] to {dif}:{dst}/{dport} ({mdst}/{mdport})[({did})][ ({cisco.asa.termination_user})]$`,
		`Built {dir}[ Probe] {proto} connection {conn} for {sif}:{src}/{sport}[ ({msrc}/{msport})][({sid})] to {dif}:{dst}/{dport}[ ({mdst}/{mdport})][({did})]`,
	}},
	// A connection ends. Behind the bytes: why, who ended it, and the user, each of which may be missing.
	{"302014 302016 302036", flowEnd, []string{
		`Teardown[ Probe] {proto} connection {conn} for {sif}:{src}/{sport}[({sid})] to {dif}:{dst}/{dport}[({did})] duration {dur}[ bytes {bytes}][ {reason:x}][ from {cisco.asa.termination_initiator}][ ({cisco.asa.termination_user:p})]$`,
		`Teardown[ Probe] {proto} connection {conn} for {sif}:{src}/{sport} {suser} to {dif}:{dst}/{dport}[ {duser}] duration {dur}[ bytes {bytes}][ {reason:x}][ from {cisco.asa.termination_initiator}][ ({cisco.asa.termination_user:p})]$`,
		`Teardown[ Probe] {proto} connection {conn} for {sif}:{src}/{sport} to {dif}:{dst}/{dport} {duser} duration {dur}[ bytes {bytes}][ {reason:x}][ from {cisco.asa.termination_initiator}][ ({cisco.asa.termination_user:p})]$`,
	}},
	// GRE, where call ids stand in the place of ports.
	{"302017", flowStart, []string{
		`Built {dir} {proto} connection {conn} {=from|for} {sif}:{src}[/{_:n}] ({msrc}[/{_:n}])[[ ]({sid})] to {dif}:{dst}[/{_:n}] ({mdst}[/{_:n}])[[ ]({did})][ ({cisco.asa.termination_user:p})]$`,
	}},
	{"302018", flowEnd, []string{
		`Teardown {proto} connection {conn} {=from|for} {sif}:{src}[/{_:n}][ ({msrc}[/{_:n}])][[ ]({sid})] to {dif}:{dst}[/{_:n}][ ({mdst}[/{_:n}])][[ ]({did})] duration {dur}[ bytes {bytes}][ ({cisco.asa.termination_user:p})]$`,
	}},
	{"302020", icmpStart, icmpPatterns},
	{"302021", icmpEnd, icmpPatterns},
	// Flows that another unit of a cluster owns.
	{"302022 302024 302026", flowStart, []string{
		`Built {_} stub {proto} connection for {sif}:{src}[/{sport}][ ({msrc}[/{msport}])][[ ]({sid})] to {dif}:{dst}[/{dport}][ ({mdst}[/{mdport}])]`,
	}},
	{"302023 302025 302027", flowEnd, []string{
		`Teardown[ {_}] stub {proto} connection for {sif}:{src}[/{sport}][[ ]({sid})] to {dif}:{dst}[/{dport}][[ ]({did})] duration {dur} forwarded bytes {bytes}[ {reason:r}]`,
	}},
	// The gatekeeper protocol of H.323.
	{"302033 302034", flowInfo, []string{
		`{_} {service} GUP Connection for faddr {dif}:{dst}/{dport} to laddr {sif}:{src}[/{sport}]`,
	}},
	// Flows past the state table.
	{"302303 302305 302307 302309", flowStart, []string{
		`Built {proto} state-bypass connection {conn} {=from|for} {sif}:{src}/{sport}[ ]({msrc}/{msport})[[ ]({sid})] to {dif}:{dst}/{dport}[ ]({mdst}/{mdport})`,
	}},
	{"302304 302306 302308 302310", flowEnd, []string{
		`Teardown {proto} state-bypass connection {conn} {=from|for} {sif}:{src}/{sport}[[ ]({sid})] to {dif}:{dst}/{dport}[[ ]({did})] duration[,] {dur}[,] bytes[,] {bytes}[,][ {reason:r}]`,
	}},
	// RTSP and its media.
	{"314001 314002 314003", flowInfo, []string{
		`{reason} {=backconnection|media connection} {=for|from} {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`,
		`{reason} from {sif}:{src} due to: {_:r}`,
	}},
	{"314004", urlAllowed, []string{`RTSP client {sif}:{src} accessed RTSP URL {url}`}},
	// Channels that signalling protocols open: SIP, Skinny, MGCP, CTIQBE.
	{"607001 608001 616001 620001", flowInfo, []string{
		`Pre-allocate {service} {_} secondary channel for {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}] from {reason} message`,
		`Pre-allocate {service} {_} for {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}] from {reason} message`,
	}},
	// The device begins and ends to keep state for a host.
	{"609001", hostStart, []string{`Built local-host {sif}:{src}`, `Built local-host {sif}/{_}: {src}`}},
	{"609002", hostEnd, []string{`Teardown local-host {sif}:{src} duration {dur}`, `Teardown local-host {sif}/{_}: {src} duration {dur}`}},
	// Flows that hardware takes over and gives back.
	{"805001 805002 805003", flowInfo, []string{
		`{reason} for connection {conn} from {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport})`,
		`{reason} for connection {conn}[.]`,
	}},
}

// icmpPatterns name the foreign address first: it is the destination whatever the direction.
var icmpPatterns = []string{
	`{=Built|Teardown}[ {dir}] {proto} connection for faddr {dst}/{_:n}[({did})] gaddr {msrc}/{_:n} laddr {src}/{_:n}[({sid})][ ({suser:p})][ type {type} code {icode}]`,
	`{=Built|Teardown}[ {dir}] {proto} connection {conn} for faddr {dst}/{_:n}[({did})] gaddr {msrc}/{_:n} laddr {src}/{_:n}[({sid})][ ({suser:p})][ type {type} code {icode}]`,
}

// natTable has translations.
var natTable = []row{
	// No address is left to translate to.
	{"202001 202005 202010 202011", exhausted, []string{
		`{reason} Unable to create {proto} connection from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{reason:r}`,
	}},
	// No rule says how to translate, or the translation fails.
	{"305005", natFailed, []string{
		`{reason} for {proto} src {sif}:[ ]{src}[/{sport}][[ ]({sid})] dst {dif}:[ ]{dst}[/{dport}][[ ]({did})][ (type {type}, code {icode})]`,
		`{reason} for protocol {proto} src {sif}:[ ]{src} dst {dif}:[ ]{dst}`,
	}},
	{"305006", natFailed, []string{
		`{reason} for[ protocol] {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}][[ ]({did})][ (type {type}, code {icode})]`,
	}},
	{"305007 305008", natFailed, []string{`{reason:r}`}},
	// Whole addresses that are translated.
	{"305009", natStart, []string{`Built {=dynamic|static|identity} translation from {sif}:{src}[[ ]({sid})] to {dif}:{dst}`}},
	{"305010", natEnd, []string{`Teardown {=dynamic|static|identity} translation from {sif}:{src}[[ ]({sid})] to {dif}:{dst} duration {dur}`}},
	// Single ports that are translated.
	{"305011", natStart, []string{
		`Built {=dynamic|static} {proto} translation from {sif}:{src}[/{sport}][[ ]({sid})] to {dif}:{dst}[/{dport}]`,
	}},
	{"305012", natEnd, []string{
		`Teardown {=dynamic|static} {proto} translation from {sif}:{src}[/{sport}][[ ]({sid})] to {dif}:{dst}[/{dport}] duration {dur}`,
	}},
	// The way back would be translated otherwise: a mistake in the rules.
	{"305013", natFailed, []string{
		`{reason}; Connection[ for][ protocol] {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}][[ ]({did})][ (type {type}, code {icode})] denied`,
		`{reason}; Connection[ for][ protocol] {proto} src {sif}:{src} dst {dif}:{dst}`,
	}},
	// Blocks of ports, logged instead of single ones.
	{"305014", natStart, []string{`Allocated {_} block of ports for translation from {sif}:{src} to {dif}:{dst}[/{dport}]`, `Allocated block of ports for translation from {sif}:{src} to {dif}:{dst}[/{dport}]`}},
	{"305015", natEnd, []string{`Released {_} block of ports for translation from {sif}:{src} to {dif}:{dst}[/{dport}]`, `Released block of ports for translation from {sif}:{src} to {dif}:{dst}[/{dport}]`}},
	{"305016 305017 305018 305019 305020 305021", natFailed, []string{`{reason:r}`}},
}
