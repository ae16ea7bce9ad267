package snmp

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"weir/internal/testkit"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct{ oid, name, instance string }{
		{"1.3.6.1.2.1.2.2.1.1.3", "ifIndex", "3"},
		{"1.3.6.1.2.1.2.2.1.1", "ifIndex", ""},
		{"1.3.6.1.2.1.2.2.1.10.3", "ifInOctets", "3"},
		{"1.3.6.1.2.1.2.2.1.100.3", "", ""}, // not .10
		{"1.3.6.1.6.3.1.1.5.3", "linkDown", ""},
		{"1.3.6.1.2.1.1.3.0", "sysUpTime", "0"},
		{"1.3.6.1.2.1.31.1.4.1.1.2.6.0.17", "ifRcvAddressAddress", "2.6.0.17"},
		{"1.3.6.1.4.1.9.9.41", "", ""},
		{"", "", ""},
		{"1", "", ""},
		{"...", "", ""},
	} {
		o, instance := find(tt.oid)
		name := ""
		if o != nil {
			name = o.name
		}
		if name != tt.name || instance != tt.instance {
			t.Errorf("%s: %s %q, want %s %q", tt.oid, name, instance, tt.name, tt.instance)
		}
	}
}

func TestTicks(t *testing.T) {
	for n, want := range map[int64]string{0: "00:00:00.00", 4711: "00:00:47.11", 360000: "01:00:00.00", 231742237 + 86400*100: "27:19:43:42.37"} {
		if got := ticks(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// The parts of a MIB module that give names their places: name OBJECT-TYPE ... ::= { parent 3 }.
var (
	comment    = regexp.MustCompile(`--[^\n]*`)
	assignment = regexp.MustCompile(`(?s)\b([a-z][A-Za-z0-9]*)\s+(?:(?:OBJECT-TYPE|NOTIFICATION-TYPE|MODULE-IDENTITY|OBJECT-IDENTITY)\b(.*?)|OBJECT IDENTIFIER\s*)::=\s*\{\s*([A-Za-z][A-Za-z0-9-]*)\s+(\d+)\s*\}`)
	syntax     = regexp.MustCompile(`(?s)SYNTAX\s+INTEGER\s*\{(.*?)\}`)
	value      = regexp.MustCompile(`([a-zA-Z][A-Za-z0-9]*)\s*\((\d+)\)`)
)

// TestNames_AsInTheMIBs compares the table with the modules themselves.
func TestNames_AsInTheMIBs(t *testing.T) {
	oids := map[string]string{"iso": "1", "org": "1.3", "dod": "1.3.6", "internet": "1.3.6.1", "mgmt": "1.3.6.1.2", "mib-2": "1.3.6.1.2.1", "snmpV2": "1.3.6.1.6", "snmpModules": "1.3.6.1.6.3", "transmission": "1.3.6.1.2.1.10"}
	bodies := map[string]string{}
	for _, module := range []string{"SNMPv2-MIB", "IF-MIB", "SNMP-COMMUNITY-MIB"} {
		text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "snmp", "mibs", module+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range assignment.FindAllStringSubmatch(comment.ReplaceAllString(string(text), ""), -1) {
			if parent, ok := oids[m[3]]; ok {
				oids[m[1]], bodies[m[1]] = parent+"."+m[4], m[2]
			}
		}
	}
	for _, o := range objects {
		if o.name == "egpNeighborLoss" { // only a comment in the module
			continue
		}
		if oids[o.name] != o.oid {
			t.Errorf("%s is %s, in its module %s", o.name, o.oid, oids[o.name])
		}
		if m := syntax.FindStringSubmatch(bodies[o.name]); m != nil {
			for _, v := range value.FindAllStringSubmatch(m[1], -1) {
				if n, _ := strconv.ParseInt(v[2], 10, 64); o.enum[n] != v[1] {
					t.Errorf("%s %d is %q, in its module %q", o.name, n, o.enum[n], v[1])
				}
			}
		} else if body := bodies[o.name]; o.tick != (strings.Contains(body, "TimeTicks") || strings.Contains(body, "TimeStamp")) {
			t.Errorf("%s: counts hundredths of seconds: %v", o.name, o.tick)
		}
	}
	text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "data", "snmp", "mibs", "IANAifType-MIB.txt"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, v := range value.FindAllStringSubmatch(comment.ReplaceAllString(string(text), ""), -1) {
		if known[v[2]] == "" { // a second type follows, of tunnels
			known[v[2]] = v[1]
		}
	}
	for n, name := range ifTypes {
		if got := known[strconv.FormatInt(n, 10)]; got != name {
			t.Errorf("ifType %d is %s, in its module %s", n, name, got)
		}
	}
}
