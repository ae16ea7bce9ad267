package kibana

// This file is the source of everything in deploy/kibana. An id is never changed: bookmarks and the objects of other people
// refer to it, and an import replaces what has the same id.

// The data views. Events of all classes are in the first; alerts are one of the classes, and have a view of their own,
// since a table of both would mix what happened with what was concluded from it.
const (
	allEvents = "weir-events"
	allAlerts = "weir-alerts"
)

var views = []view{
	{id: allEvents, class: "*", name: "weir: events", hints: map[string]string{
		"@timestamp":         "The time that the message itself gives",
		"event.created":      "When weir received it",
		"log.source.address": "The address of the socket that sent it",
		"weir.class":         "The retention class, which decides how long it is kept",
		"weir.time":          "The time of the message, or of its arrival where that one cannot be right",
	}},
	{id: allAlerts, class: "alerts-*", name: "weir: alerts", hints: map[string]string{
		"weir.alert.count": "How many times the rule has matched for this group",
		"weir.alert.id":    "An alert may be here several times, once for each of its revisions",
		"weir.revision":    "The highest is the newest",
	}},
}

// Ids of saved searches, which dashboards show too.
const (
	searchEvents = "weir-search-events"
	searchLogins = "weir-search-logins"
	searchDenied = "weir-search-denied"
	searchFlows  = "weir-search-network"
	searchTCP    = "weir-search-tcp"
	searchAlerts = "weir-search-alerts"
	searchBroken = "weir-search-unread"
)

// Conditions that stand more than once.
const (
	isLogin    = "event.category: authentication"
	isFirewall = "event.dataset: (cisco_asa.log or cisco_ftd.log or iptables.log) or observer.type: firewall"
	isTCP      = "weir.input: ebpf"
	isDenied   = "event.type: denied"
	isAllowed  = "event.type: allowed"
	isUnread   = "weir.deadletter.reason: * or weir.parse_errors: *"
)

// searches are all saved searches; those of a dashboard stand at its foot.
var searches = []search{
	{searchEvents, "weir: all events", "Everything, newest first", allEvents, "",
		[]string{"event.dataset", "host.name", "source.ip", "user.name", "event.action", "message"}},
	{searchLogins, "weir: logins", "Who tried to log in where, and whether it worked", allEvents, isLogin,
		[]string{"event.outcome", "user.name", "source.ip", "host.name", "observer.name", "process.name", "message"}},
	{searchDenied, "weir: denied by a firewall", "What a firewall turned away", allEvents, "(" + isFirewall + ") and " + isDenied,
		[]string{"observer.name", "source.ip", "source.port", "destination.ip", "destination.port", "network.transport", "message"}},
	{searchFlows, "weir: network", "Connections and packets, from any source", allEvents, "event.category: network",
		[]string{"event.dataset", "source.ip", "destination.ip", "destination.port", "network.transport", "network.bytes", "event.action"}},
	{searchTCP, "weir: TCP connections", "Connections of hosts, as their kernels saw them", allEvents, isTCP,
		[]string{"process.name", "source.ip", "destination.ip", "destination.port", "network.bytes", "weir.tcp.end", "weir.tcp.retransmits", "weir.tcp.rtt.smoothed_us"}},
	{searchAlerts, "weir: alerts", "Every revision of every alert, newest first", allAlerts, "event.kind: alert",
		[]string{"event.severity", "rule.name", "message", "weir.alert.count", "weir.alert.state", "weir.alert.id"}},
	{searchBroken, "weir: not understood", "Records that could not be used, or only in part, with the reason", allEvents, isUnread,
		[]string{"weir.deadletter.stage", "weir.deadletter.reason", "weir.parse_errors", "log.source.address", "event.dataset", "event.original"}},
}

// The menu stands at the top of every dashboard.
var menuRow = row{4, []panel{{menu: true, width: 48}}}

// foot is the last row: the events themselves.
func foot(title, search string) row {
	return row{18, []panel{{title: title, width: 48, saved: search}}}
}

// figures is a row of four numbers.
func figures(list ...measure) row {
	r := row{height: 6}
	for _, m := range list {
		r.panels = append(r.panels, panel{title: m.label, width: gridWidth / len(list), figure: true, measure: []measure{m}})
	}
	return r
}

// events counts what matches.
func events(label, kql string) measure { return measure{op: count, label: label, kql: kql} }

// different counts the values of a field.
func different(label, field string) measure { return measure{op: distinct, field: field, label: label} }

// boards are all dashboards, in the order of the menu.
var boards = []board{overview, authentication, firewall, network, tcp, alerts}

