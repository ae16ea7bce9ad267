package writing_test

import "testing"

// TestURI_Parts: what is cut off, odd or encoded is taken apart as far as it goes.
func TestURI_Parts(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"http://a.example", `"domain":"a.example","original":"http://a.example","scheme":"http"`},
		{"http://a.example/", `"domain":"a.example","original":"http://a.example/","path":"/","scheme":"http"`},
		{"HTTP://A.example:80/x", `"domain":"A.example","original":"HTTP://A.example:80/x","path":"/x","port":80,"scheme":"HTTP"`},
		{"http://[2001:db8::1]:8080/x", `"domain":"2001:db8::1","original":"http://[2001:db8::1]:8080/x","path":"/x","port":8080,"scheme":"http"`},
		{"http://a.example:99999/", `"domain":"a.example:99999","original":"http://a.example:99999/","path":"/","scheme":"http"`},
		{"http://kim@a.example/", `"domain":"a.example","original":"http://kim@a.example/","path":"/","scheme":"http","username":"kim"`},
		{"http://kim:p%40w@a.example/", `"domain":"a.example","original":"http://kim:p%40w@a.example/","password":"p%40w","path":"/","scheme":"http","username":"kim"`},
		{"//a.example/x", `"domain":"a.example","original":"//a.example/x","path":"/x"`},
		{"/only/a/path.html", `"extension":"html","original":"/only/a/path.html","path":"/only/a/path.html"`},
		{"/x?a=b&c=%2F#f", `"fragment":"f","original":"/x?a=b&c=%2F#f","path":"/x","query":"a=b&c=/"`},
		{"/x?", `"original":"/x?","path":"/x"`},
		{"a.example:443", `"original":"a.example:443","path":"a.example:443"`},
		{"mailto:kim@a.example", `"extension":"example","original":"mailto:kim@a.example","path":"kim@a.example","scheme":"mailto"`},
		{"http://a.example/a b|c", `"domain":"a.example","original":"http://a.example/a b|c","path":"/a b|c","scheme":"http"`},
		{"http://a.example/%41%zz", `"domain":"a.example","original":"http://a.example/%41%zz","path":"/%41%zz","scheme":"http"`},
		{"http://a.example/%ff", "\"domain\":\"a.example\",\"original\":\"http://a.example/%ff\",\"path\":\"/\ufffd\",\"scheme\":\"http\""},
		{"http://a.example/archive.tar.gz", `"domain":"a.example","extension":"gz","original":"http://a.example/archive.tar.gz","path":"/archive.tar.gz","scheme":"http"`},
		{"http://a.example/v1.2/x", `"domain":"a.example","original":"http://a.example/v1.2/x","path":"/v1.2/x","scheme":"http"`},
		{"http://", `"original":"http://","scheme":"http"`},
	} {
		if got, want := ran(t, "- uri: {from: message}", c.url), `{"url":{`+c.want+`}}`; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", c.url, got, want)
		}
	}
	check(t, []stepCase{
		{"elsewhere", "- uri: {from: message, to: acme.link}", "http://a.example/x", `{"acme":{"link.original":"http://a.example/x","link.scheme":"http","link.domain":"a.example","link.path":"/x"}}`},
		{"of url.original itself", "- set: {url.original: '{{message}}'}\n- uri: {from: url.original}", "/x", `{"url":{"original":"/x","path":"/x"}}`},
		{"nothing", "- uri: {from: _no}\n- uri: {from: message}", "-", `{}`},
	})
}

