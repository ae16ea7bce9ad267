package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// stream is one data stream of a package.
type stream struct {
	pkg, name string
	cases     []testCase
}

// testCase is one file of raw logs, its documents side by side.
type testCase struct {
	file    string
	inputs  []input
	wants   []map[string]any // nil: the document is dropped
	dynamic map[string]*regexp.Regexp
}

// input is one raw log: what was received, and what was known beside it.
type input struct {
	raw    string
	fields map[string]any
	// document tells that the record is an agent's document without a message, or with another original than its message.
	document bool
}

// caseConfig is the part of the configuration of a test that says what its inputs are.
type caseConfig struct {
	Fields    map[string]any `yaml:"fields"`
	Dynamic   map[string]any `yaml:"dynamic_fields"`
	Multiline struct {
		First string `yaml:"first_line_pattern"`
	} `yaml:"multiline"`
}

// loadStreams reads all streams below dir, in the order of their names.
func loadStreams(dir string, wanted func(pkg, stream string) bool) ([]stream, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "test-*-expected.json"))
	if err != nil {
		return nil, fmt.Errorf("looking for expected documents: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no PACKAGE/STREAM/test-*-expected.json", dir)
	}
	var out []stream
	for _, file := range files {
		folder := filepath.Dir(file)
		pkg, name := filepath.Base(filepath.Dir(folder)), filepath.Base(folder)
		if !wanted(pkg, name) {
			continue
		}
		c, err := loadCase(strings.TrimSuffix(file, "-expected.json"))
		if err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].pkg != pkg || out[n-1].name != name {
			out = append(out, stream{pkg: pkg, name: name})
		}
		last := &out[len(out)-1]
		last.cases = append(last.cases, c)
	}
	return out, nil
}

// loadCase reads an input file with its documents and configuration.
func loadCase(file string) (testCase, error) {
	c := testCase{file: file}
	config, err := loadConfig(file)
	if err != nil {
		return c, err
	}
	c.dynamic = map[string]*regexp.Regexp{}
	for path, v := range flatten(config.Dynamic) {
		re, err := regexp.Compile(fmt.Sprint(v))
		if err != nil {
			return c, fmt.Errorf("%s: dynamic field %s: %w", file, path, err)
		}
		c.dynamic[path] = re
	}
	if c.inputs, err = loadInputs(file, config); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	if c.wants, err = loadExpected(file + "-expected.json"); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	if len(c.inputs) != len(c.wants) {
		return c, fmt.Errorf("%s: %d inputs and %d documents", file, len(c.inputs), len(c.wants))
	}
	return c, nil
}

// loadConfig reads what is said of all tests of a stream, and over it what is said of one.
func loadConfig(file string) (caseConfig, error) {
	var out caseConfig
	for _, name := range []string{filepath.Join(filepath.Dir(file), "test-common-config.yml"), file + "-config.yml"} {
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("reading configuration: %w", err)
		}
		var one caseConfig
		if err := yaml.Unmarshal(data, &one); err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		out.Fields = merged(out.Fields, one.Fields)
		out.Dynamic = merged(out.Dynamic, one.Dynamic)
		if one.Multiline.First != "" {
			out.Multiline = one.Multiline
		}
	}
	return out, nil
}

// merged is b over a: objects are merged, everything else is replaced.
func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range b {
		if below, ok := v.(map[string]any); ok {
			if above, ok := out[k].(map[string]any); ok {
				out[k] = merged(above, below)
				continue
			}
		}
		out[k] = v
	}
	return out
}

// loadInputs reads the raw logs: the lines of a .log file, or the documents of a .json file. A document with a message is
// what an agent sends, the message with fields beside it; one without is the record itself.
func loadInputs(file string, config caseConfig) ([]input, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the file
	}
	if !strings.HasSuffix(file, ".json") {
		lines, err := records(string(data), config.Multiline.First)
		if err != nil {
			return nil, err
		}
		out := make([]input, len(lines))
		for i, line := range lines {
			out[i] = input{raw: line, fields: config.Fields}
		}
		return out, nil
	}
	var doc struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	var out []input
	for _, raw := range doc.Events {
		var event map[string]any
		if err := decode(raw, &event); err != nil {
			return nil, err
		}
		if msg, ok := event["message"].(string); ok {
			rest := maps.Clone(event)
			delete(rest, "message")
			_, own := flatten(event)["event.original"]
			out = append(out, input{raw: msg, fields: merged(config.Fields, rest), document: own})
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, fmt.Errorf("reading an event: %w", err)
		}
		out = append(out, input{raw: compact.String(), fields: config.Fields, document: true})
	}
	return out, nil
}

// records splits a log into records: one a line, or one from each line that looks like a first one to the next.
func records(log, first string) ([]string, error) {
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(log, "\r\n", "\n"), "\n"), "\n")
	if first == "" {
		return lines, nil
	}
	re, err := regexp.Compile(first)
	if err != nil {
		return nil, fmt.Errorf("pattern of first lines: %w", err)
	}
	var out []string
	for _, line := range lines {
		if len(out) == 0 || re.MatchString(line) {
			out = append(out, line)
		} else {
			out[len(out)-1] += "\n" + line
		}
	}
	return out, nil
}

// loadExpected reads the documents, null for those that are dropped. Some files hold the list alone.
func loadExpected(file string) ([]map[string]any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the file
	}
	if t := bytes.TrimSpace(data); len(t) > 0 && t[0] == '[' {
		var docs []map[string]any
		return docs, decode(data, &docs)
	}
	var doc struct {
		Expected []map[string]any `json:"expected"`
	}
	return doc.Expected, decode(data, &doc)
}

// decode reads JSON and keeps numbers as they are written.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading JSON: %w", err)
	}
	return nil
}

// flatten returns the values of a document by path. Lists are values.
func flatten(doc map[string]any) map[string]any {
	out := map[string]any{}
	flattenInto(out, "", doc)
	return out
}

func flattenInto(out map[string]any, prefix string, doc map[string]any) {
	for k, v := range doc {
		switch v := v.(type) {
		case map[string]any:
			flattenInto(out, prefix+k+".", v)
		case nil:
		case []any:
			if len(v) > 0 {
				out[prefix+k] = v
			}
		default:
			out[prefix+k] = v
		}
	}
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
