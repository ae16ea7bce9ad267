package asa

// rangeTable has blocks of message numbers that share one entry of the tables.
var rangeTable = []struct{ first, last, code string }{
	// The built-in signatures, 400000 to 400051.
	{"400000", "400051", "400000"},
}

// attackTable has what the device itself takes for an attack, and the limits that guard it.
var attackTable = []row{
	// Limits of connections, per host and in all.
	{"201002 201004 201005 201006", limited, []string{`{reason:r}`}},
	{"201003", limited, []string{
		`{reason} for {src}/{sport} ({_:a}) {dst}/{dport} on interface {sif:w}`,
		`{reason} {_:a} for {src}/{sport} ({_:a}) {dst}/{dport} on interface {sif:w}`,
	}},
	{"201009", limited, []string{`{reason} for host {src} on {sif} exceeded`}},
	{"201010 201011 201012 201013", limited, []string{
		`{reason} {_:w} for {dir} packet from {src}/{sport} to {dst}/{dport} on interface {sif:w}`,
	}},
	// Fragments that do not come together.
	{"209003 209004 209005 209006", dropped, []string{
		`{reason}: src = {src}, dest = {dst}, proto = {proto:t}, id = {_:n}`,
		`{reason} src = {src}[,] dest = {dst}`,
		`{reason:r}`,
	}},
	// Hardware addresses at a wrong interface, and ARP that contradicts the table.
	{"322001", spoofing, []string{`Deny MAC address {source.mac:t}, {reason} on interface {sif:w}`}},
	{"322002", spoofing, []string{
		`{reason} received from host {source.mac:w} on interface {sif}. This host is advertising MAC Address {_:w} for IP Address {src}, which is {_} bound to MAC Address {destination.mac:t}$`,
	}},
	{"322003", spoofing, []string{
		`{reason} received from host {source.mac:w} on interface {sif}. This host is advertising MAC Address {_:w} for IP Address {src}`,
	}},
	{"322004", spoofing, []string{`{reason:r}`}},
	{"400000", intrusion, []string{`IPS:{rule.id:n} {rule.name} from {src} to {dst} on interface {sif:w}`, `IDS:{rule.id:n} {rule.name} from {src} to {dst} on interface {sif:w}`}},
	// The list of shunned hosts.
	{"401001", shunList, []string{`{reason:r}`}},
	{"401002", shunList, []string{`Shun added: {src} {dst}[ {sport} {dport}]`}},
	{"401003", shunList, []string{`Shun deleted: {src}`}},
	{"401004", shunned, []string{`Shunned packet: {src} {==>|=} {dst} on interface {sif:w}`, `Shunned packet: {src} ==> {dst} on interface {sif:w}`}},
	{"401005", shunList, []string{`{reason}: {_:r}`}},
	// Two hosts with one address.
	{"405001", spoofing, []string{
		`Received ARP {_:w} collision from {src}/{source.mac:w} on interface {sif:w} with existing ARP entry {dst}/{destination.mac:w}`,
		`Received ARP {_:w} collision from {src}/{source.mac:w} on interface {sif:w}`,
	}},
	{"405002", spoofing, []string{`Received mac mismatch collision from {src}/{source.mac:w} for authenticated host`}},
	{"405003", spoofing, []string{
		`IP address collision detected between host {src} at {source.mac:w} and interface {sif}, {destination.mac:w}`,
	}},
	// FTP that names ports or addresses of others.
	{"406001 406002", dropped, []string{`{reason}: {src}[/{sport}][({_:p})] to {dst} on interface {sif:w}`}},
	// Limits of the licence.
	{"407001", limited, []string{`Deny traffic for local-host {sif}:{src}, {reason:r}`}},
	{"407002 407003", limited, []string{
		`{reason} for through connections exceeded.[ ]{src}/{sport} to {mdst} ({dst})/{dport} on interface {sif:w}`,
		`{reason:r}`,
	}},
	// What the inspection of HTTP finds.
	{"415001 415002 415003 415004 415005 415006 415007 415008 415009 415010 415011 415012 415013 415014 415015 415016 415017 415018 415019 415020", dropped, []string{
		`{=HTTP - |}{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{_:n} {reason} from {src} to {dst}`,
	}},
	// TCP that does not keep to its rules.
	{"419001", dropped, []string{
		`Dropping {proto} packet from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, reason: {reason:r}`,
	}},
	{"419002", dropped, []string{
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} with different initial sequence number`,
	}},
	{"419003", flowInfo, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	// What the intrusion prevention card decides; 434 is its successor.
	{"420002", dropped, []string{
		`{reason} {=packet|packets} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`,
		`{reason} {sif}:{src} to {dif}:{dst}`,
	}},
	{"420003", dropped, []string{`{reason} connection from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"434001", dropped, []string{`{reason}, dropping {proto} packet from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"434002 434003", dropped, []string{
		`{_} requested to {=drop|reset} {proto} {=packet|connection} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`,
	}},
	{"434004", flowInfo, []string{`{reason} flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	// Limits of the licence, per protocol.
	{"448001 450001", limited, []string{
		`Deny traffic for protocol {proto} src {sif}:{src}/{sport} dst {dif}:{dst}/{dport}, {reason:r}`,
		`{reason} on flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
	}},
	// Active content that was taken out of pages.
	{"500001 500002", dropped, []string{`{reason}: src {src} dest {dst} on interface {sif:w}`}},
	// Headers that cannot be right.
	{"500003", dropped, []string{
		`{reason} from {src}/{sport} to {dst}/{dport}, flags: {cisco.asa.tcp_flags}, on interface {sif:w}`,
	}},
	{"500004", dropped, []string{`{reason} for protocol={proto:t}, from {src}/{sport} to {dst}/{dport}`}},
	{"500005", dropped, []string{`connection terminated from {sif}:{src}/{sport} to {dif}:{dst}/{dport} due to {reason:r}`}},
	// Rates of drops above what is usual. The brackets are part of the text.
	{"733100", threat, []string{
		`\[ [ ]{cisco.asa.burst.object}] drop {cisco.asa.burst.id} exceeded. Current burst rate is {cisco.asa.burst.current_rate:n} per second, max configured rate is {cisco.asa.burst.configured_rate:n}; Current average rate is {cisco.asa.burst.avg_rate:n} per second, max configured rate is {cisco.asa.burst.configured_avg_rate:n}; Cumulative total count is {cisco.asa.burst.cumulative_count:n}`,
		`\[{cisco.asa.burst.object}] drop {cisco.asa.burst.id} exceeded. Current burst rate is {cisco.asa.burst.current_rate:n} per second, max configured rate is {cisco.asa.burst.configured_rate:n}; Current average rate is {cisco.asa.burst.avg_rate:n} per second, max configured rate is {cisco.asa.burst.configured_avg_rate:n}; Cumulative total count is {cisco.asa.burst.cumulative_count:n}`,
	}},
	// Hosts that attack or are attacked.
	{"733101", threat, []string{
		`\[{cisco.asa.burst.object}] {src:ip} is attacking. {reason:r}`,
		`\[{cisco.asa.burst.object}] {dst:ip} is targeted. {reason:r}`,
		`{=Subnet|Host} {src} is attacking. {reason:r}`,
		`{=Subnet|Host} {dst} is targeted. {reason:r}`,
	}},
	{"733102", shunList, []string{`Threat-detection adds host {src} to shun list`}},
	{"733103", shunList, []string{`Threat-detection removes host {src} from shun list`}},
	{"733104 733105", threat, []string{`{reason:r}`}},
}
