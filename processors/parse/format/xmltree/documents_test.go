package xmltree

import (
	"strings"
	"testing"

	"weir/event"
)

// at follows a path of members; a number picks an item of a list.
func at(v event.Value, path string) event.Value {
	for name := range strings.SplitSeq(path, "/") {
		if v.Kind() == event.List && name >= "0" && name <= "9" {
			v = v.Item(int(name[0] - '0'))
			continue
		}
		v = v.Get(name)
	}
	return v
}

// Documents as systems write them, and what somebody looks for in them.
func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  string
		want map[string]string
	}{
		{
			"event of Windows",
			`<Event xmlns='http://schemas.example.com/win/2004/08/events/event'>
			  <System>
			    <Provider Name='Example-Auditing' Guid='{00000000-1111-2222-3333-444444444444}'/>
			    <EventID Qualifiers='0'>4625</EventID>
			    <TimeCreated SystemTime='2024-05-01T10:00:00.123456700Z'/>
			    <Computer>pc-1.example.com</Computer>
			  </System>
			  <EventData>
			    <Data Name='TargetUserName'>bob</Data>
			    <Data Name='IpAddress'>192.0.2.1</Data>
			  </EventData>
			</Event>`,
			map[string]string{
				"Event/System/EventID/text":              "4625",
				"Event/System/EventID/Qualifiers":        "0",
				"Event/System/Provider/Name":             "Example-Auditing",
				"Event/System/TimeCreated/SystemTime":    "2024-05-01T10:00:00.123456700Z",
				"Event/System/Computer":                  "pc-1.example.com",
				"Event/EventData/Data/1/text":            "192.0.2.1",
				"Event/EventData/Data/0/Name":            "TargetUserName",
				"Event/EventData/Data/0/text":            "bob",
				"Event/System/Provider/NoSuchAttribute":  "",
				"Event/System/Provider/Guid/NothingHere": "",
			},
		},
		{
			"envelope with prefixes",
			`<?xml version="1.0" encoding="UTF-8"?>
			<soap:Envelope xmlns:soap="http://schemas.example.com/soap/envelope/">
			  <soap:Header/>
			  <soap:Body><ns1:alert xmlns:ns1="urn:alerts" severity="high"><ns1:text>disk &amp; memory</ns1:text></ns1:alert></soap:Body>
			</soap:Envelope>`,
			map[string]string{
				"Envelope/Body/alert/severity": "high",
				"Envelope/Body/alert/text":     "disk & memory",
				"Envelope/Header":              "",
			},
		},
		{
			"text of several pieces",
			`<note>before <b>bold</b> between <![CDATA[<raw> & ]]> behind</note>`,
			map[string]string{
				"note/b":    "bold",
				"note/text": "before between <raw> & behind",
			},
		},
		{
			"letters beyond ASCII",
			`<경보 수준="높음"><내용>로그인 실패 &#xAC00;</내용></경보>`,
			map[string]string{
				"경보/수준": "높음",
				"경보/내용": "로그인 실패 가",
			},
		},
		{
			"one line, no blanks, empty elements",
			`<a><b></b><c/><d e=""/></a>`,
			map[string]string{
				"a/b":   "",
				"a/c":   "",
				"a/d/e": "",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := Parse(c.doc)
			if err != nil {
				t.Fatal(err)
			}
			for path, want := range c.want {
				if got := at(v, path).Text(); got != want {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
		})
	}
}

// Where a document is broken is told by the byte.
func TestPlaceOfFault(t *testing.T) {
	for _, c := range []struct {
		name, doc, want string
	}{
		{"second element", `<a><b`, "byte 6:"},
		{"tag", `<a b="1" = "2">`, "byte 10:"},
		{"declaration", `<a><!ELEMENT x></a>`, "byte 4:"},
		{"end", `<a>text`, "byte 8:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.doc)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// The memory of a small document must not grow with the bounds of large ones.
func TestSmallDocumentsAreCheap(t *testing.T) {
	doc := `<a b="1"><c>x</c></a>`
	n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(doc); err != nil {
			t.Fatal(err)
		}
	})
	if n > 8 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever is in a document, reading it takes time in proportion to its length.
func TestLongDocuments(t *testing.T) {
	for _, c := range []struct{ name, doc string }{
		{"pieces of text", "<a>" + strings.Repeat("x<b/>", 150_000) + "</a>"},
		{"attributes", "<a" + strings.Repeat(` b="c"`, 150_000) + "/>"},
		{"different names", "<a>" + strings.Repeat("<b/><c/><d/>", 50_000) + "</a>"},
		{"comments", "<a>" + strings.Repeat("<!-- x -->", 100_000) + "</a>"},
		{"entities", "<a>" + strings.Repeat("&amp;&", 200_000) + "</a>"},
		{"sections of text", "<a>" + strings.Repeat("<![CDATA[x]]>", 100_000) + "</a>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Parse(c.doc); err != nil { // in time, or not at all
				t.Error(err)
			}
		})
	}
}
