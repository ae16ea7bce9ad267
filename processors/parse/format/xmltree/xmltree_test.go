package xmltree

import (
	"encoding/xml"
	"strings"
	"testing"

	"weir/event"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"text", `<a>x</a>`, `{"a":"x"}`},
		{"empty", `<a/>`, `{"a":""}`},
		{"nested", `<a><b><c>1</c></b></a>`, `{"a":{"b":{"c":"1"}}}`},
		{"attributes", `<a x="1" y='2'/>`, `{"a":{"x":"1","y":"2"}}`},
		{"text beside attributes", `<Data Name="u">bob</Data>`, `{"Data":{"Name":"u","text":"bob"}}`},
		{"text around children", `<a> x <b/> y </a>`, `{"a":{"b":"","text":"x y"}}`},
		{"a child called text", `<a>x<text>y</text></a>`, `{"a":{"text":["y","x"]}}`},
		{"repeated", `<a><b>1</b><c/><b>2</b><b>3</b></a>`, `{"a":{"b":["1","2","3"],"c":""}}`},
		{"attribute and child of one name", `<a b="1"><b>2</b></a>`, `{"a":{"b":["1","2"]}}`},
		{"namespaces", `<s:E xmlns:s="u" xmlns="v"><s:B s:k="1">x</s:B></s:E>`, `{"E":{"B":{"k":"1","text":"x"}}}`},
		{"entities", `<a b="&quot;">&lt;&amp;&gt;&apos;&#65;&#x42;</a>`, `{"a":{"b":"\"","text":"<&>'AB"}}`},
		{"unknown entities", `<a>&nbsp; & &#0; &;&#xFFFFFFFF;</a>`, `{"a":"&nbsp; & &#0; &;&#xFFFFFFFF;"}`},
		{"cdata", `<a><![CDATA[<b>&amp;</b>]]></a>`, `{"a":"<b>&amp;</b>"}`},
		{"prolog and comments", "\ufeff<?xml version='1.0'?>\n<!-- c --><a><!-- <b> -->x<?p?></a>\n", `{"a":"x"}`},
		{"words before", `event: <a>x</a>`, `{"a":"x"}`},
		{"white space everywhere", "<a \n x = '1' ><b >y</b ></a >", `{"a":{"x":"1","b":"y"}}`},
		{"attributes of HTML", `<a x=1 y>z</a>`, `{"a":{"x":"1","y":"","text":"z"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := Parse(c.doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(v.AppendJSON(nil)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"nothing", ``, "no element"},
		{"no markup", `hello`, "byte 1: no element begins here"},
		{"cut in text", `<a>x`, "byte 5: the document ends inside an element"},
		{"cut in a tag", `<a x="1`, "ends inside"},
		{"cut in a comment", `<a><!-- x`, "ends inside"},
		{"DTD", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "a DTD is not read"},
		{"DTD in lower case", `<!doctype html><a/>`, "a DTD is not read"},
		{"declaration inside", `<a><!ENTITY b "c"></a>`, "a DTD is not read"},
		{"no name", `< a>`, "no element"},
		{"broken tag", `<a <b>`, `'<' in a tag`},
		{"too deep", strings.Repeat("<a>", maxDepth+1), "100 deep"},
		{"too many", "<a>" + strings.Repeat("<b/>", maxNodes) + "</a>", "more than 200000"},
		{"too many attributes", "<a" + strings.Repeat(" b", maxNodes) + "/>", "more than 200000"},
		{"too long", strings.Repeat(" ", maxSize+1), "16777217 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.doc)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// FuzzParse: what the standard decoder accepts within the bounds is accepted, under the same root; what is read is JSON.
func FuzzParse(f *testing.F) {
	f.Add(`<a b="c"><d>e</d><d/>&#x41;</a>`)
	f.Add(`<?xml version="1.0"?><Event xmlns='x'><System><Provider Name="p"/></System></Event>`)
	f.Add(`<a><![CDATA[x]]></a>`)
	f.Fuzz(func(t *testing.T, doc string) {
		v, err := Parse(doc)
		var root struct {
			XMLName xml.Name
			Inner   string `xml:",innerxml"`
		}
		strict := !strings.Contains(doc, "<!") && xml.Unmarshal([]byte(doc), &root) == nil
		if err != nil {
			if strict && strings.Count(doc, "<") < maxDepth {
				t.Errorf("%q is XML, but: %v", doc, err)
			}
			return
		}
		name, _ := v.Member(0)
		if strict && name != root.XMLName.Local {
			t.Errorf("root %q, want %q", name, root.XMLName.Local)
		}
		if _, err := event.ParseValue(v.AppendJSON(nil)); err != nil {
			t.Errorf("%q makes no JSON: %v", doc, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	doc := `<Event xmlns='http://schemas.example/event'><System><Provider Name='P' Guid='{0}'/><EventID>4624</EventID>` +
		`<TimeCreated SystemTime='2024-05-01T10:00:00Z'/><Computer>host1</Computer></System><EventData>` +
		strings.Repeat(`<Data Name='TargetUserName'>bob</Data>`, 20) + `</EventData></Event>`
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := Parse(doc); err != nil {
			b.Fatal(err)
		}
	}
}
