package sigma

import (
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/tree"
)

// fieldNames are what the names in these tests mean.
var fieldNames = map[string][]string{
	"CommandLine": {"process.command_line"}, "Image": {"process.executable"}, "ParentImage": {"process.parent.executable"}, "Name": {"process.name"}, "User": {"user.name"},
	"EventID": {"event.code"}, "Port": {"destination.port"}, "Ip": {"source.ip"}, "Time": {"event.start"}, "Size": {"file.size"}, "Signed": {"process.code_signature.exists"},
	"Either": {"user.name", "user.id"},
}

// paths is how these tests map names.
func paths(name string) []string {
	if p := fieldNames[name]; p != nil {
		return p
	}
	return []string{name}
}

// holds tells whether a condition holds for a document.
func holds(t testing.TB, n *tree.Node, doc string) bool {
	t.Helper()
	c, err := match.Compiler{}.CompileTree(n)
	if err != nil {
		t.Fatalf("%s: %v", n, err)
	}
	var e event.Event
	if err := e.Decode([]byte(doc)); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return c.Match(&e)
}

// TestModifiers says of every modifier what it becomes, and by events what that means.
func TestModifiers(t *testing.T) {
	t.Parallel()
	cmd := func(s string) string { return `{"process": {"command_line": "` + s + `"}}` }
	user := func(s string) string { return `{"user": {"name": "` + s + `"}}` }
	both := func(user, name string) string {
		return `{"user": {"name": "` + user + `"}, "process": {"name": "` + name + `"}}`
	}
	port := func(n string) string { return `{"destination": {"port": ` + n + `}}` }
	ip := func(s string) string { return `{"source": {"ip": "` + s + `"}}` }
	at := func(s string) string { return `{"event": {"start": "` + s + `"}}` }
	none := `{"message": "x"}`
	for _, tc := range []struct {
		item, want   string
		hits, misses []string
	}{
		{`CommandLine: Who`, `ieq(process.command_line, "Who")`, []string{cmd("who"), cmd("WHO")}, []string{cmd("whoami"), cmd(""), none}},
		{`CommandLine: [a, b]`, `ieq(process.command_line, "a", "b")`, []string{cmd("A"), cmd("b")}, []string{cmd("ab")}},
		{"CommandLine: x\nUser: y", `ieq(process.command_line, "x") and ieq(user.name, "y")`, []string{`{"process": {"command_line": "X"}, "user": {"name": "y"}}`}, []string{cmd("x"), user("y")}},
		// Wildcards become the plainest test that means the same.
		{`CommandLine: ['a', 'B*', '*c', '*d*', 'e*f']`, `ieq(process.command_line, "a") or istartswith(process.command_line, "B") or iendswith(process.command_line, "c") or icontains(process.command_line, "d") or iglob(process.command_line, "e*f")`,
			[]string{cmd("A"), cmd("bx"), cmd("xC"), cmd("xDx"), cmd("E anything F"), cmd("ef")}, []string{cmd("ax"), cmd("xb"), cmd("cx"), cmd("efg")}},
		{`CommandLine: 'a?c'`, `iglob(process.command_line, "a?c")`, []string{cmd("aBc"), cmd("a\u00fcc")}, []string{cmd("ac"), cmd("abbc")}},
		{`CommandLine: '**a**'`, `icontains(process.command_line, "a")`, []string{cmd("bab")}, []string{cmd("b")}},
		{`CommandLine: '*'`, `exists(process.command_line)`, []string{cmd("a"), cmd("")}, []string{none}},
		{`CommandLine|contains: ['a', 'b?c', '*d']`, `icontains(process.command_line, "a", "d") or iglob(process.command_line, "*b?c*")`, []string{cmd("xAx"), cmd("xb.cx"), cmd("xdx")}, []string{cmd("bc")}},
		{`CommandLine|startswith: Ab`, `istartswith(process.command_line, "Ab")`, []string{cmd("abc")}, []string{cmd("cab")}},
		{`CommandLine|startswith: 'a*b'`, `iglob(process.command_line, "a*b*")`, []string{cmd("a1b2")}, []string{cmd("xab")}},
		{`Image|endswith: '\whoami.exe'`, `iendswith(process.executable, "\\whoami.exe")`, []string{`{"process": {"executable": "C:\\W\\WHOAMI.EXE"}}`}, []string{`{"process": {"executable": "C:\\whoami.exe.x"}}`}},
		// Escapes.
		{`CommandLine: 'C:\Windows\\\*'`, `ieq(process.command_line, "C:\\Windows\\*")`, []string{cmd(`C:\\windows\\*`)}, []string{cmd(`C:\\windows\\a`)}},
		{`CommandLine: 'a\\*'`, `istartswith(process.command_line, "a\\")`, []string{cmd(`a\\b`)}, []string{cmd(`ab`), cmd(`a*`)}},
		{`CommandLine: 'a\*b\?'`, `ieq(process.command_line, "a*b?")`, []string{cmd(`A*B?`)}, []string{cmd(`a1b2`)}},
		{`CommandLine: 'a\\\\b\c'`, `ieq(process.command_line, "a\\\\b\\c")`, []string{cmd(`a\\\\b\\c`)}, []string{cmd(`a\\b\\c`)}},
		{`CommandLine|contains: 'a\*?'`, `iglob(process.command_line, "*a\\*?*")`, []string{cmd(`xa*x`)}, []string{cmd(`xa*`), cmd(`xabx`)}},
		// Case.
		{`CommandLine|cased: [Who, '42']`, `process.command_line == "Who" or ieq(process.command_line, "42")`, []string{cmd("Who"), cmd("42")}, []string{cmd("who")}},
		{`CommandLine|contains|cased: Who`, `process.command_line contains "Who"`, []string{cmd("aWhoa")}, []string{cmd("awhoa")}},
		{`CommandLine|startswith|cased: Who`, `process.command_line startsWith "Who"`, []string{cmd("Whoa")}, []string{cmd("whoa")}},
		{`CommandLine|endswith|cased: Who`, `process.command_line endsWith "Who"`, []string{cmd("aWho")}, []string{cmd("awho")}},
		{`CommandLine|cased: 'W*o'`, `glob(process.command_line, "W*o")`, []string{cmd("W-o")}, []string{cmd("w-o")}},
		{`EventID|cased: 4688`, `ieq(event.code, "4688")`, []string{`{"event": {"code": "4688"}}`}, []string{`{"event": {"code": "468"}}`}},
		// All.
		{`CommandLine|contains|all: [a, b]`, `icontains(process.command_line, "a") and icontains(process.command_line, "b")`, []string{cmd("xbax")}, []string{cmd("a"), cmd("b")}},
		{`CommandLine|all: ['*a*', 'b*']`, `icontains(process.command_line, "a") and istartswith(process.command_line, "b")`, []string{cmd("ba")}, []string{cmd("ab")}},
		// Null, empty and absent.
		{`User: null`, `absent(user.name)`, []string{none, `{"user": {"name": null}}`}, []string{user("x"), user("")}},
		{`User: ''`, `ieq(user.name, "")`, []string{user("")}, []string{none, user("x")}},
		{`User: ['', null]`, `absent(user.name) or ieq(user.name, "")`, []string{user(""), none}, []string{user("x")}},
		{`User|exists: true`, `exists(user.name)`, []string{user("x"), user("")}, []string{none}},
		{`User|exists: 'no'`, `absent(user.name)`, []string{none}, []string{user("x")}},
		{`Either: null`, `absent(user.name) and absent(user.id)`, []string{none}, []string{user("x"), `{"user": {"id": "1"}}`}},
		{`Either: a`, `ieq(user.name, "a") or ieq(user.id, "a")`, []string{user("a"), `{"user": {"id": "A"}}`}, []string{user("b")}},
		{`Either|neq: a`, `not (ieq(user.name, "a") or ieq(user.id, "a"))`, []string{none, user("b")}, []string{user("a"), `{"user": {"id": "A", "name": "b"}}`}},
		// Dashes, both ways.
		{`CommandLine|windash|contains: ' -x'`, "icontains(process.command_line, \" -x\", \" /x\", \" \u2013x\", \" \u2014x\", \" \u2015x\")", []string{cmd("a -X"), cmd("a /x"), cmd("a \u2014x")}, []string{cmd("a x")}},
		{`CommandLine|contains|windash: ' /x'`, "icontains(process.command_line, \" -x\", \" /x\", \" \u2013x\", \" \u2014x\", \" \u2015x\")", []string{cmd("a -X")}, []string{cmd("a +x")}},
		{"CommandLine|endswith|windash: ' \u2013x'", "iendswith(process.command_line, \" -x\", \" /x\", \" \u2013x\", \" \u2014x\", \" \u2015x\")", []string{cmd("a -X")}, []string{cmd("a -xx")}},
		{`CommandLine|contains|all|windash: [-a, b]`, "icontains(process.command_line, \"-a\", \"/a\", \"\u2013a\", \"\u2014a\", \"\u2015a\") and icontains(process.command_line, \"b\")", []string{cmd("b /a")}, []string{cmd("/a")}},
		{`CommandLine|windash: '-a*'`, "istartswith(process.command_line, \"-a\", \"/a\", \"\u2013a\", \"\u2014a\", \"\u2015a\")", []string{cmd("/abc")}, []string{cmd("abc")}},
		// Encodings: another case is another text.
		{`CommandLine|base64: foo`, `process.command_line == "Zm9v"`, []string{cmd("Zm9v")}, []string{cmd("zm9v"), cmd("foo")}},
		{`CommandLine|base64|contains: foo`, `process.command_line contains "Zm9v"`, []string{cmd("x Zm9v")}, []string{cmd("x zm9v")}},
		{`CommandLine|base64offset|contains: foo`, `process.command_line contains "Zm9v" or process.command_line contains "Zvb" or process.command_line contains "mb2"`,
			[]string{cmd("eGZvb3g="), cmd("eHhmb294"), cmd("Zm9veA==")}, []string{cmd("foo"), cmd("zvb")}},
		{`CommandLine|base64offset: foo`, `process.command_line contains "Zm9v" or process.command_line contains "Zvb" or process.command_line contains "mb2"`, []string{cmd("eGZvb3g=")}, nil},
		{`CommandLine|wide|base64offset|contains: ping`, `process.command_line contains "cABpAG4AZw" or process.command_line contains "AAaQBuAGcA" or process.command_line contains "wAGkAbgBnA"`, []string{cmd("x cABpAG4AZwAgAA==")}, []string{cmd("ping")}},
		{`CommandLine|base64offset|contains|all: [foo, bar]`, `(process.command_line contains "Zm9v" or process.command_line contains "Zvb" or process.command_line contains "mb2") and (process.command_line contains "YmFy" or process.command_line contains "Jhc" or process.command_line contains "iYX")`,
			[]string{cmd("Zm9vYmFy")}, []string{cmd("Zm9v")}},
		{`CommandLine|utf16le|base64: a`, `process.command_line == "YQA="`, []string{cmd("YQA=")}, nil},
		{`CommandLine|utf16be|base64: a`, `process.command_line == "AGE="`, []string{cmd("AGE=")}, nil},
		{`CommandLine|utf16|base64: a`, `process.command_line == "//5hAA=="`, []string{cmd("//5hAA==")}, nil},
		{`CommandLine|wide: ab`, `process.command_line == "a\x00b\x00"`, []string{cmd(`a\u0000b\u0000`)}, []string{cmd("ab")}},
		{`CommandLine|base64: 'a\*'`, `process.command_line == "YSo="`, []string{cmd("YSo=")}, nil},
		// Regular expressions.
		{`CommandLine|re: 'a.*B$'`, `re(process.command_line, "a.*B$")`, []string{cmd("xa-B")}, []string{cmd("xa-b"), cmd("aBx"), cmd(`a\nB`)}},
		{`CommandLine|re|i: 'a.*b'`, `re(process.command_line, "(?i)a.*b")`, []string{cmd("A-B")}, []string{cmd(`a\nb`)}},
		{`CommandLine|re|s: 'a.b'`, `re(process.command_line, "(?s)a.b")`, []string{cmd(`a\nb`)}, []string{cmd("ab")}},
		{`CommandLine|re|m: '^b$'`, `re(process.command_line, "(?m)^b$")`, []string{cmd(`a\nb\nc`)}, []string{cmd("ab")}},
		{`CommandLine|re|i|m|s: '^a.b$'`, `re(process.command_line, "(?ims)^a.b$")`, []string{cmd(`x\nA\nB`)}, []string{cmd(`xA\nB`)}},
		{`CommandLine|re: ['^a', '\d{3}']`, `re(process.command_line, "^a", "\\d{3}")`, []string{cmd("ab"), cmd("x123")}, []string{cmd("b12")}},
		{`CommandLine|re|neq: '^a'`, `not (re(process.command_line, "^a"))`, []string{cmd("b"), none}, []string{cmd("ab")}},
		// Networks.
		{`Ip|cidr: [10.0.0.0/8, 'fe80::/10', 192.0.2.7, 192.168.1.7/24]`, `cidr(source.ip, "10.0.0.0/8", "fe80::/10", "192.0.2.7", "192.168.1.0/24")`,
			[]string{ip("10.1.2.3"), ip("fe80::1"), ip("192.0.2.7"), ip("192.168.1.200")}, []string{ip("11.0.0.1"), ip("2001:db8::1"), none}},
		{`Ip|cidr|neq: 10.0.0.0/8`, `not (cidr(source.ip, "10.0.0.0/8"))`, []string{ip("11.1.1.1"), none}, []string{ip("10.1.1.1")}},
		// Numbers, and texts that are numbers.
		{`Port|lt: 1024`, `number(destination.port) < 1024`, []string{port("80")}, []string{port("1024"), port("9999"), none}},
		{`Port|lte: [80, '90']`, `number(destination.port) <= 80 or number(destination.port) <= 90`, []string{port("90")}, []string{port("91")}},
		{`Port|gt: 1024`, `number(destination.port) > 1024`, []string{port("1025")}, []string{port("1024"), port("90")}},
		{`Port|gte: 1.5e3`, `number(destination.port) >= 1500`, []string{port("1500")}, []string{port("1499")}},
		{`CommandLine|gt: 9`, `number(process.command_line) > 9`, []string{cmd("10")}, []string{cmd("9"), cmd("x")}},
		{`Port|neq: 80`, `not (ieq(destination.port, "80"))`, []string{port("81"), none}, []string{port("80")}},
		{`EventID: [4688, '4689']`, `ieq(event.code, "4688", "4689")`, []string{`{"event": {"code": "4689"}}`}, []string{`{"event": {"code": "46"}}`}},
		{`Port: 443`, `ieq(destination.port, "443")`, []string{port("443")}, []string{port("4433")}},
		{`Port|contains: 44`, `icontains(destination.port, "44")`, []string{port("1443")}, []string{port("4040")}},
		{`Signed: true`, `ieq(process.code_signature.exists, "true")`, []string{`{"process": {"code_signature": {"exists": true}}}`}, []string{`{"process": {"code_signature": {"exists": false}}}`}},
		// Parts of a time, in UTC.
		{`Time|minute: [5, 6]`, `minute(event.start) in [5, 6]`, []string{at("2026-11-21T10:05:00Z")}, []string{at("2026-11-21T05:07:00Z"), none}},
		{`Time|hour: 5`, `hour(event.start) == 5`, []string{at("2026-11-21T05:30:00Z"), at("2026-11-21T14:30:00+09:00")}, []string{at("2026-11-21T06:00:00Z")}},
		{`Time|hour|gte: 18`, `hour(event.start) >= 18`, []string{at("2026-11-21T18:00:00Z")}, []string{at("2026-11-21T17:59:59Z")}},
		{`Time|hour|neq: 5`, `not (hour(event.start) == 5)`, []string{at("2026-11-21T18:00:00Z"), none}, []string{at("2026-11-21T05:59:59Z")}},
		{`Time|day|lt: 2`, `day(event.start) < 2`, []string{at("2026-11-01T18:00:00Z")}, []string{at("2026-11-02T00:00:00Z")}},
		{`Time|week: 47`, `week(event.start) == 47`, []string{at("2026-11-21T18:00:00Z")}, []string{at("2026-11-28T18:00:00Z")}},
		{`Time|month: 11`, `month(event.start) == 11`, []string{at("2026-11-21T18:00:00Z")}, []string{at("2026-12-21T18:00:00Z")}},
		{`Time|year: 2026`, `year(event.start) == 2026`, []string{at("2026-11-21T18:00:00Z")}, []string{at("2025-11-21T18:00:00Z")}},
		// Other than.
		{`User|neq: [root, admin]`, `not (ieq(user.name, "root", "admin"))`, []string{user("kim"), none}, []string{user("ROOT"), user("admin")}},
		{`User|contains|neq: oo`, `not (icontains(user.name, "oo"))`, []string{user("kim")}, []string{user("root")}},
		{`User|neq: null`, `not (absent(user.name))`, []string{user("kim")}, []string{none}},
		// Another field.
		{`User|fieldref: Name`, `ieq(user.name, process.name)`, []string{both("a", "A")}, []string{both("a", "ab"), user("a"), none}},
		{`User|fieldref|contains: Name`, `icontains(user.name, process.name)`, []string{both("xay", "A")}, []string{both("a", "ab")}},
		{`User|fieldref|startswith: Name`, `istartswith(user.name, process.name)`, []string{both("ay", "A")}, []string{both("xa", "a")}},
		{`User|endswith|fieldref: Name`, `iendswith(user.name, process.name)`, []string{both("xa", "A")}, []string{both("ay", "a")}},
		{`User|fieldref|neq: Name`, `not (ieq(user.name, process.name))`, []string{both("a", "b"), none}, []string{both("a", "a")}},
		// Without a field: anywhere in the event.
		{`'|all': [ab, cd]`, `icontains($env, "ab") and icontains($env, "cd")`, []string{`{"message": "xABx", "user": {"name": "cd"}}`}, []string{`{"message": "ab"}`}},
		{`'|contains': ab`, `icontains($env, "ab")`, []string{cmd("xabx")}, []string{cmd("a b")}},
		{`'': ab`, `icontains($env, "ab")`, []string{cmd("xabx")}, []string{cmd("a b")}},
		{`'|re': 'a+b$'`, `re($env, "a+b$")`, []string{cmd("xaab")}, []string{cmd("xaabx")}},
		{`'|startswith': ab`, `istartswith($env, "ab")`, []string{cmd("abc")}, []string{cmd("cab")}},
		{`'|cased': Ab`, `$env contains "Ab"`, []string{cmd("xAbx")}, []string{cmd("xabx")}},
		{`'|all': ['a*b', 'c?d']`, `iglob($env, "*a*b*") and iglob($env, "*c?d*")`, []string{cmd("a1b c2d")}, []string{cmd("a1b cd")}},
	} {
		t.Run(tc.item, func(t *testing.T) {
			t.Parallel()
			got := parse(detection("selection:\n    "+strings.ReplaceAll(tc.item, "\n", "\n    "), "condition: selection"), Options{})
			if len(got.rules) != 1 || len(got.faults) != 0 {
				t.Fatal(show(got.faults))
			}
			n := Map(got.rules[0].Detection, paths).Flat()
			if n.String() != tc.want {
				t.Errorf("got  %s\nwant %s", n, tc.want)
			}
			for _, doc := range tc.hits {
				if !holds(t, n, doc) {
					t.Errorf("%s does not hold for %s", n, doc)
				}
			}
			for _, doc := range tc.misses {
				if holds(t, n, doc) {
					t.Errorf("%s holds for %s", n, doc)
				}
			}
		})
	}
}

func TestAsNetwork(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"10.*": "10.0.0.0/8", "192.168.*": "192.168.0.0/16", "192.168.1.*": "192.168.1.0/24", "*": "", "10.": "", "a.*": "", "1.2.3.4.*": "", "300.*": ""} {
		if got := asNetwork(s); got != want {
			t.Errorf("%s: %q", s, got)
		}
	}
}
