package tools

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules"
	"weir/rules/pipelines"
)

// inputs are rules that somebody named, and what they need of the data folder.
type inputs struct {
	set   *rules.Set
	lists match.Lists
	pipes *pipelines.Set
}

// loadInputs loads the rules of files and folders as one set, with the lists and pipelines of cfg. An error says which
// path cannot be read at all: a mistyped path must not pass as a folder without rules. What is wrong with a file is in the
// faults.
func loadInputs(cfg config.Config, paths []string) (inputs, fault.List, error) {
	var in inputs
	var faults fault.List
	listDir := build.Within(cfg, cfg.Rules.Lists)
	in.lists, faults = rules.LoadLists(listDir)
	pipes, more := build.Pipelines(cfg)
	in.pipes = pipes
	faults = append(faults, more...)
	opts := rules.Options{Lists: in.lists, Pipelines: in.pipes, Placeholders: rules.ListValues(listDir), ListDir: listDir}

	var sources []rules.Source
	var odd []string
	for _, path := range paths {
		src, ok, err := sourceOf(path)
		switch {
		case err != nil:
			return in, nil, &fault.Error{Code: "rules-unreadable", What: "these rules cannot be read", Where: path, Why: fault.Innermost(err), Do: "name a rule file or a folder of them", Exit: fault.ExitUsage, Cause: err}
		case ok:
			sources = append(sources, src)
		default:
			odd = append(odd, path)
		}
	}
	in.set = rules.Load(opts, sources...)
	for _, path := range odd {
		b, err := os.ReadFile(path)
		if err != nil {
			return in, nil, &fault.Error{Code: "rules-unreadable", What: "this rule file cannot be read", Where: path, Why: fault.Innermost(err), Exit: fault.ExitUsage, Cause: err}
		}
		list, bad := rules.Parse(path, b, opts)
		in.set.Rules = append(in.set.Rules, list...)
		faults = append(faults, bad...)
	}
	return in, append(faults, in.set.Faults...), nil
}

// sourceOf makes a source of a path. It is not ok for a file whose name is not that of a rule file: such a one is taken
// too, since somebody named it.
func sourceOf(path string) (src rules.Source, ok bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return src, false, err
	}
	if info.IsDir() {
		_, err := os.ReadDir(path)
		return rules.Source{Name: path, FS: os.DirFS(path)}, true, err
	}
	dir, name := filepath.Split(path)
	if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" || name[0] == '.' || name == "exceptions.yaml" {
		return src, false, nil
	}
	return rules.Source{Name: filepath.Clean(dir), FS: single{os.DirFS(filepath.Clean(dir)), name}}, true, nil
}

// single is a folder of which one file is seen.
type single struct {
	fs.FS
	name string
}

// ReadDir is that of the folder without the others.
func (s single) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() != s.name }), err
}
