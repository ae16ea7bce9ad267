package winevent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
)

// paths is a mapping like that of the Windows pipeline, short.
func paths(name string) string {
	switch name {
	case "CommandLine":
		return "process.command_line"
	case "Image", "NewProcessName":
		return "process.executable"
	case "EventID":
		return "event.code"
	case "Channel":
		return "winlog.channel"
	case "Keywords", "Level", "Task", "Opcode", "Version":
		return "winlog." + strings.ToLower(name)
	}
	return "winlog.event_data." + name
}

// each calls fn with every plain value of an event; those of lists have one path.
func each(e *event.Event, fn func(path, text string)) {
	var walk func(path string, v event.Value)
	walk = func(path string, v event.Value) {
		switch v.Kind() {
		case event.List:
			if v.Len() == 0 {
				fn(path, "[]")
			}
			for i := range v.Len() {
				walk(path, v.Item(i))
			}
		case event.Object:
			for i := range v.Len() {
				key, m := v.Member(i)
				walk(path+"."+key, m)
			}
		case event.Null:
			fn(path, "null")
		default:
			fn(path, v.Text())
		}
	}
	e.Each(func(f event.Field, v event.Value) bool { walk(f.Path(), v); return true })
	e.EachExtra(func(path string, v event.Value) bool { walk(path, v); return true })
}

