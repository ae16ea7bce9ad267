package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
)

// Broken and hostile XML gets an error that says where, and what came before it stays.
func TestRead_Broken(t *testing.T) {
	head := `<Event><System><Provider Name="P"/><EventID>1</EventID></System>`
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>`
	for name, c := range map[string]struct{ msg, err string }{
		"cut off":              {head + `<EventData><Data Name="A">v`, "before the event does"},
		"cut off in a tag":     {head + `<EventData><Data Na`, "before the event does"},
		"cut off in a quote":   {head + `<EventData><Data Name="A`, "before the event does"},
		"no end":               {head, "before the event does"},
		"closed the wrong way": {head + `<EventData></Event>`, "closes another"},
		"a document type":      {bomb + head + "</Event>", "document type"},
		"one inside":           {head + bomb + "</Event>", "document type"},
		"an entity": {head + `<EventData><Data Name="A">&b;</Data></EventData></Event>`,
			"an entity"},
		"a bare ampersand": {head + `<EventData><Data Name="A">a & b</Data></EventData></Event>`,
			"an entity"},
		"a number that is none": {head + `<EventData><Data Name="A">&#xD800;</Data></EventData></Event>`,
			"an entity"},
		"ten thousand levels": {head + "<X>" + strings.Repeat("<a>", 10_000), "nested deeper"},
		"levels in user data": {head + "<UserData>" + strings.Repeat("<a>", 10_000),
			"nested deeper"},
		"levels in a value": {head + `<EventData><Data Name="A">` + strings.Repeat("<a>",
			10_000), "nested deeper"},
		"too many values": {head + "<EventData>" + strings.Repeat("<Data>x</Data>",
			maxValues+1) + "</EventData></Event>", "values"},
		"too many attributes": {head + "<X " + strings.Repeat(`a="b" `,
			maxAttrs+2) + "/></Event>", "broken tag"},
		"no quotes":              {head + `<X a=b/></Event>`, "broken tag"},
		"a tag without a name":   {head + `<></Event>`, "broken tag"},
		"an end with attributes": {head + `</Event a="b">`, "broken tag"},
		"two events":             {head + "</Event>" + head + "</Event>", "more text"},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			err := new(Scanner).Read(&e, c.msg)
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), "byte ") {
				t.Fatalf("error %v, want %q and the byte", err, c.err)
			}
			if !strings.HasPrefix(c.msg, "<!DOCTYPE") {
				compare(t, &e, want{"event.code": "1", "winlog.provider_name": "P"})
			}
		})
	}
}

// Every beginning of an event is broken, and none is worse than an error.
func TestRead_Prefixes(t *testing.T) {
	msg := strings.Replace(eventXML("P", "C", "4624", "0x0", "TargetUserName", "kim&lee",
		"Odd", "x", "", "y"), "</EventData>",
		"</EventData><UserData><K><A>1</A></K></UserData><RenderingInfo><Message>m</Message></RenderingInfo>",
		1)
	r := new(Scanner)
	var e event.Event
	for i := range len(msg) {
		e.Reset()
		if err := r.Read(&e, msg[:i]); err == nil {
			t.Fatalf("the first %d bytes are an event: %s", i, msg[:i])
		}
	}
}

// A reader that met a broken or a large event reads the next one as if it were its first.
func TestRead_Reuse(t *testing.T) {
	r := new(Scanner)
	var e event.Event
	for _, msg := range []string{eventXML("P", "C", "4624", "0x0", "Odd", "1", "", "2")[:330], eventXML("P", "C", "4624", "0x0", "A", strings.Repeat("&amp;", 1<<20)), "<x", eventXML("P", "C", "4625", "0x0", "B", "b&c")} {
		e.Reset()
		_ = r.Read(&e, msg)
	}
	compare(t, &e, want{"winlog.event_data.Odd": "", "winlog.event_data.param1": "",
		"winlog.event_data.A": "", "winlog.event_data.B": "b&c", "event.code": "4625"})
	if cap(r.buf) > keepBuf {
		t.Errorf("%d bytes are kept", cap(r.buf))
	}
}

// FuzzXML compares with encoding/xml: what both take has the same values.
func FuzzXML(f *testing.F) {
	f.Add(eventXML("P", "C", "4624", "0x0", "TargetUserName", "kim", "Odd", "a&b", "", "x"))
	f.Add(eventXML("P", "C", "1", "0x0", "Image", `C:\a.exe`, "Image", "b"))
	f.Add(`<?xml version="1.0"?><Event><System><Provider Name='P'/><EventID Qualifiers="1">7</EventID></System><UserData><K><A b="c">1</A></K></UserData><RenderingInfo><Message>x</Message></RenderingInfo></Event>`)
	f.Add(`<Event><System><Provider Name="P"/></System><EventData><Data Name="A">x<![CDATA[<y>]]>&#65;</Data></EventData></Event>`)
	f.Add(`<!DOCTYPE a><Event>`)
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		err := new(Scanner).Read(&e, msg)
		e.Conform()
		e.AppendJSON(nil)
		if err != nil || !strings.HasPrefix(msg, "<Event") || strings.Contains(msg, "\r") || !utf8.ValidString(msg) {
			return
		}
		for name, texts := range oracle(msg) {
			v := e.GetPath("winlog.event_data." + name)
			if len(texts) == 0 || strings.ContainsAny(name, ". \t\n") || name == "" || name == "Data" || strings.HasPrefix(name, "param") {
				continue
			}
			for _, text := range texts {
				if !holdsText(v, text) {
					t.Fatalf("%s is %s, encoding/xml has %q", name, v.String(), text)
				}
			}
		}
	})
}

