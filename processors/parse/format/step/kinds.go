package step

import "github.com/goccy/go-yaml/ast"

// Kind is one kind of step: its key in a file, what may stand below it, and what it is for. The schema for editors, help
// and documents are made of the table.
type Kind struct {
	Name string
	// Group is reading, writing or control.
	Group string
	// Keys are the keys of its mapping, in order; nil where it has none of its own (places, steps or one text).
	Keys []Key
	// Takes says what stands below it: "keys", "text or keys", "places", "place: value", "steps", "text", "true".
	Takes string
	// About is one line for people.
	About string

	// Block tells that it has steps within it.
	Block bool
	// Compile compiles what stands below it, nil where that has a mistake.
	Compile func(c *Compiler, n ast.Node) Op
}

// Key is a key of a step's mapping.
type Key struct {
	Name     string
	Required bool
	// Takes says what stands below it: place, places, text, texts, letter, flag, steps, cases, table, number, expression,
	// places by key.
	Takes string
	About string
}
