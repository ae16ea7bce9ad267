package main

import "github.com/spf13/cobra"

// help prints the help of a command: short for -h, all of it for --help.
// The faces are looked at again, because cobra asks for help before our own hook has seen --color.
func (c *cli) help(cmd *cobra.Command) error {
	c.faces()
	return c.page(c.tree.Help(c.out, cmd, c.longHelp))
}

// page writes text that may be longer than the screen.
// Without a terminal it is written as it is, whatever its length.
func (c *cli) page(text []byte) error {
	if c.noPager {
		return c.write(text)
	}
	return c.out.Page(text, c.env, c.world.err)
}
