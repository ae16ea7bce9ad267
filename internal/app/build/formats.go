package build

import (
	"os"
	"strconv"
	"strings"

	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/formats"
)

// FormatsFolder is where a user's own formats lie, in the data folder.
const FormatsFolder = "formats"

// Formats loads the shipped formats and over them the user's: one of the same dataset and id takes the place of the shipped one.
// What is wrong with a file is in the faults; the others are used.
func Formats(cfg config.Config) (*format.Set, fault.List) {
	dir := Within(cfg, FormatsFolder)
	if _, err := os.Stat(dir); err != nil {
		// Most have none of their own: the shipped ones are compiled once for the whole process.
		if set, err := parse.Shipped(); err == nil {
			return set, nil
		}
	}
	return format.Load(ShippedFormats(), format.Source{Name: dir, FS: os.DirFS(dir)})
}

// NamedFormats finds settings of inputs that name a format that there is not: their messages would be recognised by what they
// say, and nobody would know why.
func NamedFormats(cfg config.Config, set *format.Set) (out fault.List) {
	check := func(key, dataset string) {
		if dataset == "" || len(set.Of(dataset)) > 0 {
			return
		}
		do := "weir formats list"
		if near := nearest.Name(dataset, set.Datasets()); near != "" {
			do = "did you mean " + near + "?"
		}
		out = append(out, &fault.Error{Code: "dataset-unknown", What: "no format has the dataset " + dataset, Where: key, Why: "until there is one, messages are recognised by what they say", Do: do, Warn: true})
	}
	check("inputs.syslog.dataset", cfg.Inputs.Syslog.Dataset)
	for _, s := range cfg.Inputs.File.Datasets {
		_, dataset, _ := strings.Cut(s, "=")
		check("inputs.file.datasets", dataset)
	}
	return out
}

// LeftOut is the one line with which a command that reads with formats says that some files of them are not used; nil if all are.
// What is wrong with them is for the command that checks formats.
func LeftOut(cfg config.Config, faults fault.List) *fault.Error {
	files := map[string]bool{}
	for _, f := range faults {
		if name, _, _ := strings.Cut(f.Where, ".yaml:"); !f.Warn {
			files[name] = true
		}
	}
	if len(files) == 0 {
		return nil
	}
	what := "a format file has mistakes and is left out"
	if n := len(files); n > 1 {
		what = strconv.Itoa(n) + " format files have mistakes and are left out"
	}
	return &fault.Error{Code: "format-left-out", What: what, Where: Within(cfg, FormatsFolder), Do: "weir formats check", Warn: true}
}

// ShippedFormats are the formats that come with weir.
func ShippedFormats() format.Source { return format.Source{Name: "shipped", FS: formats.FS()} }