// flatten returns every plain value of an event as path=text, sorted.
func flatten(e *event.Event) []string {
	var out []string
	each(e, func(path, text string) { out = append(out, path+"="+text) })
	slices.Sort(out)
	return out
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want []string
	}{
		"flat": {
			`{"EventID":4688,"Channel":"Security","SourceName":"P","Hostname":"h1","CommandLine":"a \"b\" \u00e9","Image":"C:\\w\\x.exe","Keywords":-9,"Version":2,"ProcessId":"0x1a","Flag":true,"Empty":"","No":null,"Message":"m\r\n"}`,
			[]string{
				"event.code=4688", "host.name=h1", "message=m\r\n", `process.command_line=a "b" é`, `process.executable=C:\w\x.exe`,
				"winlog.channel=Security", "winlog.computer_name=h1", "winlog.event_data.Empty=", "winlog.event_data.Flag=true", "winlog.event_data.No=null",
				"winlog.event_data.ProcessId=0x1a", "winlog.event_data.SourceName=P", "winlog.keywords=-9", "winlog.provider_name=P", "winlog.version=2",
			},
		},
		"dump": {
			`{"Event":{"#attributes":{"xmlns":"x:y"},"System":{"Provider":{"#attributes":{"Name":"P","Guid":"G"}},"EventID":{"#attributes":{"Qualifiers":16384},"#text":7045},"Level":4,"Keywords":"0x80","TimeCreated":{"#attributes":{"SystemTime":"2026-04-17T05:24:53.088Z"}},"Correlation":null,"Execution":{"#attributes":{"ProcessID":3208,"ThreadID":1724}},"Channel":"System","Computer":"c1","Security":{"#attributes":{"UserID":"S-1"}}},"EventData":{"CommandLine":"x","Threat Name":"T","ProcessId":15596,"Channel":"Other"}}}`,
			[]string{
				"@timestamp=2026-04-17T05:24:53.088Z", "event.code=7045", "host.name=c1", "process.command_line=x",
				"winlog.Correlation=null", "winlog.channel=System", "winlog.computer_name=c1", "winlog.event_data.Channel=Other",
				"winlog.event_data.ProcessId=15596", "winlog.event_data.ThreatName=T", "winlog.keywords=0x80", "winlog.level=4",
				"winlog.process.pid=3208", "winlog.process.thread.id=1724", "winlog.provider_guid=G", "winlog.provider_name=P",
				"winlog.qualifiers=16384", "winlog.user.identifier=S-1", "winlog.xmlns=x:y",
			},
		},
		"dump of a dictionary of XML": {
			`{"Event":{"@xmlns":"n","System":{"Provider":{"@Name":"P"},"EventID":{"@Qualifiers":"0","#text":"1"},"TimeCreated":{"@SystemTime":"2026-01-02T03:04:05.1234567Z"}},"EventData":{"Data":[{"@Name":"Image","#text":"a"},{"#text":"b","@Name":"Two Words"},{"@Name":"Gone"},"alone"]}}}`,
			[]string{
				"@timestamp=2026-01-02T03:04:05.123456700Z", "event.code=1", "process.executable=a", "winlog.event_data.Data=alone", "winlog.event_data.Gone=",
				"winlog.event_data.TwoWords=b", "winlog.provider_name=P", "winlog.qualifiers=0", "winlog.time_created=2026-01-02T03:04:05.1234567Z", "winlog.xmlns=n",
			},
		},
		"data with attributes": {
			`{"Event":{"EventData":{"#attributes":{"Name":"N"},"Data":{"#text":["a","b"]},"Data":[{"#attributes":{"Name":"Image"},"#text":"x"}],"Binary":"00"}}}`,
			[]string{"process.executable=x", "winlog.event_data.Binary=00", "winlog.event_data.Data=a", "winlog.event_data.Data=b", "winlog.event_data.Name=N"},
		},
		"a source that is not the provider": {
			`{"SourceName":"Real-Time Protection","Provider_Name":"P"}`,
			[]string{"winlog.event_data.SourceName=Real-Time Protection", "winlog.provider_name=P"},
		},
		"user data": {
			`{"Event":{"System":{"EventID":104},"UserData":{"LogFileCleared":{"#attributes":{"xmlns":"u"},"SubjectUserName":"bob","Channel":"Security","Inner":{"Image":"i"}}}}}`,
			[]string{"event.code=104", "process.executable=i", "winlog.event_data.Channel=Security", "winlog.event_data.SubjectUserName=bob", "winlog.user_data.xmlns=u"},
		},
		"rendered": {
			`{"Event":{"RenderingInfo":{"@Culture":"en","Message":"hello","Keywords":{"Keyword":["a","b"]}}}}`,
			[]string{"message=hello", "winlog.rendering_info.Culture=en", "winlog.rendering_info.Keywords.Keyword=a", "winlog.rendering_info.Keywords.Keyword=b"},
		},
		"parts without Event": {
			`{"System":{"EventID":{"Value":4624},"Computer":"c"},"EventData":{"Image":"x"},"Message":"m"}`,
			[]string{"event.code=4624", "host.name=c", "message=m", "process.executable=x", "winlog.computer_name=c"},
		},
		"document": {
			`{"@timestamp":"2019-07-18T03:34:02.025Z","event":{"code":"22","kind":"event"},"host":{"name":"h"},"tags":["a","b"],"winlog":{"channel":"C","computer_name":"c","event_data":{"Image":"x","ProcessId":"356","Other Name":"y"},"event_id":22,"process":{"pid":2828},"user_data":{"xml_name":"E","Image":"z"}}}`,
			[]string{
				"@timestamp=2019-07-18T03:34:02.025Z", "event.code=22", "event.kind=event", "host.name=h", "process.executable=x", "process.executable=z",
				"tags=a", "tags=b", "winlog.channel=C", "winlog.computer_name=c", "winlog.event_data.OtherName=y", "winlog.event_data.ProcessId=356",
				"winlog.event_data.xml_name=E", "winlog.process.pid=2828",
			},
		},
		"document with dots": {
			`{"winlog.channel":"C","winlog.event_data.Image":"x","process.name":"p","host.name":"h","Not.Known":"n"}`,
			[]string{"host.name=h", "process.executable=x", "process.name=p", "winlog.channel=C", "winlog.event_data.Not.Known=n"},
		},
		"numbered texts": {
			`{"winlog":{"channel":"Windows PowerShell","event_data":{"param1":"Available","param2":"None"}}}`,
			[]string{"winlog.channel=Windows PowerShell", "winlog.event_data.Data=Available", "winlog.event_data.Data=None", "winlog.event_data.param1=Available", "winlog.event_data.param2=None"},
		},
		"numbers that are names": {
			`{"winlog":{"provider_guid":"{g}","event_data":{"param1":"x"}}}`,
			[]string{"winlog.event_data.param1=x", "winlog.provider_guid={g}"},
		},
		"lists": {
			`{"A":["x",1,["y",null]],"B":[],"C":[{"D":"z"}]}`,
			[]string{"C.D=z", "winlog.event_data.A=1", "winlog.event_data.A=null", "winlog.event_data.A=x", "winlog.event_data.A=y", "winlog.event_data.B=[]"},
		},
		"twice": {
			`{"A":"x","A":"y","A":"x","Image":"i","NewProcessName":"j","CommandLine":"","CommandLine":"c"}`,
			[]string{"process.command_line=", "process.command_line=c", "process.executable=i", "process.executable=j", "winlog.event_data.A=x", "winlog.event_data.A=y"},
		},
		"an open field that is a text": {
			`{"winlog":{"event_data":"text"},"labels":"l","EventData":"e","Event":"v","Odd":"o"}`,
			[]string{"winlog.event_data.Data=e", "winlog.event_data.Data=text", "winlog.event_data.Event=v", "winlog.event_data.Odd=o", "winlog.event_data.labels=l"},
		},
		"objects in lists of a document": {
			`{"threat":{"enrichments":[{"indicator":{"ip":"1.2.3.4"}},{"indicator":{"ip":"5.6.7.8"}}]}}`,
			[]string{"threat.enrichments.indicator.ip=1.2.3.4", "threat.enrichments.indicator.ip=5.6.7.8"},
		},
		"pretty": {
			"{ \"EventID\" : 1 ,\n\t\"Image\": \"x\", \"B\": [ \"y\" , true ] }",
			[]string{"event.code=1", "process.executable=x", "winlog.event_data.B=true", "winlog.event_data.B=y"},
		},
		"empty": {`{}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(paths)
			var e event.Event
			for _, what := range []string{"first", "again, with names that are known"} {
				if err := r.Read([]byte(c.line), &e); err != nil {
					t.Fatal(err)
				}
				if got := flatten(&e); !slices.Equal(got, c.want) {
					t.Errorf("%s: got\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
				}
			}
		})
	}
}

func TestRead_Broken(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"empty":             {``, "byte 1 of 0"},
		"a text":            {`"x"`, "byte 1 of 3"},
		"a list":            {`[{}]`, "byte 1 of 4"},
		"cut off":           {`{"EventID":46`, "byte 14 of 13"},
		"cut in a text":     {`{"EventID":"46`, "byte 15 of 14"},
		"cut in an escape":  {`{"a":"\u00`, "byte 9 of 10"},
		"wrong escape":      {`{"a":"\x"}`, "byte 8 of 10"},
		"comma at the end":  {`{"a":1,}`, "byte 8 of 8"},
		"more behind":       {`{"a":1} {"b":2}`, "byte 9 of 15"},
		"leading zero":      {`{"a":01}`, "byte 8 of 8"},
		"control character": {"{\"a\":\"x\ty\"}", "byte 9 of 11"},
		"raw line":          {`Jul 1 host sshd: x`, "byte 1 of 18"},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			err := New(paths).Read([]byte(c.line), &e)
			if err == nil || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("got %v, want an error at %s", err, c.want)
			}
		})
	}
	t.Run("what stands before is kept", func(t *testing.T) {
		var e event.Event
		if err := New(paths).Read([]byte(`{"EventID":7,"Image":"x","A":}`), &e); err == nil {
			t.Fatal("no error")
		}
		if got := flatten(&e); !slices.Equal(got, []string{"event.code=7", "process.executable=x"}) {
			t.Errorf("the event holds %v", got)
		}
	})
}

