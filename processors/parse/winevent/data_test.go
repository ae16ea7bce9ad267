package winevent

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/testkit"
	"weir/rules/pipelines"
)

// windows is the mapping that weir has.
func windows() func(string) string {
	set := pipelines.Shipped()
	return func(name string) string { return set.Paths(pipelines.LogSource{Product: "windows"}, name)[0] }
}

// files calls fn for every file of a folder of the test data with one of the extensions.
func files(t testing.TB, folder string, fn func(path string, content []byte), exts ...string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(testkit.Shared(t), "data", folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, ext := range exts {
			if strings.HasSuffix(path, ext) {
				content, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				n++
				fn(path, content)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatalf("no files in %s", folder)
	}
}

// recordings returns the lines of all recordings: flat records.
func recordings(t testing.TB) [][]byte {
	t.Helper()
	var lines [][]byte
	files(t, "security-datasets/atomic/windows", func(path string, content []byte) {
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			all, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			for line := range bytes.Lines(all) {
				if line = bytes.TrimSpace(line); len(line) > 0 {
					lines = append(lines, line)
				}
			}
		}
	}, ".zip")
	return lines
}

// sample returns one line in five: encoding/json takes its time.
func sample(lines func(testing.TB) [][]byte) func(testing.TB) [][]byte {
	return func(t testing.TB) (out [][]byte) {
		for i, line := range lines(t) {
			if i%5 == 0 {
				out = append(out, line)
			}
		}
		return out
	}
}

// documents returns the JSON documents that stand one after the other in content, each in one line.
func documents(t testing.TB, path string, content []byte) [][]byte {
	t.Helper()
	var out [][]byte
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	for {
		var doc json.RawMessage
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		var line bytes.Buffer
		if err == nil {
			err = json.Compact(&line, doc)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, line.Bytes())
	}
}

// dumps returns the events of Sigma's regression data: dumps of EVTX files.
func dumps(t testing.TB) [][]byte {
	var lines [][]byte
	files(t, "sigma/regression", func(path string, content []byte) { lines = append(lines, documents(t, path, content)...) }, ".json", ".jsoncls")
	return lines
}

// collected returns events as an agent passes them on: winlog.event_data.
func collected(t testing.TB) [][]byte {
	var lines [][]byte
	files(t, "windows-evtx", func(path string, content []byte) {
		var list []json.RawMessage
		if err := json.Unmarshal(content, &list); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, doc := range list {
			lines = append(lines, documents(t, path, doc)...)
		}
	}, ".evtx.golden.json")
	return lines
}

// texts returns the texts of a decoded JSON value: those that Windows has, so numbers as they are written.
func texts(v any) []string {
	switch v := v.(type) {
	case map[string]any:
		var out []string
		for _, m := range v {
			out = append(out, texts(m)...)
		}
		return out
	case []any:
		var out []string
		for _, m := range v {
			out = append(out, texts(m)...)
		}
		return out
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case bool:
		if v {
			return []string{"true"}
		}
		return []string{"false"}
	}
	return nil
}

// has tells whether a value is a text, or a list with it.
func has(v event.Value, text string) bool {
	for i := range v.Len() {
		if it := v.Item(i); it.Kind() != event.Object && it.Text() == text {
			return true
		}
	}
	return false
}

// Every value of the event data stands where the mapping says, whatever the shape.
func TestRead_RealEvents(t *testing.T) {
	path := windows()
	for name, c := range map[string]struct {
		lines func(testing.TB) [][]byte
		// data returns the part of a line whose members are named as rules name them.
		data func(line map[string]any) map[string]any
		// core are the fields that every event must have.
		core []string
	}{
		"recordings": {sample(recordings), func(l map[string]any) map[string]any { return l }, []string{"event.code", "winlog.channel", "host.name", "winlog.computer_name"}},
		"dumps": {dumps, func(l map[string]any) map[string]any {
			ev, _ := l["Event"].(map[string]any)
			data, _ := ev["EventData"].(map[string]any)
			return data
		}, []string{"event.code", "winlog.channel", "winlog.provider_name", "host.name", "winlog.computer_name", "@timestamp", "winlog.level", "winlog.process.pid"}},
		"collected": {collected, func(l map[string]any) map[string]any {
			w, _ := l["winlog"].(map[string]any)
			data, _ := w["event_data"].(map[string]any)
			return data
		}, []string{"event.code", "winlog.channel", "winlog.provider_name", "host.name", "winlog.computer_name", "@timestamp"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(path)
			var e event.Event
			values, wrong := 0, 0
			for i, line := range c.lines(t) {
				dec := json.NewDecoder(bytes.NewReader(line))
				dec.UseNumber()
				var doc map[string]any
				if err := dec.Decode(&doc); err != nil {
					t.Fatal(err)
				}
				if err := r.Read(line, &e); err != nil {
					t.Fatalf("line %d: %v", i, err)
				}
				for _, p := range c.core {
					if e.GetPath(p).Len() == 0 && !(p == "@timestamp" && name == "collected" && doc["@timestamp"] == nil) {
						t.Errorf("line %d has no %s", i, p)
						wrong++
					}
				}
				for key, v := range c.data(doc) {
					at := flat[key]
					if at == "" || name != "recordings" {
						at = path(strings.ReplaceAll(key, " ", ""))
					}
					for _, text := range texts(v) {
						values++
						if !has(e.GetPath(at), text) && !(clockOf[key] >= stamp && has(e.Get(event.Timestamp), text)) {
							t.Errorf("line %d: %s is not at %s, which has %s", i, key, at, e.GetPath(at))
							wrong++
						}
					}
				}
				if wrong > 20 {
					t.FailNow()
				}
			}
			if values < 1000 {
				t.Errorf("only %d values were compared", values)
			}
		})
	}
}

// missing returns a text of the line that no value of the event has, "" if there is none.
func missing(t testing.TB, line []byte, e *event.Event) string {
	t.Helper()
	there := map[string]bool{}
	// Bytes that are no UTF-8 are one sign each, as encoding/json has them.
	each(e, func(_, text string) { there[string([]rune(text))] = true })
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	// Tokens, because a decoded object has of a key that comes twice only the last value.
	depth, key, name := []bool{}, false, ""
	for {
		tok, err := dec.Token()
		if err != nil {
			return ""
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth = append(depth, v == '{')
			} else {
				depth = depth[:len(depth)-1]
			}
			key = len(depth) > 0 && depth[len(depth)-1]
			continue
		default:
			if key {
				key, name = false, tok.(string)
				continue
			}
			if isName(name) { // the name of a Data element is no value
				break
			}
			for _, text := range texts(v) {
				if n, ok := v.(json.Number); ok && !there[text] {
					if f, err := n.Float64(); err == nil { // a number of a document is a number
						text = event.Real(f).Text()
					}
				}
				if !there[text] {
					return text
				}
			}
		}
		key = len(depth) > 0 && depth[len(depth)-1]
	}
}

