package convert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"weir/rules/yamlfile"
)

// What is not converted is copied as it is written, comments and forms too: its author shall know it again.

// block is a key with its value as the lines of the file have it.
type block struct {
	key  string
	text string
}

// blocks cuts the document into its keys. Comments above a key go with the one before it.
func (r *rule) blocks() []block {
	var starts []int
	for _, kv := range r.body.Pairs {
		p, _ := yamlfile.Extent(kv)
		starts = append(starts, p.Line-r.first)
	}
	return cutAt(r.text, starts, func(i int) string { return yamlfile.Key(r.body.Pairs[i]) })
}

// cutAt cuts a text before lines, counted from 0.
func cutAt(text string, starts []int, key func(int) string) []block {
	// With their line ends, so that what is joined is what was there.
	lines := strings.SplitAfter(text, "\n")
	var out []block
	for i, from := range starts {
		to := len(lines)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		if from < 0 || to > len(lines) || from > to {
			return nil
		}
		part := strings.Join(lines[from:to], "")
		if !strings.HasSuffix(part, "\n") {
			part += "\n"
		}
		out = append(out, block{key(i), part})
	}
	return out
}

// keep are the keys that a rule about one event takes over; the rest is about what is found.
var keep = []string{"status", "author", "date", "modified", "license", "logsource", "taxonomy"}

// base writes the rule about one event, called name, with a condition of its own.
func (r *rule) base(name, condition string) string {
	// The title says that it is a part: rules are listed by it, and nobody wants two of one name.
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\nid: %s\nname: %s\n", quoted(r.value("title")+" (one event)"), idOf(r.value("id"), name), name)
	for _, bl := range r.blocks() {
		switch {
		case bl.key == "status":
			b.WriteString("status: " + r.status() + "\n")
		case slices.Contains(keep, bl.key):
			b.WriteString(bl.text)
		case bl.key == "detection":
			b.WriteString(r.searches(bl.text, condition))
		}
	}
	b.WriteString("level: informational\n")
	return b.String()
}

// searches writes the detection with another condition, with the searches that it names, and without its timeframe.
func (r *rule) searches(text, condition string) string {
	p, _ := yamlfile.Extent(r.detection[0])
	indent := strings.Repeat(" ", p.Col-1)
	// The line of the key itself, with a comment if it has one.
	head, _, _ := strings.Cut(text, "\n")
	var b strings.Builder
	b.WriteString(head + "\n")
	for _, bl := range r.searchBlocks() {
		if bl.key == "condition" || bl.key == "timeframe" || !names(condition, bl.key) {
			continue
		}
		b.WriteString(bl.text)
	}
	fmt.Fprintf(&b, "%scondition: %s\n", indent, quoted(condition))
	return b.String()
}

// searchBlocks cuts the detection into its keys.
func (r *rule) searchBlocks() []block {
	var starts []int
	for _, kv := range r.detection {
		p, _ := yamlfile.Extent(kv)
		starts = append(starts, p.Line-r.first)
	}
	end := len(strings.Split(r.text, "\n"))
	// The key behind the detection ends it.
	for i, kv := range r.body.Pairs {
		if yamlfile.Key(kv) == "detection" && i+1 < len(r.body.Pairs) {
			p, _ := yamlfile.Extent(r.body.Pairs[i+1])
			end = p.Line - r.first
		}
	}
	lines := strings.SplitAfter(r.text, "\n")
	return cutAt(strings.Join(lines[:min(end, len(lines))], ""), starts, func(i int) string { return yamlfile.Key(r.detection[i]) })
}

// names tells whether a condition may ask for a search. One with a pattern may ask for any.
func names(condition, search string) bool {
	words := nearWords.FindAllString(condition, -1)
	return slices.Contains(words, search) || slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, "of") })
}

// whole writes the correlation, with all that was said about the rule: it is what alerts come from, so it has its id.
func (r *rule) whole(correlation string) string {
	var b strings.Builder
	done := false
	for _, bl := range r.blocks() {
		switch bl.key {
		case "logsource":
		case "detection":
			b.WriteString(correlation)
			done = true
		case "status":
			b.WriteString("status: " + r.status() + "\n")
		default:
			b.WriteString(bl.text)
		}
	}
	if !done {
		b.WriteString(correlation)
	}
	return b.String()
}

// status is what a rule of the old form becomes: it was unsupported for its form alone.
func (r *rule) status() string {
	if s := r.value("status"); s != "unsupported" && s != "" {
		return s
	}
	return "experimental"
}

// value returns the text of a key, "" if there is none.
func (r *rule) value(key string) string {
	for _, kv := range r.body.Pairs {
		if yamlfile.Key(kv) == key {
			s, _ := yamlfile.Text(kv.Value)
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return ""
}

// quoted writes a text of one line for YAML, in quotes where it needs them.
func quoted(s string) string {
	plain := s != "" && !strings.ContainsAny(s[:1], ":#'\"{}[]&*!|>%@`,-?= ") && !strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":") && strings.TrimSpace(s) == s
	switch {
	case strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }):
		return strconv.Quote(s) // what would steer a terminal, or is no text of a file, is written as escapes
	case plain:
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
