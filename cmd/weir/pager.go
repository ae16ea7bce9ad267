package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/term"
)

// help prints the help of a command: short for -h, all of it for --help.
func (c *cli) help(cmd *cobra.Command) {
	c.faces()
	c.page(c.tree.Help(c.out, cmd, c.longHelp))
}

// page sends long text through the pager where a person reads it, else straight to stdout.
func (c *cli) page(text []byte) {
	height := bytes.Count(text, []byte("\n"))
	file, isFile := c.world.out.(*os.File)
	if c.noPager || !c.out.TTY || !isFile || height < term.Height(file) {
		c.write(text)
		return
	}
	pager := "less -FRX"
	for _, name := range []string{"PAGER", "WEIR_PAGER"} { // the last that is set wins
		for _, v := range c.env {
			if p, ok := strings.CutPrefix(v, name+"="); ok && p != "" {
				pager = p
			}
		}
	}
	words := strings.Fields(pager)
	path, err := exec.LookPath(words[0])
	if err != nil {
		c.write(text)
		return
	}
	cmd := exec.Command(path, words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = bytes.NewReader(text), c.world.out, c.world.err, c.env
	if cmd.Run() != nil {
		c.write(text)
	}
}
