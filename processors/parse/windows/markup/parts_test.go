package markup

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
)

// eventXML makes an event as Windows renders it: names and values of the event data in turn.
func eventXML(provider, channel, code, keywords string, kv ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b,
		`<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="%s"/><EventID>%s</EventID><Keywords>%s</Keywords>`+
			`<TimeCreated SystemTime="2024-03-05T10:20:30.5Z"/><Channel>%s</Channel><Computer>pc-1.corp.example</Computer><Security UserID="S-1-5-18"/></System><EventData>`,
		provider, code, keywords, channel)
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	for i := 0; i+1 < len(kv); i += 2 {
		name := ""
		if kv[i] != "" {
			name = fmt.Sprintf(" Name=%q", kv[i])
		}
		fmt.Fprintf(&b, "<Data%s>%s</Data>", name, escape.Replace(kv[i+1]))
	}
	return b.String() + "</EventData></Event>"
}

// want are paths and their texts, lists with commas; "" where there must be none.
type want map[string]string

func compare(t *testing.T, e *event.Event, fields want) {
	t.Helper()
	for path, text := range fields {
		v := e.GetPath(path)
		got := v.Text()
		if v.Kind() == event.List {
			var items []string
			for i := range v.Len() {
				items = append(items, v.Item(i).Text())
			}
			got = strings.Join(items, ",")
		}
		if got != text {
			t.Errorf("%s is %q, want %q", path, got, text)
		}
	}
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"all of System": {`<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P' Guid='{aa}' EventSourceName='E'/><EventID Qualifiers='16384'>7036</EventID><Version>2</Version><Level>2</Level><Task>3</Task><Opcode>1</Opcode><Keywords>0x8010000000000000</Keywords>` +
			`<TimeCreated SystemTime='2024-03-05T10:20:30.123456700Z'/><EventRecordID>91</EventRecordID><Correlation ActivityID='{bb}' RelatedActivityID='{cc}'/><Execution ProcessID='4' ThreadID='88' ProcessorID='2'/><Channel>C</Channel><Computer>pc</Computer><Security UserID='S-1-5-18'/></System></Event>`,
			want{"winlog.provider_name": "P", "winlog.provider_guid": "{aa}",
				"winlog.event_source_name": "E", "event.code": "7036", "winlog.qualifiers": "16384",
				"winlog.version": "2", "winlog.level": "2",
				"winlog.task": "3", "winlog.opcode": "1", "winlog.keywords": "0x8010000000000000",
				"winlog.time_created": "2024-03-05T10:20:30.123456700Z", "winlog.record_id": "91",
				"winlog.activity_id": "{bb}", "winlog.related_activity_id": "{cc}",
				"winlog.process.pid": "4", "winlog.process.thread.id": "88",
				"winlog.user.identifier": "S-1-5-18", "winlog.computer_name": "pc",
				"winlog.Execution.ProcessorID": "2"}},
		"entities": {eventXML("P", "C", "1", "0x0", "A", "a<b&c") + " ",
			want{"winlog.event_data.A": "a<b&c"}},
		"numbered characters": {strings.Replace(eventXML("P", "C", "1", "0x0", "A", "@"),
			"@", "&#65;&#x1F600;&quot;&apos;&gt;", 1), want{"winlog.event_data.A": `A😀"'>`}},
		"CDATA": {strings.Replace(eventXML("P", "C", "1", "0x0", "A", "@"),
			"@", "x<![CDATA[<y>&z]]>!", 1), want{"winlog.event_data.A": "x<y>&z!"}},
		"comments": {strings.Replace(eventXML("P", "C", "1", "0x0", "A", "@"),
			"@", "x<!-- <y> -->z", 1), want{"winlog.event_data.A": "xz"}},
		"elements in a value": {strings.Replace(eventXML("P", "C", "1", "0x0", "A", "@"),
			"@", "x<b>y<c/></b>z", 1), want{"winlog.event_data.A": "xyz"}},
		"white space in tags": {`<Event ><System ><Provider Name = "P" /><EventID >1</EventID ></System ></Event >`,
			want{"event.code": "1", "winlog.provider_name": "P"}},
		"a prefix": {`<e:Event xmlns:e="x"><e:System><e:Provider Name="P"/><e:EventID>1</e:EventID></e:System><e:EventData><e:Data Name="A">v</e:Data></e:EventData></e:Event>`,
			want{"event.code": "1", "winlog.event_data.A": "v"}},
		"values without a name": {eventXML("P", "C", "1", "0x0", "", "one", "", "two"),
			want{"winlog.event_data.param1": "one", "winlog.event_data.param2": "two",
				"winlog.event_data.Data": "one,two"}},
		"a name that comes twice": {eventXML("P", "C", "1", "0x0", "TargetUserName", "a",
			"TargetUserName", "b", "Odd", "c", "Odd", "d"),
			want{"winlog.event_data.TargetUserName": "a,b", "winlog.event_data.Odd": "c,d"}},
		"blanks in a name": {eventXML("P", "C", "1", "0x0", "Threat Name", "v"),
			want{"winlog.event_data.ThreatName": "v"}},
		"elements as names": {`<Event><System><Provider Name="P"/></System><EventData Name="N"><Foo>a</Foo><Binary>00</Binary></EventData></Event>`,
			want{"winlog.event_data.Foo": "a", "winlog.event_data.Binary": "00",
				"winlog.event_data_name": "N"}},
		"user data": {`<Event><System><Provider Name="P"/></System><UserData><Kind xmlns="u"><A>1</A><In><B x="y">2</B></In><C/></Kind></UserData></Event>`,
			want{"winlog.user_data.xml_name": "Kind", "winlog.user_data.A": "1",
				"winlog.user_data.B": "2", "winlog.user_data.B.x": "y"}},
		"rendered": {`<Event><System><Provider Name="P"/><Keywords>0x80</Keywords></System><RenderingInfo Culture="en"><Message>hello&#13;</Message><Level>Warning</Level><Task>Logon</Task><Keywords><Keyword>Audit Failure</Keyword></Keywords></RenderingInfo></Event>`,
			want{"message": "hello\r", "winlog.rendering_info.Task": "Logon",
				"winlog.keywords": "0x80,Audit Failure"}},
		"parts that nobody knows": {`<Event><System><Provider Name="P"/><New a="b">c</New></System><ProcessingErrorData><ErrorCode>15005</ErrorCode></ProcessingErrorData></Event>`,
			want{"winlog.New": "c", "winlog.New.a": "b", "winlog.ProcessingErrorData.ErrorCode": "15005"}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			if err := new(Scanner).Read(&e, c.msg); err != nil {
				t.Fatal(err)
			}
			compare(t, &e, c.fields)
		})
	}
}