// TestDomain_Parts: the parts of a name, and none of what has none.
func TestDomain_Parts(t *testing.T) {
	for name, want := range map[string]string{
		"www.example.com": `{"dns":{"question":{"registered_domain":"example.com","subdomain":"www","top_level_domain":"com"}}}`,
		"example.com":     `{"dns":{"question":{"registered_domain":"example.com","top_level_domain":"com"}}}`,
		"example.com.":    `{"dns":{"question":{"registered_domain":"example.com","top_level_domain":"com"}}}`,
		"co.uk":           `{"dns":{"question":{"top_level_domain":"co.uk"}}}`,
		"a.b.c.co.uk":     `{"dns":{"question":{"registered_domain":"c.co.uk","subdomain":"a.b","top_level_domain":"co.uk"}}}`,
		"host":            `{}`,
		"192.0.2.1":       `{}`,
		"2001:db8::1":     `{}`,
		"-":               `{}`,
	} {
		if got := ran(t, "- domain: {from: message, to: dns.question}", name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAddress_Forms: addresses, names, ports, networks, and what is none of them.
func TestAddress_Forms(t *testing.T) {
	for from, want := range map[string]string{
		"192.0.2.1":        `{"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`,
		" 192.0.2.1 ":      `{"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`,
		"192.0.2.1:443":    `{"source":{"address":"192.0.2.1","ip":"192.0.2.1","port":443}}`,
		"192.0.2.1:":       `{"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`,
		"2001:db8::1":      `{"source":{"address":"2001:db8::1","ip":"2001:db8::1"}}`,
		"[2001:db8::1]":    `{"source":{"address":"2001:db8::1","ip":"2001:db8::1"}}`,
		"[2001:db8::1]:53": `{"source":{"address":"2001:db8::1","ip":"2001:db8::1","port":53}}`,
		"host.example":     `{"source":{"address":"host.example","domain":"host.example"}}`,
		"host.example:80":  `{"source":{"address":"host.example","domain":"host.example","port":80}}`,
		"host:http":        `{"source":{"address":"host:http","domain":"host:http"}}`,
		"host:70000":       `{"source":{"address":"host:70000","domain":"host:70000"}}`,
		"10.0.0.0/8":       `{"source":{"address":"10.0.0.0/8"}}`,
		"-":                `{}`,
		"-:80":             `{}`,
	} {
		if got := ran(t, "- address: {message: source}", from); got != want {
			t.Errorf("%q: %s, want %s", from, got, want)
		}
	}
}

// TestDump_Keys: from, to, names and except.
func TestDump_Keys(t *testing.T) {
	const doc = `{"userName":"kim","Deep":{"aB":1,"HTTPCode":[{"x.Y":2}]},"e":{},"list":[],"n":null,"s":"-","":"none"}`
	check(t, []stepCase{
		{"as they are", "- json: {}\n- dump: {from: _json, to: acme}", doc, `{"acme":{"userName":"kim","Deep":{"aB":1,"HTTPCode":[{"x.Y":2}]}}}`},
		{"lower", "- json: {}\n- dump: {from: _json, to: acme, names: lower}", doc, `{"acme":{"username":"kim","deep":{"ab":1,"httpcode":[{"x.y":2}]}}}`},
		{"snake", "- json: {}\n- dump: {from: _json, to: acme, names: snake}", doc, `{"acme":{"user_name":"kim","deep":{"a_b":1,"http_code":[{"x.y":2}]}}}`},
		{"except, also within lists", "- json: {}\n- dump: {from: _json, to: acme, except: [userName, Deep.aB, 'Deep.HTTPCode.\"x.Y\"']}", doc, `{}`},
		{"a part of a tree", "- json: {}\n- dump: {from: _json.Deep, to: acme.deep}", doc, `{"acme":{"deep":{"aB":1,"HTTPCode":[{"x.Y":2}]}}}`},
		{"beside what is there", "- set: {acme.old: 1, acme.userName: lee}\n- json: {}\n- dump: {from: _json, to: acme, except: [Deep]}", doc, `{"acme":{"old":1,"userName":"kim"}}`},
		{"into scratch", "- json: {}\n- dump: {from: _json, to: _d, names: snake}\n- copy: {_d.user_name: user.name}", doc, `{"user":{"name":"kim"}}`},
		{"what is no object", "- dump: {from: message, to: acme}\n- dump: {from: _no, to: acme}", "text", `{}`},
		{"what a step before took", "- json: {}\n- move: {_json.userName: user.name, _json.Deep: _x}\n- dump: {from: _json, to: acme}", doc, `{"user":{"name":"kim"}}`},
	})
}
