package sigma

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// placeholder is a %name% that is not escaped by a backslash before it.
var placeholder = regexp.MustCompile(`\\%|%([A-Za-z0-9_.-]+)%`)

// expand returns a value with its placeholders replaced, for every value that they have. Values of lists are texts of
// Sigma: their wildcards count.
func (d *document) expand(v *node) []string {
	// All texts up to the present place; each placeholder makes as many of each as it has values.
	out := []string{""}
	at := 0
	add := func(more ...string) bool {
		if len(out)*len(more) > maxValues {
			d.tooLarge(v)
			return false
		}
		next := make([]string, 0, len(out)*len(more))
		for _, have := range out {
			for _, m := range more {
				next = append(next, have+m)
			}
		}
		out = next
		return true
	}
	for _, m := range placeholder.FindAllStringSubmatchIndex(v.text, -1) {
		before := v.text[at:m[0]]
		at = m[1]
		if m[2] < 0 { // an escaped percent sign
			add(before + "%")
			continue
		}
		name := v.text[m[2]:m[3]]
		values := d.valuesOf(name)
		if len(values) == 0 {
			d.fail(v, "sigma-placeholder", fmt.Sprintf("write its values, one a line, into %s", path.Join(d.file.opts.listDir(), name+".txt")),
				"the placeholder `%%%s%%` has no values", name)
			return nil
		}
		if !add(before) || !add(values...) {
			return nil
		}
	}
	add(v.text[at:])
	return out
}

// valuesOf asks for the values of a placeholder. A rule that names it twice asks twice: whoever answers may keep them.
func (d *document) valuesOf(name string) []string {
	if d.file.opts.Placeholders == nil {
		return nil
	}
	return d.file.opts.Placeholders(name)
}

// listDir is the folder of lists as messages write it.
func (o Options) listDir() string { return strings.TrimSuffix(cmp.Or(o.ListDir, "lists"), "/") }