// holdsText tells whether a value is a text or has it as an item.
func holdsText(v event.Value, text string) bool {
	for i := range v.Len() {
		if v.Item(i).Text() == text {
			return true
		}
	}
	return v.Text() == text
}

// oracle returns the values of the named data as encoding/xml reads them, nothing where it refuses the text.
func oracle(msg string) map[string][]string {
	out := map[string][]string{}
	dec := xml.NewDecoder(strings.NewReader(msg))
	var path []string
	name, text, plain := "", "", false
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			return nil
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			plain = false
			if strings.Join(path, "/") == "Event/EventData/Data" {
				name, text, plain = "", "", true
				for _, a := range tok.Attr {
					if a.Name.Local == "Name" {
						name = a.Value
					}
				}
			}
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			if plain && name != "" {
				out[name] = append(out[name], text)
			}
			plain = false
			path = path[:len(path)-1]
		}
	}
}

// BenchmarkRead measures the way from XML to winlog.*.
func BenchmarkRead(b *testing.B) {
	msg := eventXML("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational",
		"1", "0x8000000000000000", "RuleName", "-", "UtcTime", "2024-03-05 10:20:29.123",
		"ProcessGuid", "{aaaaaaaa-0000-0000-0000-000000000001}",
		"ProcessId", "612", "Image", `C:\Windows\System32\cmd.exe`, "FileVersion", "10.0",
		"CommandLine", `cmd.exe /c "echo a & echo b"`, "CurrentDirectory", `C:\`, "User",
		`CORP\kim`, "Hashes",
		"SHA256=7ADB1CF1A75973079C055F929573AE92557A8C0E5B0E38A6A5427E412FB73D59",
		"ParentProcessGuid", "{aaaaaaaa-0000-0000-0000-000000000002}", "ParentProcessId", "4",
		"ParentImage", `C:\Windows\explorer.exe`, "ParentCommandLine", "explorer.exe")
	var s Scanner
	var e event.Event
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if err := s.Read(&e, msg); err != nil {
			b.Fatal(err)
		}
	}
}

func TestEntity(t *testing.T) {
	for name, want := range map[string]rune{
		"lt":        '<',
		"gt":        '>',
		"amp":       '&',
		"quot":      '"',
		"apos":      '\'',
		"#65":       'A',
		"#x41":      'A',
		"#xAC00":    '가',
		"#x10FFFF":  '\U0010FFFF',
		"#0":        0,
		"#x110000":  -1,
		"#xD800":    -1,
		"#":         -1,
		"#x":        -1,
		"#-1":       -1,
		"# 65":      -1,
		"nbsp":      -1,
		"":          -1,
		"LT":        -1,
		"#99999999": -1,
	} {
		if got := entity(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// Attributes stand in either kind of quotes, with white space around them, and those of name spaces are none.
func TestAttributes(t *testing.T) {
	for tag, want := range map[string]string{
		`<Event><System><Provider Name="a" Guid='b'/></System></Event>`:                "a|b",
		"<Event><System><Provider\n\tName = \"a\"\r\n Guid=\n'b'\n/></System></Event>": "a|b",
		`<Event><System><Provider xmlns="x" xmlns:e="y" e:Name="a"/></System></Event>`: "a|",
		`<Event><System><Provider Name="a&lt;b" Guid="&quot;"/></System></Event>`:      `a<b|"`,
		`<Event><System><Provider Name='a"b' Guid="c'd"/></System></Event>`:            `a"b|c'd`,
		`<Event><System><Provider Name="a&nope;b"/></System></Event>`:                  "a&nope;b|",
		`<Event><System><Provider Name=""/></System></Event>`:                          "|",
		`<Event><System><Provider Name="a">text</Provider></System></Event>`:           "a|",
		`<Event><System><Provider Name="a>b" Guid="c/>d"/></System></Event>`:           "a>b|c/>d",
	} {
		var e event.Event
		if err := new(Scanner).Read(&e, tag); err != nil {
			t.Errorf("%s: %v", tag, err)
		}
		if got := e.Str(event.WinlogProviderName) + "|" + e.Str(event.WinlogProviderGuid); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
}

// What stands around an event is gone over, or refused.
func TestRead_Around(t *testing.T) {
	event1 := `<Event><System><EventID>7</EventID></System></Event>`
	for text, ok := range map[string]bool{
		event1:                           true,
		"<?xml version='1.0'?>" + event1: true,
		"<!-- a --> <?b c?>\n" + event1 + "\r\n\x00": true,
		"<Events>" + event1 + "</Events>":            true,
		"<Events>\n" + event1:                        true,
		"words " + event1:                            true,
		"<Events/>":                                  false,
		"<Events></Events>":                          false,
		event1 + "x":                                 false,
		event1 + "<!-- a -->":                        false,
		"<event></event>":                            false,
		"</Event>":                                   false,
		"<!-- " + event1:                             false,
		"<?xml " + event1:                            false,
		"<![CDATA[" + event1:                         false,
		"<!ELEMENT a>" + event1:                      false,
		"":                                           false,
	} {
		var e event.Event
		if err := new(Scanner).Read(&e, text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if ok && e.Get(event.EventCode).Text() != "7" {
			t.Errorf("%q has no number", text)
		}
	}
}