// A broken line must not leave anything for the one after it.
func TestRead_AfterABrokenLine(t *testing.T) {
	r := New(paths)
	var e event.Event
	for _, broken := range []string{`{"A":["x",`, `{"Unknown":"x","param1":"a"`, `{"@timestamp":"2020-01-01T00:00:00Z","UtcTime":"2020-01-01 00:00:00",`, `{"EventData":{"Data":[{"@Name":"x",`} {
		if err := r.Read([]byte(broken), &e); err == nil {
			t.Fatalf("%s was read", broken)
		}
		if err := r.Read([]byte(`{"EventID":1}`), &e); err != nil {
			t.Fatal(err)
		}
		if got := flatten(&e); !slices.Equal(got, []string{"event.code=1"}) {
			t.Errorf("after %s the event holds %v", broken, got)
		}
	}
}

func TestRead_Hostile(t *testing.T) {
	long := strings.Repeat(`C:\\a`, 200_000)
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, `"Field %d":"v%d",`, i, i)
	}
	same := strings.Repeat(`"A":"x%d",`, 10_000)
	for name, c := range map[string]struct {
		line string
		path string
		want int // values at path
	}{
		"a value of 1 MB":                {`{"Image":"` + long + `"}`, "process.executable", 1},
		"a value of 1 MB, twice":         {`{"Image":"` + long + `","NewProcessName":"x` + long + `"}`, "process.executable", 2},
		"10,000 fields":                  {`{` + many.String() + `"Z":1}`, "winlog.event_data.Field9999", 1},
		"one field 10,000 times":         {`{` + strings.ReplaceAll(same, "%d", "") + `"A":"y"}`, "winlog.event_data.A", 2},
		"a list of 100,000":              {`{"A":[` + strings.Repeat(`"x",`, 99_999) + `"x"]}`, "winlog.event_data.A", 100_000},
		"bytes that are no UTF-8":        {"{\"A\":\"\xff\xfe\\n\xc3\"}", "winlog.event_data.A", 1},
		"nested as deep as may be":       {`{"A":` + strings.Repeat("[", 60) + `1` + strings.Repeat("]", 60) + `}`, "winlog.event_data.A", 1},
		"a name of 100 kB, with escapes": {`{"` + strings.Repeat(`\n`, 50_000) + `":1,"A":1}`, "winlog.event_data.A", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(paths)
			var e event.Event
			for range 2 {
				if err := r.Read([]byte(c.line), &e); err != nil {
					t.Fatal(err)
				}
				if got := e.GetPath(c.path).Len(); got != c.want {
					t.Errorf("%d values at %s, want %d", got, c.path, c.want)
				}
			}
		})
	}
	t.Run("too deep", func(t *testing.T) {
		for _, open := range []string{`[`, `{"a":`, `{"Event":{"EventData":{"Data":`} {
			var e event.Event
			line := `{"A":` + strings.Repeat(open, 100_000)
			if err := New(paths).Read([]byte(line), &e); err == nil {
				t.Errorf("%s: no error", open)
			}
		}
	})
}

