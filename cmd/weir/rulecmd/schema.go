package rulecmd

import (
	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/rules"
)

// schemaSpec is for editors: what they complete and underline is what the loader takes.
func (c *commands) schemaSpec() pages.Spec {
	return pages.Spec{
		Use: "schema", Short: "print the JSON Schema of rule files", Args: ui.AtMost(0),
		Long:     "Of native rules. Editors complete and check by it: with yaml-language-server, write `# yaml-language-server: $schema=weir-rules.schema.json` into the first line of a rule file, or set yaml.schemas for the folder; docs/how-to/own-rule.md has both. check says more, since it reads the expressions too.",
		Examples: []string{"weir rules schema > weir-rules.schema.json"},
		Run:      func(*cobra.Command, []string) error { return c.shell().Write(rules.Schema()) },
	}
}