// A keyword rule finds every value of every line.
func TestRead_NothingIsLost(t *testing.T) {
	r := New(windows())
	var e event.Event
	for name, lines := range map[string][][]byte{"recordings": sample(recordings)(t), "dumps": dumps(t), "collected": collected(t)} {
		for i, line := range lines {
			if err := r.Read(line, &e); err != nil {
				t.Fatalf("%s, line %d: %v", name, i, err)
			}
			if text := missing(t, line, &e); text != "" {
				t.Fatalf("%s, line %d: %q is nowhere in the event\n%s", name, i, text, e.AppendJSON(nil))
			}
		}
	}
}

// What a line is made of, encoding/json and the reader agree on.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"EventID":4688,"Channel":"Security","CommandLine":"a \"b\" \u00e9 \ud83d\ude00 \ud83d","Odd Name":[1,"x",[true]],"A":null,"A":"","A":"b"}`,
		`{"Event":{"System":{"EventID":{"#text":7045,"#attributes":{"Qualifiers":0}},"TimeCreated":{"@SystemTime":"2026-01-02T03:04:05.1Z"}},"EventData":{"Data":[{"@Name":"Image","#text":"a"},"b"]},"UserData":{"X":{"Y":"z"}},"RenderingInfo":{"Message":"m"}}}`,
		`{"@timestamp":"2019-07-18T03:34:02.02+09:00","TimeCreated":"2019-07-18 03:34:02","winlog":{"event_data":{"param1":"x"},"process":{"pid":1.50}},"labels":{"a":"b"},"tags":[{"x":1}],"process.pid":"7"}`,
		`{"winlog":{"event_data":"x","event_data":{"A":1}},"EventData":[{"A":"b"}],"labels":[{"a":1}],"labels":{"b":2}}`,
		"{\"A\":\"\xff\\n\xc3\", \"@timestamp\" : 12e3 }",
		`{"A":{"B":{"C":[{"D":"x"},{"D":"y","Name":"n"}]}}}`,
	} {
		f.Add([]byte(s))
	}
	path := windows()
	r := New(path)
	f.Fuzz(func(t *testing.T, line []byte) {
		var e event.Event
		err := r.Read(line, &e)
		trimmed := bytes.TrimLeft(line, " \t\r\n")
		valid := json.Valid(line) && len(trimmed) > 0 && trimmed[0] == '{'
		if valid != (err == nil) && !(valid && nested(line) >= maxDepth) {
			t.Fatalf("valid: %v, read: %v", valid, err)
		}
		if err != nil {
			return
		}
		if text := missing(t, line, &e); text != "" {
			t.Fatalf("%q is nowhere in %q", text, flatten(&e))
		}
		// A second time it comes to the same, with names that are known now and with a reader that knows nothing else.
		first := flatten(&e)
		var again event.Event
		for _, reader := range []*Reader{r, New(path)} {
			if err := reader.Read(line, &again); err != nil {
				t.Fatal(err)
			}
			if got := flatten(&again); strings.Join(got, "\n") != strings.Join(first, "\n") {
				t.Fatalf("first %q, then %q", first, got)
			}
		}
	})
}

// nested returns how deep a line is nested at most.
func nested(line []byte) int {
	depth, most := 0, 0
	for _, c := range line {
		switch c {
		case '{', '[':
			depth++
			most = max(most, depth)
		case '}', ']':
			depth--
		}
	}
	return most
}

func BenchmarkRead(b *testing.B) {
	for name, lines := range map[string][][]byte{"recordings": recordings(b), "dumps": dumps(b), "collected": collected(b)} {
		b.Run(name, func(b *testing.B) {
			size := 0
			r := New(windows())
			var e event.Event
			for _, l := range lines {
				size += len(l)
				if err := r.Read(l, &e); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.SetBytes(int64(size / len(lines)))
			for i := 0; b.Loop(); i++ {
				_ = r.Read(lines[i%len(lines)], &e)
			}
		})
	}
}