// What a reader remembers is bounded, whatever names it is given.
func TestReader_ForgetsNamesThatAreMadeUp(t *testing.T) {
	r := New(paths)
	var e event.Event
	for i := range 3 * maxPlaces {
		if err := r.Read(fmt.Appendf(nil, `{"EventID":1,"N%d":"x"}`, i), &e); err != nil {
			t.Fatal(err)
		}
		if !e.Has(event.EventCode) {
			t.Fatal("no event.code")
		}
	}
	if r.places > maxPlaces+2 || len(r.targets) > maxPlaces+10 {
		t.Errorf("%d places and %d targets are remembered", r.places, len(r.targets))
	}
	if err := r.Read([]byte(`{"A":"`+strings.Repeat(`\\`, 4<<20)+`"}`), &e); err != nil {
		t.Fatal(err)
	}
	if err := r.Read([]byte(`{"A":"b"}`), &e); err != nil {
		t.Fatal(err)
	}
	if cap(r.buf) > keepBuf {
		t.Errorf("%d bytes are kept for escapes", cap(r.buf))
	}
}

// A path that becomes a field later, because a rule names it, is one in the next line.
func TestReader_SeesNewFields(t *testing.T) {
	r := New(func(name string) string { return "winevent.test." + name })
	var e event.Event
	line := []byte(`{"Later":"x"}`)
	if err := r.Read(line, &e); err != nil {
		t.Fatal(err)
	}
	f, err := event.Register(ecs.Keyword, "winevent.test.Later")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(line, &e); err != nil {
		t.Fatal(err)
	}
	if got := e.Str(f); got != "x" {
		t.Errorf("the field has %q, want x", got)
	}
}

