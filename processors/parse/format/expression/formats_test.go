package expression

import (
	"strings"
	"testing"
	"unicode/utf8"

	"weir/internal/match/source"
)

// cloud is an audit record as clouds write them.
const cloud = `{"_json": {
	"eventType": "user.session.start", "severity": "WARN", "actor": {"alternateId": "Ann.Other@example.org", "id": 77}, "outcome": {"result": "FAILURE", "reason": null},
	"target": [{"type": "User", "id": "u1", "alternateId": "kim@example.org"}, {"type": "UserGroup", "id": "g1", "displayName": "admins"}],
	"parameters": [{"name": "doc_title", "value": "Plan"}, {"name": "billable", "boolValue": false}, {"name": "count", "intValue": "3"}],
	"request": {"ipChain": [{"ip": "203.0.113.7"}, {"ip": "10.0.0.1"}]}, "meta.user": "root", "published": "2024-03-05T10:20:30.123Z", "duration_s": 0.25, "labels": {"a b": "x"}
}}`

// firewall is what a line of pairs becomes.
const firewall = `{"_kv": {
	"action": "deny", "srcip": "10.1.2.3", "srcport": "50122", "dstip": "198.51.100.7", "dstport": "22", "proto": "6", "sent": "1200", "rcvd": "0", "duration": "0:01:30", "elapsed": "1500",
	"user": "CORP\\ann", "path": "C:\\Windows\\System32\\cmd.exe", "url": "/a%20b?x=1", "mac": "001a.2b3c.4d5e", "flags": "0x12", "msg": "Login failed for user \"ann\" from 10.1.2.3", "empty": "", "none": "-", "groups": "vpn, staff", "peer": "[2001:db8::1]:443"
}, "source": {"ip": "10.1.2.3", "port": 50122}, "event": {"category": ["network"], "type": ["connection", "denied"]}, "message": "%ASA-4-106023: Deny tcp src inside"}`