// overview answers what an operator asks in the morning: does everything send, and is all of it understood?
var overview = board{
	id: "weir-overview", title: "weir: Overview", about: "What arrives, from whom, and what of it could not be understood",
	view: allEvents, controls: []string{"event.dataset", "host.name", "weir.class"},
	rows: []row{
		menuRow,
		figures(events("events", ""), different("senders", "log.source.address"), different("datasets", "event.dataset"), events("not understood", isUnread)),
		{12, []panel{{title: "Events by dataset", width: 48, series: true, split: "event.dataset"}}},
		{14, []panel{
			{title: "Senders", width: 16, ranking: []string{"log.source.address"}, measure: []measure{events("events", ""), different("datasets", "event.dataset")}},
			{title: "Hosts", width: 16, ranking: []string{"host.name"}},
			{title: "Kept as", width: 16, ranking: []string{"weir.class"}},
		}},
		{14, []panel{
			// Dead letters were not used at all; the others are events that lack a field.
			{title: "Not understood, by reason", width: 24, kql: "weir.deadletter.reason: *", ranking: []string{"weir.deadletter.stage", "weir.deadletter.reason"}},
			{title: "Understood in part", width: 24, kql: "weir.parse_errors: *", ranking: []string{"event.dataset", "weir.parse_errors"}},
		}},
		foot("All events", searchEvents),
	},
}

// authentication puts failures first: one that worked after many is what one looks for.
var authentication = board{
	id: "weir-authentication", title: "weir: Authentication", about: "Logins that failed and that worked, by user, address and host",
	view: allEvents, kql: isLogin, controls: []string{"user.name", "source.ip", "host.name"},
	rows: []row{
		menuRow,
		figures(events("failed", "event.outcome: failure"), events("worked", "event.outcome: success"), different("users", "user.name"), different("addresses", "source.ip")),
		{12, []panel{{title: "Logins by outcome", width: 48, series: true, split: "event.outcome"}}},
		{14, []panel{
			{title: "Users that failed", width: 16, kql: "event.outcome: failure", ranking: []string{"user.name"}, measure: []measure{events("failed", ""), different("addresses", "source.ip")}},
			{title: "Addresses that failed", width: 16, kql: "event.outcome: failure", ranking: []string{"source.ip"}, measure: []measure{events("failed", ""), different("users", "user.name")}},
			{title: "Hosts", width: 16, ranking: []string{"host.name"}, measure: []measure{events("failed", "event.outcome: failure"), events("worked", "event.outcome: success")}},
		}},
		{12, []panel{
			// A user who comes from a new address is seen here first.
			{title: "Logins that worked, from where", width: 24, kql: "event.outcome: success", ranking: []string{"user.name", "source.ip"}, size: 10},
			{title: "By program", width: 24, ranking: []string{"process.name", "event.action"}, size: 10},
		}},
		// The last word is with the events themselves: a number raises a question, a line answers it.
		foot("Logins", searchLogins),
	},
}

// firewall knows a firewall by its dataset or by what weir learned of the sender, so that CEF and LEEF of one count too.
var firewall = board{
	id: "weir-firewall", title: "weir: Firewall", about: "What firewalls let through and what they turned away",
	view: allEvents, kql: isFirewall, controls: []string{"observer.name", "source.ip", "destination.port"},
	rows: []row{
		menuRow,
		figures(events("denied", isDenied), events("allowed", isAllowed), different("firewalls", "observer.name"), different("sources denied or not", "source.ip")),
		{12, []panel{
			{title: "Denied", width: 24, kql: isDenied, series: true, split: "observer.name"},
			{title: "Allowed", width: 24, kql: isAllowed, series: true, split: "observer.name"},
		}},
		{14, []panel{
			// One address at many destinations is a scan of a network, at many ports one of a host.
			{title: "Denied: from", width: 16, kql: isDenied, ranking: []string{"source.ip"}, measure: []measure{events("denied", ""), different("destinations", "destination.ip"), different("ports", "destination.port")}},
			{title: "Denied: to", width: 16, kql: isDenied, ranking: []string{"destination.ip"}},
			{title: "Denied: ports", width: 16, kql: isDenied, ranking: []string{"destination.port", "network.transport"}, size: 10},
		}},
		{14, []panel{
			// Many bytes to one address outside is what data that leaves looks like.
			{title: "Bytes by pair", width: 24, ranking: []string{"source.ip", "destination.ip"}, size: 10, measure: []measure{{op: sum, field: "network.bytes", label: "bytes", form: "bytes"}, events("events", "")}},
			{title: "What firewalls report", width: 24, ranking: []string{"event.code", "event.action"}, size: 10},
		}},
		foot("Denied", searchDenied),
	},
}

