package cef

import (
	"strings"
	"testing"

	"weir/event"
	"weir/processors/parse/internal/role"
)

// Every key of the dictionary must do what it says: a value that fits sets a field.
func TestDictionary(t *testing.T) {
	values := []string{"5", "192.0.2.1", "00:11:22:33:44:55", "1543270652000", "580a783c1cb2b20613323f715d231a69", "success", "text", "tcp", "1"}
	names := map[string]string{}
	for key, x := range dictionary {
		if other, ok := names[x.name]; ok {
			t.Errorf("%s and %s are both %s", key, other, x.name)
		}
		names[x.name] = key
		if !x.hasRole {
			continue
		}
		ok := false
		for _, v := range values {
			var e event.Event
			ok = ok || x.key.Apply(&e, v) && e.Len() > 0
		}
		if !ok {
			t.Errorf("%s: no value fits", key)
		}
		if x.key.Role == role.Field && x.key.Field == 0 {
			t.Errorf("%s has no field", key)
		}
	}
	for _, n := range customNames {
		if _, ok := fullNames[n]; !ok && n != "flexNumber1" && n != "flexNumber2" {
			t.Errorf("%s is in no dictionary", n)
		}
	}
	for label := range labelKeys {
		if normal(label) != label {
			t.Errorf("label %q is not in its normal form", label)
		}
	}
}

// TestDictionary_Fields: the keys that searches and rules stand on, one by one: what a key means must not change unseen.
func TestDictionary_Fields(t *testing.T) {
	for _, c := range []struct{ pair, field, want string }{
		{"act=blocked", "event.action", "blocked"},
		{"app=HTTPS", "network.protocol", "https"},
		{"proto=UDP", "network.transport", "udp"},
		{"proto=6", "network.transport", "tcp"},
		{"src=192.0.2.1", "source.ip", "192.0.2.1"},
		{"src=192.0.2.1", "source.address", "192.0.2.1"},
		{"shost=web-1", "source.domain", "web-1"},
		{"smac=00:11:22:33:44:55", "source.mac", "00-11-22-33-44-55"},
		{"spt=1024", "source.port", "1024"},
		{"suid=501", "source.user.id", "501"},
		{"suser=bob", "source.user.name", "bob"},
		{`suser=CORP\\bob`, "source.user.domain", "CORP"},
		{"sourceTranslatedAddress=203.0.113.1", "source.nat.ip", "203.0.113.1"},
		{"sourceTranslatedPort=99", "source.nat.port", "99"},
		{"dst=192.0.2.2", "destination.ip", "192.0.2.2"},
		{"dpt=443", "destination.port", "443"},
		{"duser=root", "destination.user.name", "root"},
		{"dvc=192.0.2.9", "observer.ip", `["192.0.2.9"]`},
		{"dvchost=fw-1", "observer.hostname", "fw-1"},
		{"deviceInboundInterface=eth0", "observer.ingress.interface.name", "eth0"},
		{"fname=a.exe", "file.name", "a.exe"},
		{"fsize=12", "file.size", "12"},
		{"filePath=/tmp/a", "file.path", "/tmp/a"},
		{"in=10", "source.bytes", "10"},
		{"out=20", "destination.bytes", "20"},
		{"outcome=success", "event.outcome", "success"},
		{"reason=no rule", "event.reason", "no rule"},
		{"request=https://h.example/p?q=1", "url.original", "https://h.example/p?q=1"},
		{"requestMethod=POST", "http.request.method", "POST"},
		{"requestClientApplication=curl/8", "user_agent.original", "curl/8"},
		{"rt=1543270652000", "@timestamp", "2018-11-26T22:17:32.000Z"},
		{"start=1543270652000", "event.start", "2018-11-26T22:17:32.000Z"},
		{"inzone=trust", "observer.ingress.zone", "trust"},
		{"rule_uid=77", "rule.uuid", "77"},
		{"cat=malware", "cef.extensions.deviceEventCategory", "malware"},
		{"ahost=agent-1", "cef.extensions.agentHostName", "agent-1"},
	} {
		var e event.Event
		if err := Parse(&e, "CEF:0|V|P|1|2|n|3|"+c.pair); err != nil {
			t.Fatal(err)
		}
		if got := e.GetPath(c.field).Text(); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.pair, c.field, got, c.want)
		}
		full, _, _ := strings.Cut(c.pair, "=")
		if x, ok := dictionary[full]; ok {
			full = x.name
		}
		if ext := e.Get(event.CEFExtensions).Get(full); ext.Kind() == event.Absent {
			t.Errorf("%s is not kept as %s", c.pair, full)
		}
	}
}