// TestFormats has what formats write, over records of the kinds that they read.
func TestFormats(t *testing.T) {
	for _, tt := range []struct{ doc, src, want string }{
		{cloud, `find(_json.actor.alternateId, "^[^@]+")`, `"Ann.Other"`},
		{cloud, `find(_json.actor.alternateId, "@(.+)$")`, `"example.org"`},
		{cloud, `lower(_json.severity)`, `"warn"`},
		{cloud, `string(_json.actor.id)`, `"77"`},
		{cloud, `_json.outcome.reason ?? "none given"`, `"none given"`},
		{cloud, `_json.outcome.result == "SUCCESS" ? "success" : _json.outcome.result in ["FAILURE", "DENY"] ? "failure" : "unknown"`, `"failure"`},
		{cloud, `first(filter(_json.target, .type == "User")).alternateId`, `"kim@example.org"`},
		{cloud, `filter(_json.target, .type == "UserGroup")[0].displayName`, `"admins"`},
		{cloud, `map(_json.target, .id)`, `["u1","g1"]`},
		{cloud, `_json.target.id`, `["u1","g1"]`},
		{cloud, `_json.target.0.id + "/" + _json.target.1.id`, `"u1/g1"`},
		{cloud, `any(_json.target, .type == "AppInstance")`, `false`},
		{cloud, `object(_json.parameters, "name", "value", "boolValue", "intValue")`, `{"doc_title":"Plan","billable":false,"count":"3"}`},
		{cloud, `int(object(_json.parameters, "name", "intValue").count) + 1`, `4`},
		{cloud, `_json.request.ipChain.ip`, `["203.0.113.7","10.0.0.1"]`},
		{cloud, `first(filter(_json.request.ipChain.ip, not cidr(#, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))`, `"203.0.113.7"`},
		{cloud, `_json["meta.user"] ?? _json.meta.user`, `"root"`},
		{cloud, `_json.labels["a b"]`, `"x"`},
		{cloud, `int(seconds(_json.duration_s))`, `250000000`},
		{cloud, `date(_json.published)`, `time 2024-03-05T10:20:30.123Z`},
		{cloud, `find(_json.eventType, "^[a-z_]+\\.[a-z_]+")`, `"user.session"`},
		{cloud, `find(_json.eventType, "^[a-z_]+\.[a-z_]+")`, `"user.session"`},
		{cloud, `split(_json.eventType, ".")[-1]`, `"start"`},
		{cloud, `_json.eventType startsWith "user." and _json.eventType endsWith ".start"`, `true`},
		{cloud, `keys(_json.labels)`, `["a b"]`},
		{cloud, `has(_json.target) and not has(_json.client)`, `true`},
		{cloud, `len(_json.target) > 1`, `true`},
		{cloud, `snake("ipAddress")`, `"ip_address"`},
		{firewall, `_kv.action in ["deny", "drop", "reject"]`, `true`},
		{firewall, `ieq(_kv.action, "DENY", "DROP")`, `true`},
		{firewall, `int(_kv.sent) + int(_kv.rcvd)`, `1200`},
		{firewall, `_kv.sent - _kv.rcvd`, `1200`},
		{firewall, `int(_kv.sent) > 0 and _kv.rcvd == 0`, `true`},
		{firewall, `source.port in [80, 443] or _kv.dstport == 22`, `true`},
		{firewall, `source.ip != nil and cidr(source.ip, "10.0.0.0/8")`, `true`},
		{firewall, `source.ip == _kv.srcip`, `true`},
		{firewall, `millis(_kv.elapsed)`, `1500000000`},
		{firewall, `seconds(duration(_kv.duration))`, `90000000000`},
		{firewall, `find(_kv.user, "([^\\\\]+)$")`, `"ann"`},
		{firewall, "find(_kv.user, `([^\\\\]+)$`)", `"ann"`},
		{firewall, `basename(_kv.path)`, `"cmd.exe"`},
		{firewall, `dirname(_kv.path)`, `"C:\\Windows\\System32"`},
		{firewall, `ext(_kv.path)`, `"exe"`},
		{firewall, `urldecode(find(_kv.url, "^[^?]*"))`, `"/a b"`},
		{firewall, `mac(_kv.mac)`, `"00-1A-2B-3C-4D-5E"`},
		{firewall, `bits(_kv.flags, 0x02) and not bits(_kv.flags, 0x01)`, `true`},
		{firewall, `find(_kv.msg, "for user \"([^\"]+)\"")`, `"ann"`},
		{firewall, `find(_kv.msg, 'for user "([^"]+)"')`, `"ann"`},
		{firewall, `icontains(_kv.msg, "FAILED")`, `true`},
		{firewall, `_kv.empty ?? _kv.none`, `"-"`},
		{firewall, `_kv.none == "-" ? nil : _kv.none`, `nil`},
		{firewall, `split(_kv.groups, ",")`, `["vpn","staff"]`},
		{firewall, `"staff" in split(_kv.groups, ",")`, `true`},
		{firewall, `host_of(_kv.peer)`, `"2001:db8::1"`},
		{firewall, `port_of(_kv.peer)`, `443`},
		{firewall, `event.category == "network" and event.type == "denied"`, `true`},
		{firewall, `event.type != "allowed"`, `true`},
		{firewall, `message matches "^%ASA-[0-7]-\d{6}: "`, `true`},
		{firewall, `int(find(message, "^%ASA-(\d)"))`, `4`},
		{firewall, `find(message, "^%ASA-\d-(\d+)")`, `"106023"`},
		{firewall, `message contains "Deny" and not (message contains "Built")`, `true`},
		{firewall, `upper(_kv.action) + " " + _kv.srcip + ":" + _kv.srcport`, `"DENY 10.1.2.3:50122"`},
		{firewall, `community(_kv.srcip, _kv.srcport, _kv.dstip, _kv.dstport, _kv.proto) startsWith "1:"`, `true`},
		{firewall, `glob(_kv.path, "C:\\\\Windows\\\\*.exe")`, `true`},
	} {
		d := newDocument(t, tt.doc)
		if got := spell(d.compile(t, tt.src).Eval(d)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.src, got, tt.want)
		}
	}
}

// FuzzIndexes holds that rewriting adds runes and takes none away, that what is rewritten once stays, and that a place in the
// rewritten text leads to one in the writer's.
func FuzzIndexes(f *testing.F) {
	for _, s := range []string{`_x.0.1 + 1.5`, `"a\d" + _y.2`, "`_x.0` // .0\n_z.3", `_a["b.0"].4`, `'\`, `_x.0b`, `"\x41\xq"`, `/* _x.0`} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, src string, at int) {
		if !utf8.ValidString(src) || len(src) > 1000 {
			return
		}
		text, added := indexes(src)
		if utf8.RuneCountInString(text) != utf8.RuneCountInString(src)+len(added) {
			t.Fatalf("%q: %q with %d more", src, text, len(added))
		}
		if again, more := indexes(text); again != text || more != nil {
			t.Fatalf("%q: %q, then %q", src, text, again)
		}
		if at < 0 || at > utf8.RuneCountInString(text) {
			return
		}
		err := added.restore(src, text, source.At(text, at, at+1, "x", "here"))
		e, ok := err.(*source.Error) //nolint:errorlint // made above
		if !ok || e.Line < 1 || e.Col < 1 || e.Line > strings.Count(src, "\n")+1 {
			t.Fatalf("%q, rune %d: %v", src, at, err)
		}
	})
}
