package asa

// accessTable has what access lists, the state table and application filters decide.
var accessTable = []row{
	// A connection to an address behind the device that nothing allows.
	{"106001", denied, []string{
		`{dir} {proto} connection denied from {src}/{sport} to {dst}/{dport}[ flags {cisco.asa.tcp_flags}] on interface {sif:w}`,
	}},
	// Lists on the way out, of the oldest releases.
	{"106002", denied, []string{`{proto} connection denied by outbound list {acl} src {src}[/{sport}] dest {dst}[/{dport}]$`}},
	// UDP from outside that no list allows; 106007 is the same for DNS, where the server answers late.
	{"106006", denied, []string{
		`Deny {dir} {proto} from {src}/{sport}[({sid})] to {dst}/{dport}[({did})] on interface {sif:w}`,
	}},
	{"106007", deniedDNS, []string{
		`Deny {dir} {proto} from {src}/{sport}[({sid})] to {dst}/{dport}[({did})] due to {_:r}`,
	}},
	// Everything else from outside; 106011 where no translation exists.
	{"106010 106011", denied, []string{
		`Deny {dir}[ (No xlate)][ protocol] {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}][[ ]({did})][ (type {type}, code {icode})]`,
		`Deny {dir}[ (No xlate)][ protocol] {proto} src {src}[/{sport}] dst {dst}[/{dport}]`,
	}},
	// IP options, which are dropped whatever the lists say.
	{"106012", denied, []string{`Deny IP from {src} to {dst}, IP options{reason:r}`}},
	// Somebody pings an address that stands for many hosts.
	{"106013", denied, []string{`Dropping {=echo request} from {src} to PAT address {dst}`}},
	// ICMP from outside. A blank may stand behind the colon.
	{"106014", denied, []string{
		`Deny {dir} {proto} src {sif}:[ ]{src}[[ ]({sid})] dst {dif}:[ ]{dst}[[ ]({did})] (type {type}, code {icode})`,
	}},
	// A packet without a connection: mostly a late one, sometimes a scan.
	{"106015", denied, []string{
		`Deny {proto} ({_}) from {src}/{sport} to {dst}/{dport} flags {cisco.asa.tcp_flags} on interface {sif:w}`,
	}},
	// A source that cannot be: all zeros, a broadcast, the device itself.
	{"106016", denied, []string{`Deny IP spoof from ({src}) to {dst} on interface {sif:w}`}},
	// Source and destination are the same.
	{"106017", denied, []string{`Deny IP due to Land Attack from {src} to {dst}`}},
	// ICMP that a list on the way out denies.
	{"106018", denied, []string{`{proto} packet type {type} denied by outbound list {acl} src {src} dest {dst}`}},
	// Fragments that overlap.
	{"106020", denied, []string{`Deny IP teardrop fragment ({reason}) from {src} to {dst}`}},
	// The way back to the source leads through another interface.
	{"106021", denied, []string{`Deny {proto} reverse path check from {src} to {dst} on interface {sif:w}`}},
	// A packet of a connection that came in through another interface.
	{"106022", denied, []string{`Deny {proto} connection spoof from {src} to {dst} on interface {sif:w}`}},
	// An access list denies: the commonest of all denials. The list stands in quotes, but not always.
	{"106023", denied, []string{
		`Deny[ protocol] {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}][[ ]({did})][ [(]type {type}, code {icode}[,][)]] by access-group "{acl}"`,
		`Deny[ protocol] {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}][[ ]({did})][ [(]type {type}, code {icode}[,][)]] by access-group {acl:w}`,
		`Deny[ protocol] {proto} src {src}[/{sport}] dst {dst}[/{dport}] by access-group "{acl}"`,
	}},
	// Several contexts share an interface, and none takes the packet.
	{"106025 106026", denied, []string{
		`Failed to determine the security context for the packet:{_:w} {src} {dst} {sport} {dport} {proto}`,
		`Failed to determine the security context for the packet:{_}:{src} {dst} {sport} {dport} {proto}`,
	}},
	// Lists of Ethernet types have hardware addresses.
	{"106027", denied, []string{
		`Deny src {source.mac:w} dst {destination.mac:w} by access-group "{acl}"`,
		`{_:w} Deny src {source.mac:w} dst {destination.mac:w} by access-group "{acl}"`,
	}},
	// An entry of an access list with the log option: allowed or denied, counted over an interval.
	{"106100", ruled, []string{
		`access-list {acl} {verdict} {proto} {sif}/{src}({sport})[({sid})] -> {dif}/{dst}({dport})[({did})] hit-cnt {cisco.asa.hit_count:n}`,
		`access-list {acl} {verdict} {proto} {sif}/{src}({sport})[({sid})] -> {dif}/{dst}({dport})`,
		`access-list {acl} {verdict} {proto} {sif}/{src} -> {dif}/{dst} hit-cnt {cisco.asa.hit_count:n}`,
	}},
	// The same for an entry that came from AAA, with its user.
	{"106102 106103", ruled, []string{
		`access-list {acl} {verdict} {proto} for user '{user}' {sif}/{src}({sport}) -> {dif}/{dst}({dport}) hit-cnt {cisco.asa.hit_count:n}`,
		`access-list {acl} {verdict} {proto} for user {user} {sif:i}/{src}({sport}) -> {dif}/{dst}({dport}) hit-cnt {cisco.asa.hit_count:n}`,
		`access-list {acl} {verdict} {proto} for user {user} {sif}/{src}({sport}) -> {dif}/{dst}({dport}) hit-cnt {cisco.asa.hit_count:n}`,
		`access-list {acl} {verdict} {proto} for user [']{user}['] {sif}/{src} {sport} {dif}/{dst} {dport} hit-cnt {cisco.asa.hit_count:n}`,
	}},
	// The device itself runs out of room for denials.
	{"106101 106024", exhausted, []string{`{reason:r}`}},
	// Mail that the inspection of SMTP does not like.
	{"108002 108003", dropped, []string{
		`Terminating {=ESMTP/SMTP|ESMTP|SMTP} connection; {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`SMTP replaced {_}: out {src} in {dst} data:{reason:r}`,
	}},
	{"108004 108005 108006 108007", dropped, []string{
		`{_}: {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{_}: {reason} from {sif}:{src}|{sport} to {dif}:{dst}|{dport}`,
		`{reason} for ESMTP session from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
	}},
	// Where to send a packet is not known.
	{"110001", noRoute, []string{`No route to {dst} from {src}`}},
	{"110002 110003", noRoute, []string{
		`{reason} for {proto} from {sif}:{src}[/{sport}] to [{dif}:]{dst:ip}[/{dport}]$`,
		`{reason} for {proto} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`,
	}},
	// A flow moves from one interface of a zone to another.
	{"110004", flowInfo, []string{
		`{reason} on {proto} connection {conn} for {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport})`,
	}},
	// Files that FTP moves; the second form is that of old releases.
	{"303002", fileMoved, []string{
		`{proto:t} connection from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, user {user} {event.reason:w} file {file.name:r}`,
		`{src} {event.reason:w} {dst:ip}:{file.name:r}`,
	}},
	// FTP that the strict inspection refuses.
	{"303003 303004 303005", dropped, []string{
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{reason} from {sif}:{src} to {dif}:{dst}`,
	}},
	// A URL that was asked for. The host may have its user in front and its identity behind.
	{"304001", urlAllowed, []string{
		`[{suser}@]{src:ip}[[ ]({sid})] Accessed[ JAVA] URL {dst:ip}:[ ]{url}`,
		`[{suser}@]{src}[[ ]({sid})] Accessed[ JAVA] URL {dst:t}:[ ]{url}`,
	}},
	// A URL that the filter refused.
	{"304002", urlDenied, []string{
		`Access denied[ JAVA] URL {url:t} SRC {src}[({sid})] DEST {dst}[({did})] on interface {sif:w}`,
		`Access denied[ JAVA] URL {url:t} SRC {src}[({sid})] DEST {dst}`,
	}},
	// The server that filters URLs.
	{"304003 304004", urlFailed, []string{`URL Server {dst} {reason} URL {url}`}},
	{"304005 304006 304007 304008 304009", urlFailed, []string{`URL Server {dst:ip} {reason:r}`, `{reason:r}`}},
	// ICMP to the device itself; 313008 is version 6.
	{"313001 313008", denied, []string{
		`Denied {proto} type={type}, code={icode} from {src}[({sid})] on interface {sif:w}`,
	}},
	// An answer that nobody asked for.
	{"313004", denied, []string{
		`Denied {proto} type={type}, from[ laddr] {src} on interface {sif} to {dst:ip}:[ ]{reason:r}`,
		`Denied {proto} type={type}, from[ laddr] {src} on interface {sif} to {dst}`,
	}},
	// An error about a packet that no connection knows. The ends of that packet are those of the event.
	{"313005", denied, []string{
		`No matching connection for {_:w} error message: {proto} src {sif}:{_}[({sid})] dst {dif}:{_}[({did})] (type {type}, code {icode}) on {_} interface. Original IP payload: {_:w} src {src}[/{sport}][({_:p})] dst {dst}[/{dport}]`,
		`No matching connection for {_:w} error message: {proto} src {sif}:{src}[({sid})] dst {dif}:{dst}[({did})] (type {type}, code {icode}) on {_} interface`,
	}},
	// A code that does not go with its type.
	{"313009", denied, []string{
		`Denied invalid {proto} code {icode}, for {sif}:{src}/{sport} ({msrc}/{msport})[({sid})] to {dif}:{dst}/{dport} ({mdst}/{mdport})[({did})][ ({user})], ICMP id {_:n}, ICMP type {type}`,
		`Denied invalid {proto} code {icode}, for {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport})`,
	}},
	// More tunnels than the licence or the platform has.
	{"316001 316002", limited, []string{`Denied new tunnel to {dst}. {reason:r}`, `{reason:r}`}},
	// Traffic of addresses on the list of bad names: seen (001-004, 1xx, 201-202) or dropped (005-008, 203-204).
	{"338001 338002 338003 338004 338101 338102 338103 338104 338201 338202", listed, listPatterns},
	{"338005 338006 338007 338008 338203 338204", listedDrop, listPatterns},
	// How names of the list become addresses.
	{"338301", listed, []string{
		`Intercepted DNS reply for {=domain|name} {dns.question.name} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, matched {acl:r}`,
	}},
	{"338302 338303", listed, []string{
		`Address {dst} discovered for {=domain|name} {destination.domain} from {acl}, {reason:r}`,
		`Address {dst} ({destination.domain}) {reason:r}`,
	}},
	{"338304 338305 338306 338307 338308 338309 338310", system, []string{`{reason:r}`}},
	// Traffic through an interface that is for management only.
	{"418001", denied, []string{
		`Through-the-device packet to/from management-only network is denied: {proto} src {sif}:{src}[/{sport}][[ ]({sid})] dst {dif}:{dst}[/{dport}]`,
		`Through-the-device packet to/from management-only network is denied: {proto} from {sif} {src} ({sport})[ ({sid})] to {dif} {dst} ({dport})`,
	}},
	// Traffic to the device itself. The service is a name or a port.
	{"710001 710002", transferred, []string{`{proto} access {=requested|permitted} from {src}/{sport} to {dif}:{dst}/{service}`}},
	{"710003", denied, []string{
		`{proto} access denied by ACL from {src}/{sport} to {dif}:{dst}/{service}`,
		`{proto} access denied by ACL from {src} to {dif}:{dst}`,
	}},
	{"710004", limited, []string{`{proto} {reason} from {src}/{sport} to {dif}:{dst}/{dport}`}},
	{"710005 710006", denied, []string{
		`{proto} request discarded from {src}/{sport} to {dif}:{dst}/{service}`,
		`{proto} request discarded from {src} to {dif}:{dst}`,
	}},
	{"710007", flowInfo, []string{`NAT-T keepalive received from {src}/{sport} to {dif}:{dst}/{dport}`}},
}

// listPatterns are the texts of the traffic filter for known bad addresses. What is listed is a name, or an address
// with its mask.
var listPatterns = []string{
	`Dynamic Filter {verdict} {_}listed {proto} traffic from {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport}), source {_} resolved from {acl} list: {slisted}[/{_:a}][, threat-level: {cisco.asa.threat_level}, category: {cisco.asa.threat_category:r}]`,
	`Dynamic Filter {verdict} {_}listed {proto} traffic from {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport}), destination {_} resolved from {acl} list: {dlisted}[/{_:a}][, threat-level: {cisco.asa.threat_level}, category: {cisco.asa.threat_category:r}]`,
	`Dynamic Filter {verdict} {_}listed {proto} traffic from {sif}:{src}/{sport} ({msrc}/{msport}) to {dif}:{dst}/{dport} ({mdst}/{mdport})`,
}
