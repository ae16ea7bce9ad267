package asa

import "weir/event"

// kind is what sort of event a message is, in ECS's words.
type kind struct {
	action     string
	categories event.Value
	types      event.Value
	outcome    string
	verdict    bool // the captured verdict decides between allowed and denied
	protocol   string
	network    string // network.type
}

// words makes a list that all events of a kind share. It is never changed: what appends to it makes a copy, because
// the list has no room.
func words(ws ...string) event.Value { return event.Strs(ws...) }

// Lists that many kinds share.
var (
	network       = words("network")
	authNetwork   = words("authentication", "network")
	configuration = words("configuration")
	connStart     = words("connection", "start")
	connEnd       = words("connection", "end")
	connInfo      = words("connection", "info")
	connAllowed   = words("connection", "allowed")
	connDenied    = words("connection", "denied")
	info          = words("info")
)

// The kinds.
var (
	unknown = kind{categories: network}

	// What access lists and the state table decide.
	denied     = &kind{action: "firewall-rule", categories: network, types: connDenied, outcome: "success"}
	ruled      = &kind{action: "firewall-rule", categories: network, types: connDenied, outcome: "success", verdict: true}
	deniedDNS  = &kind{action: "firewall-rule", categories: network, types: connDenied, outcome: "success", protocol: "dns"}
	listed     = &kind{action: "dynamic-filter", categories: network, types: connInfo}
	listedDrop = &kind{action: "dynamic-filter", categories: network, types: connDenied, outcome: "success"}
	dropped    = &kind{action: "packet-dropped", categories: network, types: connDenied, outcome: "success"}
	limited    = &kind{action: "connection-limit", categories: network, types: connDenied, outcome: "success"}
	noRoute    = &kind{action: "routing-failed", categories: network, types: words("connection", "error"), outcome: "failure"}
	urlAllowed = &kind{action: "url-access", categories: network, types: words("access", "allowed"), outcome: "success"}
	urlDenied  = &kind{action: "url-access", categories: network, types: words("access", "denied"), outcome: "success"}
	urlFailed  = &kind{action: "url-server", categories: network, types: words("error"), outcome: "failure"}
	fileMoved  = &kind{action: "file-transfer", categories: words("network", "file"), types: words("access"), outcome: "success", protocol: "ftp"}

	// Flows and translations.
	flowStart   = &kind{action: "flow-creation", categories: network, types: connStart, outcome: "success"}
	flowEnd     = &kind{action: "flow-expiration", categories: network, types: connEnd, outcome: "success"}
	icmpStart   = &kind{action: "flow-creation", categories: network, types: connStart, outcome: "success", network: "icmp"}
	icmpEnd     = &kind{action: "flow-expiration", categories: network, types: connEnd, outcome: "success", network: "icmp"}
	flowInfo    = &kind{action: "flow-info", categories: network, types: connInfo}
	natStart    = &kind{action: "nat-slot", categories: words("network", "configuration"), types: words("creation"), outcome: "success"}
	natEnd      = &kind{action: "nat-slot", categories: words("network", "configuration"), types: words("deletion"), outcome: "success"}
	natFailed   = &kind{action: "nat-failed", categories: network, types: connDenied, outcome: "failure"}
	hostStart   = &kind{action: "host-creation", categories: network, types: words("start"), outcome: "success"}
	hostEnd     = &kind{action: "host-expiration", categories: network, types: words("end"), outcome: "success"}
	leaseStart  = &kind{action: "address-assigned", categories: network, types: words("connection", "info"), outcome: "success", protocol: "dhcp"}
	leaseEnd    = &kind{action: "address-released", categories: network, types: words("connection", "info"), outcome: "success", protocol: "dhcp"}
	transferred = &kind{action: "connection-permitted", categories: network, types: connAllowed, outcome: "success"}

	// Attacks.
	intrusion = &kind{action: "intrusion-detected", categories: words("network", "intrusion_detection"), types: info}
	spoofing  = &kind{action: "spoofing-detected", categories: words("network", "intrusion_detection"), types: words("info", "denied"), outcome: "success"}
	threat    = &kind{action: "threat-detected", categories: words("network", "intrusion_detection"), types: info}
	shunned   = &kind{action: "host-shunned", categories: words("network", "intrusion_detection"), types: words("denied"), outcome: "success"}
	shunList  = &kind{action: "shun-list-changed", categories: words("network", "configuration"), types: words("change"), outcome: "success"}

	// Who logs in, where.
	loggedIn    = &kind{action: "logged-in", categories: authNetwork, types: words("allowed", "info"), outcome: "success"}
	loginFailed = &kind{action: "logon-failed", categories: authNetwork, types: words("denied", "info"), outcome: "failure"}
	loggedOut   = &kind{action: "logged-out", categories: authNetwork, types: info, outcome: "success"}
	authInfo    = &kind{action: "authentication", categories: authNetwork, types: info}
	locked      = &kind{action: "user-locked", categories: words("authentication", "iam"), types: words("user", "change"), outcome: "success"}
	unlocked    = &kind{action: "user-unlocked", categories: words("authentication", "iam"), types: words("user", "change"), outcome: "success"}
	serverDown  = &kind{action: "server-failed", categories: network, types: info, outcome: "failure"}
	serverUp    = &kind{action: "server-active", categories: network, types: info, outcome: "success"}
	policySet   = &kind{action: "policy-assigned", categories: authNetwork, types: info, outcome: "success"}

	// What administrators do.
	configured   = &kind{action: "configuration", categories: configuration, types: info, outcome: "success"}
	configFailed = &kind{action: "configuration", categories: configuration, types: words("error"), outcome: "failure"}
	commanded    = &kind{action: "command-executed", categories: words("configuration", "process"), types: words("change"), outcome: "success"}
	shown        = &kind{action: "command-executed", categories: words("configuration", "process"), types: words("info"), outcome: "success"}
	userAdded    = &kind{action: "user-added", categories: words("iam"), types: words("user", "creation"), outcome: "success"}
	userDeleted  = &kind{action: "user-deleted", categories: words("iam"), types: words("user", "deletion"), outcome: "success"}
	userChanged  = &kind{action: "user-privilege-changed", categories: words("iam"), types: words("user", "change"), outcome: "success"}
	groupAdded   = &kind{action: "group-added", categories: words("iam"), types: words("group", "creation"), outcome: "success"}
	groupDeleted = &kind{action: "group-deleted", categories: words("iam"), types: words("group", "deletion"), outcome: "success"}
	sessionStart = &kind{action: "session-started", categories: words("session", "network"), types: words("start"), outcome: "success"}
	sessionEnd   = &kind{action: "session-ended", categories: words("session", "network"), types: words("end"), outcome: "success"}

	// Virtual private networks.
	vpnUp      = &kind{action: "client-vpn-connected", categories: words("network", "session"), types: connStart, outcome: "success"}
	vpnDown    = &kind{action: "client-vpn-disconnected", categories: network, types: connEnd, outcome: "success"}
	vpnFailed  = &kind{action: "client-vpn-error", categories: network, types: connDenied, outcome: "failure"}
	vpnAddress = &kind{action: "address-assigned", categories: network, types: connInfo, outcome: "success"}
	vpnInfo    = &kind{categories: network, types: info}
	svcInfo    = &kind{categories: network, types: connInfo}
	svcOpened  = &kind{categories: network, types: connInfo, outcome: "success"}
	svcFirst   = &kind{categories: network, types: connStart, outcome: "success"}
	svcClosed  = &kind{categories: network, types: connEnd, outcome: "success"}
	svcClosing = &kind{categories: network, types: connEnd}
	tunnelUp   = &kind{action: "sa-created", categories: network, types: connStart, outcome: "success", network: "ipsec"}
	tunnelDown = &kind{action: "sa-deleted", categories: network, types: connEnd, outcome: "success", network: "ipsec"}
	// The same for IKE messages, which name no direction.
	tunnelUpIKE   = &kind{action: "tunnel-established", categories: network, types: connStart, outcome: "success"}
	tunnelDownIKE = &kind{action: "tunnel-terminated", categories: network, types: connEnd, outcome: "success"}
	tunnelInfo    = &kind{action: "ike-negotiation", categories: network, types: connInfo}
	tunnelFail    = &kind{action: "ike-negotiation", categories: network, types: words("connection", "error"), outcome: "failure"}
	ipsecDrop     = &kind{action: "ipsec-dropped", categories: network, types: connDenied, outcome: "success"}
	sslStart      = &kind{action: "ssl-handshake", categories: network, types: connStart}
	sslDone       = &kind{action: "ssl-handshake", categories: network, types: connInfo, outcome: "success"}
	sslInfo       = &kind{action: "ssl-handshake", categories: network, types: connInfo}
	sslFail       = &kind{action: "ssl-handshake", categories: network, types: words("connection", "error"), outcome: "failure"}
	sslEnd        = &kind{action: "ssl-session-terminated", categories: network, types: connEnd, outcome: "success"}
	certValid     = &kind{action: "certificate-validated", categories: authNetwork, types: info, outcome: "success"}
	certInvalid   = &kind{action: "certificate-rejected", categories: authNetwork, types: words("denied", "info"), outcome: "failure"}
	certInfo      = &kind{action: "certificate", categories: authNetwork, types: info}

	// The device itself.
	failover   = &kind{action: "failover", categories: words("host"), types: words("change")}
	switchover = &kind{action: "interface-switchover", categories: network, types: info}
	interfaces = &kind{action: "interface-changed", categories: words("network", "host"), types: words("change")}
	system     = &kind{action: "system", categories: words("host"), types: info}
	started    = &kind{action: "system-started", categories: words("host"), types: words("start"), outcome: "success"}
	stopped    = &kind{action: "system-reloaded", categories: words("host"), types: words("end"), outcome: "success"}
	exhausted  = &kind{action: "resource-exhausted", categories: words("host"), types: words("error"), outcome: "failure"}
	clockSet   = &kind{action: "clock-changed", categories: words("host", "configuration"), types: words("change"), outcome: "success"}
	routing    = &kind{action: "routing-changed", categories: network, types: words("change")}
	identity   = &kind{action: "user-mapping", categories: words("iam", "network"), types: words("user", "info"), outcome: "success"}
)

// describe sets action, category, type and outcome. A verdict in the message wins over what is usual for its number.
func (k *kind) describe(e *event.Event, verdict string) {
	e.SetStr(event.EventAction, k.action)
	e.Set(event.EventCategory, k.categories)
	types := k.types
	if k.verdict {
		switch verdict {
		case "permitted", "est-allowed", "allowed", "Allowed", "Permitted", "permit":
			types = connAllowed
		}
	}
	e.Set(event.EventType, types)
	e.SetStr(event.EventOutcome, k.outcome)
	e.SetStr(event.NetworkProtocol, k.protocol)
	e.SetStr(event.NetworkType, k.network)
}
