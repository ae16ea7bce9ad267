package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"weir/internal/testkit"
	"weir/rules"
)

// ruleDir is a folder of rules that weir loads.
type ruleDir struct {
	path  string
	rules int
}

// unpack writes the rules of SigmaHQ that are meant to run below dir.
func unpack(shared, dir string) error {
	files, err := testkit.ReadSigmaHQ(shared)
	if err != nil {
		return err
	}
	for name, f := range files {
		if err := writeFile(filepath.Join(dir, name), f.Data); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file and the folders above it.
func writeFile(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o600)
}

// keepLoaded removes the files with a rule that weir refuses, so that both engines run the same ones.
func keepLoaded(dir string, out io.Writer) (*ruleDir, error) {
	set, err := rules.LoadDir(dir, rules.Options{})
	if err != nil {
		return nil, err
	}
	good := map[string]bool{}
	for _, r := range set.Rules {
		good[r.File] = true
	}
	gone := 0
	err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || good[filepath.ToSlash(name)] {
			return err
		}
		gone++
		return os.Remove(name)
	})
	fmt.Fprintf(out, "rules: %d run in both engines; %d files are refused by weir and left out for both\n", len(set.Rules), gone)
	return &ruleDir{dir, len(set.Rules)}, err
}

// mutate writes copies of the rules beside each other: each with an id of its own and with other texts to look for. So an
// index finds as many different texts as ten times the rules would have, and not the same ones ten times.
func mutate(from *ruleDir, dir string, copies int) (*ruleDir, error) {
	out := &ruleDir{path: dir}
	err := filepath.WalkDir(from.path, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from.path, name)
		if err != nil {
			return err
		}
		for c := range copies {
			text := content
			if c > 0 {
				if text, err = mutant(content, c); err != nil {
					return fmt.Errorf("%s: %w", rel, err)
				}
			}
			if err := writeFile(filepath.Join(dir, fmt.Sprint(c), rel), text); err != nil {
				return err
			}
			out.rules++
		}
		return nil
	})
	return out, err
}

// mutant returns copy c of a rule.
func mutant(content []byte, c int) ([]byte, error) {
	var doc yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(content, &doc, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	found := false
	for i := range doc {
		switch doc[i].Key {
		case "id":
			id, ok := doc[i].Value.(string)
			if !ok || len(id) != 36 {
				return nil, errors.New("no id")
			}
			doc[i].Value = fmt.Sprintf("%s%08x", id[:28], uint32(c)*0x01010101^hash(id))
			found = true
		case "detection":
			if m, ok := doc[i].Value.(yaml.MapSlice); ok {
				for j := range m {
					if m[j].Key != "condition" {
						m[j].Value = other(m[j].Value, c)
					}
				}
			}
		}
	}
	if !found {
		return nil, errors.New("no id")
	}
	return yaml.Marshal(doc)
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return h.Sum32()
}

// other returns a part of a detection with other texts. Values of modifiers that have a form of their own stay: a regex,
// a network, a placeholder, another field's name.
func other(v any, c int) any {
	switch v := v.(type) {
	case string:
		return otherText(v, c)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = other(v[i], c)
		}
		return out
	case yaml.MapSlice:
		out := slices.Clone(v)
		for i := range out {
			name, _ := out[i].Key.(string)
			_, mods, _ := strings.Cut(name, "|")
			if !slices.ContainsFunc(strings.Split(mods, "|"), func(m string) bool { return slices.Contains([]string{"re", "cidr", "expand", "fieldref", "exists"}, m) }) {
				out[i].Value = other(out[i].Value, c)
			}
		}
		return out
	}
	return v
}

// otherText turns letters of a text into others, about one in four and at least one: which ones depends on the text and on
// the copy. Short texts stay: they are numbers of events and the like, and would soon be those of others.
func otherText(s string, c int) string {
	if len(s) < 5 {
		return s
	}
	b := []byte(s)
	h := hash(s) + uint32(c)*2654435761
	changed := false
	for i := range b {
		h = h*1664525 + 1013904223
		letter := b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z'
		if letter && (h>>24 < 64 || !changed && i > len(b)/2) {
			b[i] = b[i]&0x20 | (b[i]&0x1f+byte(1+h>>16%25)-1)%26 + 1 | 0x40
			changed = true
		}
	}
	return string(b)
}