func TestRead_DoesNotAllocate(t *testing.T) {
	lines := [][]byte{
		[]byte(`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"h","Image":"C:\\a\\b.exe","CommandLine":"x \"y\"","UtcTime":"2020-01-02 03:04:05.678","@timestamp":"2020-01-02T03:04:05.678Z","Odd Name":"z","tags":["t"]}`),
		[]byte(`{"Event":{"System":{"EventID":{"#text":1},"Provider":{"#attributes":{"Name":"P"}}},"EventData":{"Image":"C:\\a","Data":["x","y"]}}}`),
		[]byte(`{"@timestamp":"2020-01-02T03:04:05.678Z","winlog":{"channel":"c","event_data":{"Image":"x"},"process":{"pid":7}},"event":{"code":"1"}}`),
	}
	r := New(paths)
	var e event.Event
	read := func() {
		for _, l := range lines {
			if err := r.Read(l, &e); err != nil {
				t.Fatal(err)
			}
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The path function is asked once for a name, not once for an event.
func TestNew_AsksOnceForAName(t *testing.T) {
	asked := map[string]int{}
	r := New(func(name string) string { asked[name]++; return paths(name) })
	var e event.Event
	for range 5 {
		if err := r.Read([]byte(`{"EventID":1,"Two Words":"x","Event":{"EventData":{"Inner":"y"}}}`), &e); err != nil {
			t.Fatal(err)
		}
	}
	for name := range maps.Keys(asked) {
		if strings.Contains(name, " ") || asked[name] > 1 && name != nameless && name != "Event" {
			t.Errorf("asked %d times for %q", asked[name], name)
		}
	}
	if asked["TwoWords"] != 1 || asked["Inner"] != 1 {
		t.Errorf("asked for %v", asked)
	}
}

// A document that is kept has every name where the line has it, and the time of Windows is a field of its own.
func TestFill_Apart(t *testing.T) {
	line := `{"@timestamp":"2026-01-01T00:00:05.000Z","message":"m","winlog":{"time_created":"2026-01-01T00:00:01.0000001Z","event_id":1,"event_data":{"Image":"C:\\a.exe","Odd":"x"},"user_data":{"xml_name":"K","CommandLine":"c","In":{"B":"d"}}},"process":{"executable":"C:\\b.exe"}}`
	r := NewApart()
	var e event.Event
	e.SetStr(event.HostIP, "192.0.2.1")
	for range 2 { // what it remembers of the first line does not change the second
		if err := r.Fill([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{
			"winlog.event_data.Image": `C:\a.exe`, "winlog.event_data.Odd": "x", "process.executable": `C:\b.exe`, "winlog.user_data.CommandLine": "c", "winlog.user_data.xml_name": "K",
			"winlog.user_data.B": "d", "process.command_line": "", "@timestamp": "2026-01-01T00:00:01.000000100Z", "winlog.time_created": "2026-01-01T00:00:01.000000100Z", "event.code": "1", "host.ip": "192.0.2.1", "message": "m",
		} {
			if got := e.GetPath(path).Text(); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
		e.Reset()
		e.SetStr(event.HostIP, "192.0.2.1")
	}
}

// A clock that names no zone is that of the event, if something said which, else this machine's.
func TestFill_Zone(t *testing.T) {
	for zone, want := range map[string]string{"+09:00": "2025-12-31T15:00:00Z", "-01:30": "2026-01-01T01:30:00Z", "": time.Date(2026, 1, 1, 0, 0, 0, 0, time.Local).UTC().Format(time.RFC3339)} {
		var e event.Event
		e.SetStr(event.EventTimezone, zone)
		if err := NewApart().Fill([]byte(`{"EventTime":"2026-01-01 00:00:00","Channel":"x"}`), &e); err != nil {
			t.Fatal(err)
		}
		if got := e.Get(event.Timestamp).Time().Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", zone, got, want)
		}
	}
	var e event.Event
	if err := NewApart().Fill([]byte(`{"@timestamp":"soon","winlog":{"time_created":"never"}}`), &e); err != nil {
		t.Fatal(err)
	}
	if e.GetPath("@timestamp").Text() != "soon" || e.GetPath("winlog.time_created").Text() != "never" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}
