package windows

import (
	"strings"
	"testing"

	"weir/event"
)

// Names that code asks for in every event have fields of their own, else each costs a search.
func TestData_Known(t *testing.T) {
	for _, d := range []*datum{dImage, dCommandLine, dProcessID, dSubjectName, dTargetName, dIPAddress, dHashes, dQueryResults, dParentImage, dUTC, dTargetObject, &unnamed, dParam1} {
		if !d.known {
			t.Errorf("%s has no field", d.path)
		}
	}
}

func TestDatum(t *testing.T) {
	var e event.Event
	odd := data("NobodyKnowsThis")
	for _, d := range []*datum{odd, dImage} {
		for value, text := range map[string]string{"a": "a", "-": "", "N/A": "", "": ""} {
			e.Reset()
			e.SetPath(d.path, event.Str(value))
			if got := d.of(&e); got != text {
				t.Errorf("%s %q is %q, want %q", d.path, value, got, text)
			}
		}
		e.Reset()
		e.SetPath(d.path, event.Num(7))
		if got := d.of(&e); got != "7" {
			t.Errorf("%s: a number is %q", d.path, got)
		}
		d.set(&e, "b")
		if got := d.of(&e); got != "7" {
			t.Errorf("%s was overwritten with %q", d.path, got)
		}
		e.Reset()
		d.set(&e, "")
		d.list(&e, nil)
		if d.value(&e).Kind() != event.Absent {
			t.Errorf("%s has a value of nothing", d.path)
		}
		d.list(&e, []string{"a", "b"})
		if got := textOf(d.value(&e)); got != "a,b" {
			t.Errorf("%s is %q", d.path, got)
		}
	}
}

func TestAppendArgs(t *testing.T) {
	for line, args := range map[string]string{
		`a.exe -x  1`:                      `a.exe|-x|1`,
		`"C:\Program Files\a.exe" "b c" d`: `C:\Program Files\a.exe|b c|d`,
		`a "" b`:                           `a||b`,
		`cmd /c "echo \"hi\" & dir c:\\"`:  `cmd|/c|echo "hi" & dir c:\`,
		`a --x="b c"d`:                     `a|--x=b cd`,
		`a "open end`:                      `a|open end`,
		`a\\b \\"q r\\" \\\"s`:             `a\\b|\q r\|\"s`,
		"\tC:\\a\\ b\t":                    `C:\a\|b`,
		"":                                 "",
		"   ":                              "",
		strings.Repeat("x ", maxArgs+5) + "y": strings.TrimSuffix(strings.Repeat("x|",
			maxArgs), "|"),
	} {
		var got []string
		for _, v := range appendArgs(nil, line) {
			got = append(got, v.Str())
		}
		if s := strings.Join(got, "|"); s != args {
			t.Errorf("%.60q: %.80q, want %.80q", line, s, args)
		}
	}
}

// FuzzArgs: words hold all characters of the line but blanks, quotes and backslashes, in their order.
func FuzzArgs(f *testing.F) {
	f.Add(`"C:\Program Files\a.exe" -x "b \"c\"" d\\`)
	f.Add(`a ""b"" \\\" c`)
	f.Fuzz(func(t *testing.T, line string) {
		words := appendArgs(nil, line)
		if len(words) == maxArgs {
			return
		}
		plain := func(s string) string {
			return strings.NewReplacer(" ", "", "\t", "", `"`,
				"", `\`, "").Replace(s)
		}
		got := ""
		for _, w := range words {
			got += plain(w.Str())
		}
		if got != plain(line) {
			t.Fatalf("%q of %q", got, plain(line))
		}
	})
}

func TestSetHashes(t *testing.T) {
	var e event.Event
	setHashes(&e,
		"SHA1=AB,MD5=CD,SHA256=EF,IMPHASH=00000000000000000000000000000000,,X,TLSH=12", &ofProcess)
	compare(t, &e, want{"process.hash.sha1": "ab", "process.hash.md5": "cd",
		"process.hash.sha256": "ef", "process.pe.imphash": "", "related.hash": "ab,cd,ef,12"})
	e.Reset()
	setHashes(&e, "SHA1=AB", nil)
	compare(t, &e, want{"process.hash.sha1": "", "file.hash.sha1": "",
		"related.hash": "ab", "@timestamp": ""})
}

func TestSetFile(t *testing.T) {
	for path, w := range map[string]want{
		`C:\a\b.tar.gz`: {"file.directory": `C:\a`, "file.name": "b.tar.gz", "file.extension": "gz"},
		`/etc/.profile`: {"file.directory": "/etc", "file.name": ".profile", "file.extension": ""},
		`plain`:         {"file.directory": "", "file.name": "plain", "file.path": "plain"},
		`\Device\X`:     {"file.directory": `\Device`, "file.name": "X"},
		`C:\a\`:         {"file.directory": `C:\a`, "file.name": ""},
	} {
		var e event.Event
		setFile(&e, path)
		compare(t, &e, w)
	}
}

func TestPlainIP(t *testing.T) {
	for s, ip := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"::ffff:c000:201": "192.0.2.1", "fe80::1%3": "fe80::1", "::1": "::1", "-": "",
		"LOCAL": "", "": "", "1.2.3.4.5": "",
	} {
		if got := plainIP(s); got != ip {
			t.Errorf("%q is %q, want %q", s, got, ip)
		}
	}
}

func TestSetNumber(t *testing.T) {
	for s, n := range map[string]string{"0x1fc": "508", "12": "12", "": "", "x": "", "0xffffffffffffffff": "", "-1": ""} {
		var e event.Event
		setNumber(&e, event.ProcessPID, s)
		compare(t, &e, want{"process.pid": n})
	}
}
