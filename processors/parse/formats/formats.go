// Package formats holds the formats that come with weir, one folder for each package of the Elastic integrations that
// reads the same device.
package formats

import (
	"embed"
	"io/fs"
)

//go:embed */*.yaml */*.csv
var files embed.FS

// FS returns the files. Those that are no YAML and no tables are of no use to whoever loads formats.
func FS() fs.FS { return files }
