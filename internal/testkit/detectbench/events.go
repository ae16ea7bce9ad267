package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"weir/event"
	"weir/processors/parse/winevent"
	"weir/rules/pipelines"
)

// record is one event as a flat JSON object with Sigma's names. RSigma reads nothing else, and weir is given the same.
type record struct {
	line []byte
	// code and channel tell what it is.
	code, channel string
}

// eventFile is a file of events: some records, often.
type eventFile struct {
	path             string
	distinct, events int
	bytes            int64
}

// load reads all real events.
func load(data string) ([]record, error) {
	var out []record
	for _, from := range []struct {
		folder string
		exts   []string
		read   func(content []byte) ([][]byte, error)
	}{
		{"security-datasets/atomic/windows", []string{".zip"}, zipped},
		{"sigma/regression", []string{".json", ".jsoncls"}, dumped},
		{"windows-evtx", []string{".evtx.golden.json"}, collected},
	} {
		err := filepath.WalkDir(filepath.Join(data, "data", from.folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !slices.ContainsFunc(from.exts, func(ext string) bool { return strings.HasSuffix(path, ext) }) {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			lines, err := from.read(content)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for _, line := range lines {
				out = append(out, record{line: line})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return route(out)
}

// zipped returns the lines of a recording.
func zipped(content []byte) ([][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		all, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(all) {
			if line = bytes.TrimSpace(line); len(line) == 0 {
				continue
			}
			if line, err = named(line); err != nil {
				return nil, err
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// named adds the names that Sigma's rules use to a record that has others for the same values: RSigma has no mapping here,
// and weir's comes to the same.
func named(line []byte) ([]byte, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(line, &doc); err != nil {
		return nil, err
	}
	for _, pair := range [][2]string{{"SourceName", "Provider_Name"}, {"Hostname", "Computer"}, {"NewProcessName", "Image"}, {"ParentProcessName", "ParentImage"}} {
		var value string
		if err := json.Unmarshal(doc[pair[0]], &value); err == nil && doc[pair[1]] == nil {
			line = with(line, pair[1], value)
		}
	}
	return line, nil
}

// with returns a JSON object with one more member.
func with(line []byte, name, value string) []byte {
	out := append(slices.Clip(bytes.TrimRight(line, " \t}")), ',')
	out = append(strconv.AppendQuote(out, name), ':')
	out = event.Str(value).AppendJSON(out)
	return append(out, '}')
}

// dumped returns the events of a dump of an EVTX file.
func dumped(content []byte) ([][]byte, error) {
	type attributes struct {
		Name, Guid, SystemTime, UserID string
		ProcessID, ThreadID            json.RawMessage
	}
	type element struct {
		Attributes attributes `json:"#attributes"`
	}
	var out [][]byte
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	for {
		var doc struct {
			Event struct {
				System struct {
					Provider, TimeCreated, Execution, Security               element
					EventID, Version, Level, Task, Opcode, Keywords, Channel json.RawMessage
					EventRecordID, Computer                                  json.RawMessage
				}
				EventData map[string]json.RawMessage
			}
		}
		switch err := dec.Decode(&doc); err {
		case nil:
		case io.EOF:
			return out, nil
		default:
			return nil, err
		}
		sys := &doc.Event.System
		flat := map[string]json.RawMessage{
			"EventID": sys.EventID, "Version": sys.Version, "Level": sys.Level, "Task": sys.Task, "Opcode": sys.Opcode, "Keywords": sys.Keywords,
			"Channel": sys.Channel, "EventRecordID": sys.EventRecordID, "Computer": sys.Computer, "ProviderGuid": quoted(sys.Provider.Attributes.Guid),
			"Provider_Name": quoted(sys.Provider.Attributes.Name), "TimeCreated": quoted(sys.TimeCreated.Attributes.SystemTime), "UserID": quoted(sys.Security.Attributes.UserID),
			"ExecutionProcessID": sys.Execution.Attributes.ProcessID, "ThreadID": sys.Execution.Attributes.ThreadID,
		}
		line, err := flatLine(flat, doc.Event.EventData)
		if err == nil {
			line, err = named(line)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
}

// collected returns the events of an agent: winlog.event_data.
func collected(content []byte) ([][]byte, error) {
	var list []struct {
		Timestamp string `json:"@timestamp"`
		Message   string
		Winlog    struct {
			Channel      json.RawMessage            `json:"channel"`
			ComputerName json.RawMessage            `json:"computer_name"`
			EventData    map[string]json.RawMessage `json:"event_data"`
			EventID      json.Number                `json:"event_id"`
			ProviderName json.RawMessage            `json:"provider_name"`
		}
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, doc := range list {
		w := &doc.Winlog
		line, err := flatLine(map[string]json.RawMessage{
			"@timestamp": quoted(doc.Timestamp), "Message": quoted(doc.Message), "Channel": w.Channel, "Computer": w.ComputerName,
			"EventID": json.RawMessage(w.EventID), "Provider_Name": w.ProviderName,
		}, w.EventData)
		if err == nil {
			line, err = named(line)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// quoted returns a text as JSON, nothing for an empty one.
func quoted(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return event.Str(s).AppendJSON(nil)
}

// flatLine writes what every event has and its data as one object; blanks in names go, since rules have none there.
func flatLine(head, data map[string]json.RawMessage) ([]byte, error) {
	all := map[string]json.RawMessage{}
	for _, part := range []map[string]json.RawMessage{data, head} {
		for name, v := range part {
			if len(v) > 0 && string(v) != "null" {
				all[strings.ReplaceAll(name, " ", "")] = v
			}
		}
	}
	return json.Marshal(all)
}

// Members that RSigma routes by. weir finds the log source by channel and number, and is given them all the same.
const (
	product  = "ls_product"
	service  = "ls_service"
	category = "ls_category"
)

// route adds to each event the log source that RSigma is to route it by. One that is of no category gets a word that no
// rule has: without any, RSigma would try the rules of all categories. Of several categories it gets the one with the
// most rules, since RSigma knows one.
func route(list []record) ([]record, error) {
	pipes := pipelines.Shipped()
	r := winevent.New(func(name string) string { return pipes.Paths(pipelines.LogSource{Product: "windows"}, name)[0] })
	var e event.Event
	for i := range list {
		if err := r.Read(list[i].line, &e); err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		list[i].code, list[i].channel = strings.Clone(e.Str(event.EventCode)), strings.Clone(e.GetPath("winlog.channel").Text())
		parts := strings.Split(pipes.Describe(pipes.Classify(&e)), "/")
		if len(parts) != 3 {
			return nil, fmt.Errorf("event %d is of the class %s", i, parts)
		}
		for j, name := range []string{product, category, service} {
			list[i].line = with(list[i].line, name, most(parts[j]))
		}
	}
	return list, nil
}

// most returns one of several words that are joined by a plus: the one with the most rules.
func most(words string) string {
	if words == "" {
		return "none"
	}
	list := strings.Split(words, "+")
	for _, w := range []string{"registry_set", "registry_event", "file_delete"} {
		if slices.Contains(list, w) {
			return w
		}
	}
	return list[0]
}

// processes returns the records of started processes.
func processes(list []record) []record {
	return slices.DeleteFunc(slices.Clone(list), func(r record) bool {
		return !(r.code == "1" && strings.EqualFold(r.channel, "Microsoft-Windows-Sysmon/Operational") || r.code == "4688" && strings.EqualFold(r.channel, "Security"))
	})
}

// writeEvents writes at least n events: the records over and over, in another order each time, always the same. So a file
// is no loop that a predictor learns; values do come back, which is kind to whatever remembers them.
func writeEvents(path string, list []record, n int) (*eventFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	out := &eventFile{path: path, distinct: len(list)}
	w := bufio.NewWriterSize(f, 1<<20)
	rnd := rand.New(rand.NewPCG(1, 2))
	list = slices.Clone(list)
	for out.events < n {
		rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, r := range list {
			_, _ = w.Write(r.line)
			_ = w.WriteByte('\n')
			out.events++
			out.bytes += int64(len(r.line)) + 1
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	return out, f.Close()
}