// A field for every name that the lists know, and none for others.
func TestField(t *testing.T) {
	for name, want := range map[string]bool{"Image": true, "TargetUserName": true, "param1": true, "Data": true, "Nobody": false, "": false} {
		f, ok := Field(name)
		if ok != want || ok && f.Path() != "winlog.event_data."+name {
			t.Errorf("%q: %s %t", name, f.Path(), ok)
		}
	}
	if len(numbered) < 10 {
		t.Errorf("%d numbered names", len(numbered))
	}
}

// User data may lie deeper, come twice, or have values in attributes.
func TestUserData(t *testing.T) {
	for data, fields := range map[string]want{
		`<K><A>1</A><A>2</A></K>`:                       {"winlog.user_data.A": "1,2"},
		`<K><A><B><C>1</C></B></A><D>2</D></K>`:         {"winlog.user_data.C": "1", "winlog.user_data.D": "2"},
		`<K><A x="1"/></K>`:                             {"winlog.user_data.A.x": "1", "winlog.user_data.A": ""},
		`<K><A>&lt;b&gt;</A></K>`:                       {"winlog.user_data.A": "<b>"},
		"<K>\n  <A>\n    <B>1</B>\n  </A>\n</K>":        {"winlog.user_data.B": "1"},
		`<K/>`:                                          {"winlog.user_data.xml_name": "K"},
		`<K><Data Name="n">v</Data></K>`:                {"winlog.user_data.Data": "v", "winlog.user_data.Data.Name": "n"},
		`<K><A><![CDATA[<x/>]]></A></K>`:                {"winlog.user_data.A": "<x/>"},
		`<e:K xmlns:e="u"><e:A xmlns="v">1</e:A></e:K>`: {"winlog.user_data.xml_name": "K", "winlog.user_data.A": "1"},
	} {
		var e event.Event
		if err := new(Scanner).Read(&e, `<Event><System/><UserData>`+data+`</UserData></Event>`); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		compare(t, &e, fields)
	}
}

// Many values without a name: those beyond the names that agents give are in the list.
func TestParams(t *testing.T) {
	var kv []string
	for i := range len(numbered) + 3 {
		kv = append(kv, "", fmt.Sprint("v", i+1))
	}
	var e event.Event
	if err := new(Scanner).Read(&e, eventXML("P", "C", "1", "0x0", kv...)); err != nil {
		t.Fatal(err)
	}
	compare(t, &e, want{"winlog.event_data.param1": "v1", fmt.Sprint("winlog.event_data.param", len(numbered)): fmt.Sprint("v", len(numbered))})
	if n := e.Get(nameless).Len(); n != len(numbered)+3 {
		t.Errorf("%d values in the list", n)
	}
}

// A number that does not fit stays away from a field of numbers, and nothing else suffers.
func TestNumbers(t *testing.T) {
	for text, want1 := range map[string]string{"4": "4", "0x1F": "31", "-1": "", "x": "", "99999999999999999999": "", "": ""} {
		var e event.Event
		msg := fmt.Sprintf(`<Event><System><Provider Name="P"/><Execution ProcessID="%s" ThreadID="7"/></System></Event>`, text)
		if err := new(Scanner).Read(&e, msg); err != nil {
			t.Fatal(err)
		}
		compare(t, &e, want{"winlog.process.pid": want1, "winlog.process.thread.id": "7", "winlog.provider_name": "P"})
	}
}
