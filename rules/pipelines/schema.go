package pipelines

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of pipeline files, for editors. What pySigma writes is not described by it.
func Schema() []byte { return slices.Clone(schema) }
