package asa

// client is how messages about a VPN client begin; the brackets are a matter of the release.
const client = `Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] `

// vpnTable has remote access: WebVPN, AnyConnect, certificates and SSL.
var vpnTable = []row{
	// PPTP, L2TP and PPPoE.
	{"603101 603102 603103 603104 603105", vpnInfo, []string{`{reason:r}`}},
	{"603106", vpnUp, []string{
		`L2TP Tunnel created, tunnel_id is {_:n}, remote_peer_ip is {src},{_}client_dynamic_ip is {cisco.asa.assigned_ip:a}, username is {suser:w}`,
		`L2TP Tunnel created{_}remote_peer_ip is {src},{_:r}`,
	}},
	{"603107 603109", vpnDown, []string{`{_} Tunnel deleted, tunnel_id = {_:n}, remote_peer_ip = {src}`}},
	{"603108", vpnUp, []string{`{_} Tunnel created, tunnel_id is {_:n}, remote_peer_ip is {src}`, `{_} session created{_}remote_peer_ip is {src}`}},
	{"603110", vpnFailed, []string{`{reason:r}`}},
	// Dynamic access policies: which records apply to a session.
	{"634001 734001", loggedIn, []string{
		`DAP: User {user}, Addr {src}, Connection {cisco.asa.connection_type}{=:|;} The following DAP records were selected for this connection: {records}`,
	}},
	{"734002", loginFailed, []string{`DAP: User {user}, Addr {src}: Connection terminated by the following DAP records: {records}`}},
	{"734003", authInfo, []string{`DAP: User {user}, Addr {src}: Session Attribute: {reason:r}`, `DAP: User {user}, Addr {src}: Session Attribute {reason:r}`}},
	{"734004", authInfo, []string{`DAP: {reason:r}`}},
	// WebVPN sessions.
	{"716001", vpnUp, []string{client + `WebVPN session started`}},
	{"716002", vpnDown, []string{client + `WebVPN session terminated: {reason:r}`}},
	// URLs that WebVPN users open.
	{"716003", urlAllowed, []string{client + `WebVPN access {="|}GRANTED: {url:t}{="|}$`}},
	{"716004", urlDenied, []string{client + `WebVPN access {="|}DENIED: {url:t}{="|}$`}},
	// WebVPN logins.
	{"716038", loggedIn, []string{
		client + `Authentication: successful, Session Type: {cisco.asa.session_type}$`,
		`Authentication: successful, group = {sgroup} user = {suser}, Session Type: {cisco.asa.session_type}$`,
	}},
	{"716039", loginFailed, []string{
		client + `Authentication: rejected, Session Type: {cisco.asa.session_type}$`,
		`Authentication: rejected, group = {sgroup} user = {suser}, Session Type: {cisco.asa.session_type}$`,
	}},
	// Lists for WebVPN.
	{"716041", ruled, []string{`access-list {acl} {verdict} url {url:t} hit{=_|-}cnt {cisco.asa.hit_count:n}`}},
	{"716042", ruled, []string{`access-list {acl} {verdict} {proto} {sif}/{src} ({sport}) {=->|-} {dif}/{dst} ({dport}) hit-cnt {cisco.asa.hit_count:n}`}},
	{"716055 716162", loggedIn, []string{client + `{reason:r}`, `{reason:r}`}},
	{"716056 716158", loginFailed, []string{client + `{reason:r}`, `{reason:r}`}},
	{"716007 716057 716060 716061", vpnFailed, []string{client + `{reason:r}`, `{reason:r}`}},
	{"716058 716059 716043 716044 716045 716046 716047 716048 716049 716050 716051 716052 716053 716054", vpnInfo, []string{client + `{reason:r}`, `{reason:r}`}},
	{"716005 716006 716008 716009 716010 716011 716012 716013 716014 716015 716016 716017 716018 716019 716020 716021 716022 716023 716024 716025 716026 716027 716028 716029 716030 716031 716032 716033 716034 716035 716036 716037 716040", vpnInfo, []string{client + `{reason:r}`, `{reason:r}`}},
	// Certificates: housekeeping.
	{"717001 717002 717003 717004 717005 717006 717007 717008 717010 717011 717012 717013 717014 717015 717016 717017 717018 717019 717020 717021 717023 717024 717025 717026 717031 717032 717033 717034 717035 717036 717038 717039 717040 717041 717042 717043 717044 717045 717046 717047 717048 717049 717050 717051 717053 717054 717055 717057 717058 717059 717060 717061 717062 717063 717064", certInfo, []string{`{reason:r}`}},
	// Certificates that are refused, and accepted.
	{"717009 717027 717037", certInvalid, []string{
		`{_} Reason: {reason:r}`,
		`{reason}. serial number: {tls.client.x509.serial_number}, subject name: {tls.client.x509.subject.distinguished_name}[, issuer name: {tls.client.x509.issuer.distinguished_name}]$`,
		`{reason} for peer certificate: serial number: {tls.client.x509.serial_number}, subject name: {tls.client.x509.subject.distinguished_name}, issuer_name: {tls.client.x509.issuer.distinguished_name}$`,
		`{reason:r}`,
	}},
	{"717022 717028 717030", certValid, []string{
		`{reason}. serial number: {tls.client.x509.serial_number}, subject name: {tls.client.x509.subject.distinguished_name}[, issuer name: {tls.client.x509.issuer.distinguished_name}]$`,
		`{reason:r}`,
	}},
	{"717029", certInfo, []string{
		`{reason}. serial number: {tls.client.x509.serial_number}, subject name: {tls.client.x509.subject.distinguished_name}$`,
		`{reason:r}`,
	}},
	// Sessions that end because a certificate does.
	{"717052", vpnDown, []string{
		`Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] {reason}. Subject Name {tls.client.x509.subject.distinguished_name} Issuer Name {tls.client.x509.issuer.distinguished_name} Serial Number {tls.client.x509.serial_number:r}`,
		client + `{reason:r}`,
	}},
	{"717056", certInfo, []string{`{reason} from {sif}:{src}/{sport} to {dst}/{dport} using {service}`}},
	// Sessions that the other unit of a failover pair learns of.
	{"721016 721018", vpnInfo, []string{`({_:p}) {reason} for client user {suser}, IP {src} {_:r}`, `({_:p}) {reason:r}`}},
	// AnyConnect: most messages have their text behind group, user and address.
	{"722001 722002 722003 722004 722005 722006", vpnInfo, []string{`IP [<]{src}[>] {reason:r}`, client + `{reason:r}`, `{reason:r}`}},
	{"722007 722008 722009 722010 722011 722012 722013 722014 722015 722016 722017 722018 722019 722020 722021 722024 722025 722026 722027 722029 722030 722031 722035 722036 722038 722039 722040 722042 722043 722044 722045 722046 722047 722048 722049 722052 722053 722054 722055 722056", vpnInfo, []string{client + `{reason:r}`, `{reason:r}`}},
	// Those that say more than that.
	{"722022", svcOpened, []string{client + `{reason:r}`}},
	{"722023", svcClosed, []string{client + `{reason:r}`}},
	{"722028", svcClosed, []string{client + `{reason:r}`}},
	{"722032", svcInfo, []string{client + `{reason:r}`}},
	// First and next connections of a session, with their transport.
	{"722033", svcFirst, []string{
		`Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] {reason:m}First {proto} SVC`,
		client + `{reason:r}`,
	}},
	{"722034", svcInfo, []string{
		`Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] {reason:m}New {proto} SVC`,
		client + `{reason:r}`,
	}},
	{"722037", svcClosing, []string{client + `{reason:r}`}},
	// Addresses that a session gets.
	{"722041", vpnInfo, []string{
		`TunnelGroup [<]{sgroup}[>] GroupPolicy [<]{cisco.asa.group_policy}[>] User [<]{suser}[>] IP [<]{src}[>] {reason:r}`,
	}},
	{"722050", vpnFailed, []string{client + `{reason:r}`}},
	{"722051", vpnAddress, []string{
		client + `{reason:m}IPv4 Address [<]{cisco.asa.assigned_ip:a}[>] IPv6 address [<]{_:a}[>] assigned to session`,
		client + `{reason:m}Address [<]{cisco.asa.assigned_ip:a}[>] assigned to session`,
		client + `{reason:r}`,
	}},
	// TLS of the device itself. Some releases leave the end on the device out, others give its interface.
	{"725001", sslStart, []string{
		`Starting SSL handshake with {_} {sif}:{src}/{sport} to {dst:ip}/{dport} for {tls.version_protocol}[ session]$`,
		`Starting SSL handshake with {_} {sif}:{src}/{sport} to {dif}:{dst}/{dport}[ for {tls.version_protocol}][ session]$`,
		`Starting SSL handshake with {_} {sif}:{src}/{sport} for {tls.version_protocol} session`,
	}},
	{"725002", sslDone, []string{
		`Device completed SSL handshake with {_} {sif}:{src}/{sport}[ to {dst:ip}/{dport}][ for {tls.version_protocol} session]$`,
		`Device completed SSL handshake with {_} {sif}:{src}/{sport}[ to {dif}:{dst}/{dport}][ for {tls.version_protocol} session]$`,
	}},
	{"725003 725004 725005 725008 725009", sslInfo, []string{
		`{_} {=client|server} {sif}:{src}/{sport} to {dst:ip}/{dport}[ {reason:r}]`,
		`{_} {=client|server} {sif}:{src}/{sport}[ to {dif}:{dst}/{dport}][ {reason:r}]`,
	}},
	{"725006", sslFail, []string{
		`{reason} with {=SSL |}{=client|server} {sif}:{src}/{sport} to {dst:ip}/{dport}`,
		`{reason} with {=SSL |}{=client|server} {sif}:{src}/{sport}[ to {dif}:{dst}/{dport}]`,
	}},
	{"725007", sslEnd, []string{
		`SSL session with {_} {sif}:{src}/{sport} to {dst:ip}/{dport} terminated`,
		`SSL session with {_} {sif}:{src}/{sport}[ to {dif}:{dst}/{dport}] terminated`,
	}},
	{"725010", sslInfo, []string{`{reason:r}`}},
	{"725011", sslInfo, []string{`Cipher\[{_:n}][ ]: {tls.cipher:r}`}},
	{"725012 725013", sslInfo, []string{
		`Device chooses cipher[ ]: {tls.cipher} for {_} {=client|server} {sif}:{src}/{sport} to {dst:ip}/{dport}`,
		`Device chooses cipher[ ][:] {tls.cipher} for {_} {=client|server} {sif}:{src}/{sport}`,
		`SSL {=client|server} {sif}:{src}/{sport}[ to {dst:ip}/{dport}] chooses cipher[ ][:] {tls.cipher:r}`,
	}},
	{"725014 725015 725017 725021 725022", sslFail, []string{`SSL lib error. Function: {_} Reason: {reason:r}`, `{reason:r}`}},
	{"725016", sslInfo, []string{
		`Device selects trust-point {_} for {=client|server} {sif}:{src}/{sport} to {dst:ip}/{dport}`,
		`Device selects trust-point {_} for {=client|server} {sif}:{src}/{sport}[ to {dif}:{dst}/{dport}]`,
	}},
	// Pools of addresses.
	{"737006", vpnAddress, []string{`IPAA: [Session={_}, ]{reason} for tunnel-group '{sgroup}'`, `IPAA: {reason:r}`}},
	{"737026", vpnAddress, []string{`IPAA: [Session={_}, ]Client assigned {cisco.asa.assigned_ip:a} from {reason:r}`}},
	{"737016", vpnInfo, []string{`IPAA: [Session={_}, ]Freeing {_} address {cisco.asa.assigned_ip:a}`, `IPAA: {reason:r}`}},
	{"737001 737002 737003 737004 737005 737007 737008 737009 737010 737011 737012 737013 737014 737015 737017 737018 737019 737023 737024 737025 737027 737028 737029 737030 737031 737032 737033 737034 737035 737036 737037 737038 737400 737401 737402 737403 737404 737405 737406 737407", vpnInfo, []string{
		`IPAA: [Session={_}, ]{reason:r}`, `{reason:r}`,
	}},
}
