package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// table prints the figures. Events a second are those of a CPU second: what else the machine does takes time from both,
// but not CPU.
func table(out io.Writer, list []result) {
	fmt.Fprintf(out, "\n%-40s %-7s %10s %8s %9s %8s %9s %7s\n", "events, rules", "engine", "events/s", "MB/s", "CPU-s/M", "start, s", "hits/1k", "ratio")
	for _, r := range list {
		for _, name := range []string{"weir", "RSigma"} {
			m, ok := r.by[name]
			if !ok {
				continue
			}
			rate := float64(m.events) / m.cpu.Seconds()
			fmt.Fprintf(out, "%-40s %-7s %10.0f %8.1f %9.2f %8.2f %9.1f %7s\n", fmt.Sprintf("%s, %d", r.name, r.rules.rules), name, rate,
				float64(m.bytes)/m.cpu.Seconds()/1e6, 1e6/rate, m.start.Seconds(), 1000*float64(m.matches)/float64(m.events), r.ratio(name, list))
		}
	}
	fmt.Fprintln(out, "events/s: of one CPU second, for events that come again; hits/1k: matches of a thousand; start: CPU to load the rules and to meet each event for the first time")
	fmt.Fprintln(out, "ratio: weir's speed by RSigma's, and the cost of ten times the rules by that of the rules alone")
}

// ratio returns what the last column says.
func (r *result) ratio(name string, list []result) string {
	if r.like != "" {
		for _, single := range list {
			if single.name == r.like && single.by[name].cpu > 0 {
				return fmt.Sprintf("x%.2f", r.by[name].per()/single.by[name].per())
			}
		}
	}
	if other, ok := r.by["RSigma"]; ok && name == "weir" {
		return fmt.Sprintf("%.2f", other.per()/r.by[name].per())
	}
	return ""
}

// per returns what one event costs.
func (m measured) per() float64 { return m.cpu.Seconds() / float64(m.events) }

// titlesOf returns the titles of the rules of a folder, by id.
func titlesOf(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var doc struct{ ID, Title string }
		if err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&doc); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out[doc.ID] = doc.Title
		return nil
	})
	return out, err
}
