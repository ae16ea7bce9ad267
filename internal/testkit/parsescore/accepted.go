package main

import (
	_ "embed"
	"fmt"
	"os"
	"path"

	"github.com/goccy/go-yaml"
)

//go:embed accepted.yaml
var shippedAccepted []byte

// acceptance is a field in which we differ on purpose. It counts neither as right nor as wrong.
type acceptance struct {
	Package string `yaml:"package"` // a pattern as of path.Match; empty: all
	Stream  string `yaml:"stream"`
	Field   string `yaml:"field"`
	// Documents tells that only records are meant that are an agent's document as a whole, without a message in it.
	Documents bool   `yaml:"documents"`
	Reason    string `yaml:"reason"`
}

// loadAccepted reads the accepted differences. Each must have its reason.
func loadAccepted(file string) ([]acceptance, error) {
	data := shippedAccepted
	switch file {
	case "":
	case "none":
		return nil, nil
	default:
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("reading accepted differences: %w", err)
		}
	}
	var out []acceptance
	if err := yaml.UnmarshalWithOptions(data, &out, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading accepted differences: %w", err)
	}
	for i, a := range out {
		if a.Field == "" || a.Reason == "" {
			return nil, fmt.Errorf("accepted difference %d needs a field and a reason", i+1)
		}
		for _, pattern := range []string{a.Package, a.Stream, a.Field} {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, fmt.Errorf("accepted difference %d: pattern %q: %w", i+1, pattern, err)
			}
		}
	}
	return out, nil
}

// accepts tells whether a difference in a field of a stream is accepted.
func accepts(list []acceptance, pkg, stream, field string, document bool) bool {
	for _, a := range list {
		if (document || !a.Documents) && fits(a.Package, pkg) && fits(a.Stream, stream) && fits(a.Field, field) {
			return true
		}
	}
	return false
}

func fits(pattern, name string) bool {
	ok, err := path.Match(pattern, name) // patterns were checked
	return pattern == "" || err == nil && ok
}
