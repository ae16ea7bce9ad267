package main

import (
	"slices"
	"strings"
)

// families returns the families of the direct requirements of a go.mod, sorted: modules that come from one project are
// one decision and count once.
func families(mod string) []string {
	var out []string
	block := false
	for line := range strings.SplitSeq(mod, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "require ("):
			block = true
			continue
		case line == ")":
			block = false
			continue
		case strings.HasPrefix(line, "require "):
			line = strings.TrimPrefix(line, "require ")
		case !block:
			continue
		}
		path, rest, ok := strings.Cut(line, " ")
		if !ok || strings.HasPrefix(path, "//") || strings.Contains(rest, "// indirect") {
			continue
		}
		out = append(out, family(path))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// family returns the project that a module belongs to: the repository on a code host, else the vanity host with the
// group that it uses (golang.org/x), else the host alone (modernc.org).
func family(path string) string {
	parts := strings.Split(path, "/")
	switch parts[0] {
	case "github.com", "gitlab.com", "codeberg.org", "bitbucket.org":
		return strings.Join(parts[:min(3, len(parts))], "/")
	case "golang.org":
		return strings.Join(parts[:min(2, len(parts))], "/")
	}
	return parts[0]
}
