package jsonmsg

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
)

func TestFill(t *testing.T) {
	tests := []struct{ name, obj, want string }{
		{"nested names", `{"source":{"ip":"192.0.2.1","port":80}}`, `{"message":%q,"related":{"ip":["192.0.2.1"]},"source":{"ip":"192.0.2.1","port":80}}`},
		{"dotted names", `{"source.ip":"192.0.2.1","source":{"nat.port":5}}`, `{"message":%q,"related":{"ip":["192.0.2.1"]},"source":{"ip":"192.0.2.1","nat":{"port":5}}}`},
		{"types that are repaired", `{"source":{"port":"80"},"event":{"code":7,"category":"network"}}`, `{"event":{"category":["network"],"code":"7"},"message":%q,"source":{"port":80}}`},
		{"types that do not fit", `{"source":{"port":"http","ip":"host"},"message":{"a":1}}`, `{"message":%q,"weir":{"data":{"source.port":"http","source.ip":"host","message.a":1}}}`},
		{"unknown names", `{"a":{"b":[1,{"c":2}],"d":null},"e":true}`, `{"message":%q,"weir":{"data":{"a.b":[1,{"c":2}],"e":true}}}`},
		{"time, message, level, host", `{"time":"2024-01-01T00:00:00Z","msg":"hi","level":"warn","host":"h"}`, `{"@timestamp":"2024-01-01T00:00:00.000Z","host":{"name":"h"},"log":{"level":"warn"},"message":"hi","related":{"hosts":["h"]}}`},
		{"seconds", `{"ts":1704067200.5,"log":"line\n"}`, `{"@timestamp":"2024-01-01T00:00:00.500Z","message":"line"}`},
		{"milliseconds", `{"timestamp":1704067200123,"severity":"ERROR"}`, `{"@timestamp":"2024-01-01T00:00:00.123Z","log":{"level":"ERROR"},"message":%q}`},
		{"the name of ECS wins", `{"time":"2024-01-01T00:00:00Z","@timestamp":"2024-02-02T00:00:00Z","message":"m","msg":"n"}`, `{"@timestamp":"2024-02-02T00:00:00.000Z","message":"m","weir":{"data":{"time":"2024-01-01T00:00:00Z","msg":"n"}}}`},
		{"the first alias wins", `{"hostname":"b","host":"a"}`, `{"host":{"name":"a"},"message":%q,"related":{"hosts":["a"]},"weir":{"data":{"hostname":"b"}}}`},
		{"an alias that does not fit", `{"time":"noon","pid":"x","ts":1704067200}`, `{"@timestamp":"2024-01-01T00:00:00.000Z","message":%q,"weir":{"data":{"time":"noon","pid":"x"}}}`},
		{"an alias in a deeper object", `{"a":{"msg":"x"}}`, `{"message":%q,"weir":{"data":{"a.msg":"x"}}}`},
		{"an object for an alias", `{"host":{"name":"h","os":{"name":"o"}},"level":{"x":1}}`, `{"host":{"name":"h","os":{"name":"o"}},"message":%q,"related":{"hosts":["h"]},"weir":{"data":{"level.x":1}}}`},
		{"addresses and users", `{"src_ip":"192.0.2.1","src_port":5,"dest_ip":"host.example","user":"A\\bob","proto":"UDP"}`,
			`{"destination":{"address":"host.example","domain":"host.example"},"message":%q,"network":{"iana_number":"17","transport":"udp"},"related":{"hosts":["A","host.example"],"ip":["192.0.2.1"],"user":["bob"]},"source":{"address":"192.0.2.1","ip":"192.0.2.1","port":5},"user":{"domain":"A","name":"bob"}}`},
		{"what weir decides", `{"weir":{"class":"x","data":{"a":1}},"event":{"id":"1","original":"o","ingested":"i"},"ecs.version":"9","log.source.address":"liar"}`,
			`{"message":%q,"weir":{"data":{"weir.class":"x","weir.data.a":1,"event.id":"1","event.original":"o","event.ingested":"i","ecs.version":"9","log.source.address":"liar"}}}`},
		{"open objects", `{"labels":{"a":"b"},"dns":{"answers":[{"data":"x"}]}}`, `{"dns":{"answers":[{"data":"x"}]},"labels":{"a":"b"},"message":%q}`},
		{"objects with fields of their own", `{"log":{"syslog":{"priority":13,"x":1}}}`, `{"log":{"syslog":{"priority":13}},"message":%q,"weir":{"data":{"log.syslog.x":1}}}`},
		{"a name twice", `{"x":1,"x":2}`, `{"message":%q,"weir":{"data":{"x":[1,2]}}}`},
		{"empty", `{}`, `{"message":%q}`},
		{"empty values", `{"a":{},"b":[],"c":"","msg":""}`, `{"message":%q,"weir":{"data":{"a":{},"b":[],"c":"","msg":""}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Fill(&e, tt.obj); err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if strings.Contains(want, "%q") {
				var m event.Event
				m.Set(event.Message, event.Str(tt.obj))
				want = strings.Replace(want, "%q", string(m.Get(event.Message).AppendJSON(nil)), 1)
			}
			if got := string(e.AppendJSON(nil)); got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

// What the header said of the observer stays; what it did not say may come from the message.
func TestFill_Observer(t *testing.T) {
	var e event.Event
	e.Set(event.ObserverName, event.Str("fw1"))
	e.Set(event.Message, event.Str("header text"))
	if err := Fill(&e, `{"observer":{"name":"liar","vendor":"v"}}`); err != nil {
		t.Fatal(err)
	}
	if got, want := string(e.AppendJSON(nil)), `{"message":"header text","observer":{"name":"fw1","vendor":"v"},"weir":{"data":{"observer.name":"liar"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFill_Bounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("{")
	for i := range 3000 {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	fmt.Fprintf(&b, `"%s":{"x":1}}`, strings.Repeat("p", maxPath+1))
	var e event.Event
	if err := Fill(&e, b.String()); err != nil {
		t.Fatal(err)
	}
	data := e.Get(event.WeirData)
	rest := data.Get("rest").Str()
	if data.Len() != maxData+1 || !strings.Contains(rest, " k2999=2999 ") || !strings.HasSuffix(rest, `p={"x":1}`) {
		t.Errorf("%d keys, rest ends with %s", data.Len(), rest[max(0, len(rest)-40):])
	}
}

func TestAliases_HaveFields(t *testing.T) {
	if len(aliasByKey) != len(aliasTable) {
		t.Error("a key is in the table twice")
	}
	for _, a := range aliasTable {
		if _, ok := event.Lookup(a.key); ok {
			t.Errorf("%s is a field itself", a.key)
		}
	}
}

// leaves calls fn for each value of a decoded document that is no object, with its path.
func leaves(path string, v any, fn func(path string, v any)) {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		fn(path, v)
		return
	}
	for key, member := range m {
		leaves(strings.TrimPrefix(path+"."+key, "."), member, fn)
	}
}

// TestFill_NothingLost reads real lines of a network sensor: each value stands in the event, in the field of its path, in
// that of an alias, or below weir.data.
func TestFill_NothingLost(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "integrations", "suricata", "*", "*.log"))
	if err != nil || len(files) == 0 {
		testkit.Skip(t, "shared", "no lines of suricata")
	}
	lines := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var doc map[string]any
			if json.Unmarshal([]byte(line), &doc) != nil {
				continue
			}
			lines++
			var e event.Event
			if err := Fill(&e, strings.TrimSpace(line)); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			all := string(e.AppendJSON(nil))
			leaves("", doc, func(path string, v any) {
				if v == nil {
					return
				}
				kept := e.Get(event.WeirData).Get(path).Kind() != event.Absent || e.GetPath(path).Kind() != event.Absent
				if !kept && aliasByKey[path] == 0 && path != aliasTable[0].key {
					t.Errorf("%s: %s = %v is lost: %s", filepath.Base(file), path, v, all)
				}
			})
		}
	}
	if lines < 10 {
		t.Errorf("only %d lines", lines)
	}
}

// An alias has one field each, and the way that its value takes there.
func TestFill_Aliases(t *testing.T) {
	for _, c := range []struct{ obj, path, want string }{
		{`{"eventTime":"2024-01-01T00:00:00Z"}`, "@timestamp", "2024-01-01T00:00:00.000Z"},
		{`{"@t":"2024-01-01T09:00:00+09:00"}`, "@timestamp", "2024-01-01T00:00:00.000Z"},
		{`{"t":1704067200}`, "@timestamp", "2024-01-01T00:00:00.000Z"},
		{`{"MESSAGE":"from the journal\n"}`, "message", "from the journal"},
		{`{"levelname":"WARNING"}`, "log.level", "WARNING"},
		{`{"level":30}`, "log.level", "30"},
		{`{"_HOSTNAME":"web-1"}`, "host.name", "web-1"},
		{`{"_PID":"7"}`, "process.pid", "7"},
		{`{"logger_name":"a.b"}`, "log.logger", "a.b"},
		{`{"username":"A\\bob"}`, "user.name", "bob"},
		{`{"source_ip":"192.0.2.1"}`, "source.ip", "192.0.2.1"},
		{`{"dst_ip":"2001:db8::1"}`, "destination.ip", "2001:db8::1"},
		{`{"dest_port":"443"}`, "destination.port", "443"},
		{`{"dest_port":99999}`, "destination.port", ""},
		{`{"dest_port":99999}`, "weir.data.dest_port", "99999"},
		{`{"traceId":"abc","spanId":"d"}`, "trace.id", "abc"},
	} {
		var e event.Event
		if err := Fill(&e, c.obj); err != nil {
			t.Fatal(err)
		}
		if got := e.GetPath(c.path).Text(); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.obj, c.path, got, c.want)
		}
	}
}
