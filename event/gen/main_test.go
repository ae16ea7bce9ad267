package main

import "testing"

func TestGoName(t *testing.T) {
	tests := map[string]string{
		"@timestamp": "Timestamp", "source.ip": "SourceIP", "cisco.asa.icmp_type": "CiscoASAICMPType", "dns.question.name": "DNSQuestionName",
		"process.tty.char_device.major": "ProcessTTYCharDeviceMajor", "a-b.c_d": "ABCD",
	}
	for path, want := range tests {
		if got := goName(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestTypeOf(t *testing.T) {
	tests := map[string]string{
		"keyword": "ecs.Keyword", "constant_keyword": "ecs.Keyword", "wildcard": "ecs.Keyword", "match_only_text": "ecs.Text", "text": "ecs.Text",
		"long": "ecs.Long", "short": "ecs.Long", "float": "ecs.Double", "scaled_float": "ecs.Double", "date": "ecs.Date", "boolean": "ecs.Boolean",
		"ip": "ecs.IP", "geo_point": "ecs.GeoPoint", "object": "ecs.Nested", "nested": "ecs.Nested", "flattened": "ecs.Flattened",
	}
	for typ, want := range tests {
		if got := typeOf(typ); got != want {
			t.Errorf("%s: got %s, want %s", typ, got, want)
		}
	}
}

// The lists in schemas/ are readable, and no path is in two of them.
func TestRead(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"ecs", "weir", "vendor"} {
		fields := read("../../schemas/" + name + ".csv")
		if len(fields) < 10 {
			t.Errorf("%s: %d fields", name, len(fields))
		}
		for _, f := range fields {
			if other, ok := seen[f.path]; ok {
				t.Errorf("%s is in %s and in %s", f.path, other, name)
			}
			seen[f.path] = name
		}
	}
}
