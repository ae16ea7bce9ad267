package config

import (
	"fmt"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/internal/nearest"
)

// envPrefix begins every variable that is ours.
const envPrefix = "WEIR_"

// notConfig are variables of ours that other parts read.
// They begin as ours do and name no key, so they must not be taken for a misspelt one.
var notConfig = []string{"WEIR_TESTDATA", "WEIR_REQUIRE", "WEIR_SKIPPED", "WEIR_PAGER"}

// splitEnv turns NAME=value lines into a map; of a name that is given twice the last wins, as in a shell.
func splitEnv(env []string) map[string]string {
	out := make(map[string]string, len(env))
	for _, line := range env {
		if name, value, ok := strings.Cut(line, "="); ok {
			out[name] = value
		}
	}
	return out
}

// environment applies the variables, and warns of those that mean a key and name none: a spelling mistake there would
// otherwise go unseen for ever. An empty variable means an empty value. The environment is handed in and never asked
// for: tests run side by side, and a container's is the whole configuration of many sites.
func (d *loader) environment() {
	keys := keysOf(d.root, "")
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.environment()
		if text, ok := d.env[names[i]]; ok {
			d.setFrom(k, text, origin{kind: fromEnvironment, name: names[i]})
		}
	}
	var unknown []string
	for name := range d.env {
		if strings.HasPrefix(name, envPrefix) && !slices.Contains(names, name) && !slices.Contains(notConfig, name) && d.looksLikeKey(name, names) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		e := &fault.Error{Code: "config-unknown-variable", What: fmt.Sprintf("the variable %s sets nothing", name), Where: "environment",
			Why: "no key has this name", Do: "unset " + name + "; all names: `weir config show`", Exit: fault.ExitOK, Warn: true}
		if near := nearest.Name(name, names); near != "" {
			e.Do = "did you mean " + near + "?"
		}
		d.warnings = append(d.warnings, e)
	}
}

// looksLikeKey tells a misspelt key from a variable that is somebody else's: it begins with a section, or is almost the
// name of a key. Other programs of a site may have variables that begin as ours do; a warning at every start for each
// of them would teach people not to read warnings.
func (d *loader) looksLikeKey(name string, names []string) bool {
	for i := range d.root.NumField() {
		section := d.root.Type().Field(i)
		if isSection(section.Type) && strings.HasPrefix(name, envPrefix+strings.ToUpper(section.Tag.Get("yaml"))+"_") {
			return true
		}
	}
	return nearest.Name(name, names) != ""
}
