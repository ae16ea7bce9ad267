package build

import (
	"os"

	"weir/internal/config"
	"weir/internal/fault"
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

// ShippedFormats are the formats that come with weir.
func ShippedFormats() format.Source { return format.Source{Name: "shipped", FS: formats.FS()} }