// network takes any source that reports connections: firewalls, packet filters, and hosts by eBPF.
var network = board{
	id: "weir-network", title: "weir: Network", about: "Who talks to whom, by which protocol, and how much",
	view: allEvents, kql: "event.category: network", controls: []string{"source.ip", "destination.ip", "network.transport"},
	rows: []row{
		menuRow,
		figures(events("events", ""), measure{op: sum, field: "network.bytes", label: "bytes", form: "bytes"}, different("sources", "source.ip"), different("destinations", "destination.ip")),
		{12, []panel{
			{title: "By transport", width: 24, series: true, split: "network.transport"},
			{title: "Bytes by dataset", width: 24, series: true, split: "event.dataset", measure: []measure{{op: sum, field: "network.bytes", label: "bytes", form: "bytes"}}},
		}},
		{14, []panel{
			{title: "Sources", width: 16, ranking: []string{"source.ip"}, measure: []measure{events("events", ""), {op: sum, field: "network.bytes", label: "bytes", form: "bytes"}}},
			{title: "Destinations", width: 16, ranking: []string{"destination.ip"}, measure: []measure{events("events", ""), {op: sum, field: "network.bytes", label: "bytes", form: "bytes"}}},
			{title: "Ports", width: 16, ranking: []string{"destination.port", "network.transport"}, size: 10},
		}},
		{12, []panel{
			// As firewalls and kernels say it; from the events of a router no direction follows.
			{title: "By direction", width: 24, ranking: []string{"network.direction", "event.action"}, size: 8},
			{title: "By protocol", width: 24, ranking: []string{"network.protocol"}},
		}},
		foot("Network", searchFlows),
	},
}

// tcp needs the eBPF input on at least one host; without it the dashboard is empty.
var tcp = board{
	id: "weir-tcp", title: "weir: TCP", about: "Connections of hosts as their kernels saw them: who, how much, how fast, how they ended",
	view: allEvents, kql: isTCP, controls: []string{"host.name", "process.name", "weir.tcp.end"},
	rows: []row{
		menuRow,
		figures(events("connections", ""), measure{op: sum, field: "network.bytes", label: "bytes", form: "bytes"},
			measure{op: sum, field: "weir.tcp.retransmits", label: "segments sent again"}, events("refused, reset or timed out", "weir.tcp.end: (refused or reset or timed_out or unreachable)")),
		{12, []panel{
			{title: "Connections by how they ended", width: 24, series: true, split: "weir.tcp.end"},
			{title: "Bytes by process", width: 24, series: true, split: "process.name", measure: []measure{{op: sum, field: "network.bytes", label: "bytes", form: "bytes"}}},
		}},
		{14, []panel{
			{title: "Processes", width: 24, ranking: []string{"process.name"}, measure: []measure{events("connections", ""), different("destinations", "destination.ip"), {op: sum, field: "network.bytes", label: "bytes", form: "bytes"}}},
			// Sorted by the round trip; a path that loses segments shows in the second column.
			{title: "Slow destinations", width: 24, ranking: []string{"destination.ip"}, measure: []measure{
				{op: average, field: "weir.tcp.rtt.smoothed_us", label: "round trip, µs"}, {op: sum, field: "weir.tcp.retransmits", label: "sent again"}, events("connections", "")}},
		}},
		{14, []panel{
			// A refused connection is a service that does not run, a timed out one mostly a firewall.
			{title: "Refused and timed out", width: 24, kql: "weir.tcp.end: (refused or timed_out or unreachable)", ranking: []string{"process.name", "destination.ip", "destination.port"}, size: 5},
			{title: "Longest", width: 24, ranking: []string{"process.name", "destination.ip"}, size: 8, measure: []measure{{op: highest, field: "event.duration", label: "longest", form: "duration"}, events("connections", "")}},
		}},
		foot("TCP connections", searchTCP),
	},
}

// alerts counts ids and not documents: an alert that goes on is written again with each revision.
var alerts = board{
	id: "weir-alerts-board", title: "weir: Alerts", about: "What the rules found; an alert counts once, however often it was revised",
	view: allAlerts, kql: "event.kind: alert", controls: []string{"rule.name", "source.ip", "user.name"},
	rows: []row{
		menuRow,
		figures(different("alerts", "weir.alert.id"),
			measure{op: distinct, field: "weir.alert.id", label: "high or critical", kql: "event.severity >= 73"},
			different("rules", "rule.name"), different("addresses", "source.ip")),
		{12, []panel{{title: "Alerts by rule", width: 48, series: true, split: "rule.name", measure: []measure{different("alerts", "weir.alert.id")}}}},
		{14, []panel{
			// The severity is that of the rule's level: 21 low, 47 medium, 73 high, 99 critical.
			{title: "Rules", width: 24, ranking: []string{"rule.name", "event.severity"}, size: 10, measure: []measure{
				different("alerts", "weir.alert.id"), {op: highest, field: "weir.alert.count", label: "most matches in one"}}},
			{title: "ATT&CK", width: 24, ranking: []string{"threat.tactic.name", "threat.technique.id"}, size: 10, measure: []measure{different("alerts", "weir.alert.id")}},
		}},
		{14, []panel{
			{title: "Addresses", width: 16, ranking: []string{"source.ip"}, measure: []measure{different("alerts", "weir.alert.id")}},
			{title: "Users", width: 16, ranking: []string{"user.name"}, measure: []measure{different("alerts", "weir.alert.id")}},
			{title: "Hosts", width: 16, ranking: []string{"host.name"}, measure: []measure{different("alerts", "weir.alert.id")}},
		}},
		foot("Alerts", searchAlerts),
	},
}
