package term

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Page writes text that may be longer than the screen: where a person reads it and it does not fit, through the pager
// of the environment (WEIR_PAGER, PAGER, else less), else straight. A pager that is missing or fails is no fault: the
// text is written without it. The pager is waited for. A pager gets the colours that a terminal would, and must show
// them as such: hence -R for less, and PAGER=cat for who wants none of it.
func (f *Face) Page(text []byte, env []string, messages io.Writer) error {
	file, isFile := f.W.(*os.File)
	if f.TTY && isFile && bytes.Count(text, []byte("\n")) >= Height(file) && runPager(text, env, file, messages) {
		return nil
	}
	if _, err := f.W.Write(text); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// runPager tells whether the pager showed the text. The variable is split at blanks and never given to a shell: a path
// with a blank in it needs a link, and nothing is expanded.
// A pager that was quit before the end has shown what was wanted: less ends with 0 then.
func runPager(text []byte, env []string, out *os.File, messages io.Writer) bool {
	pager := "less -FRX"                                   // ends by itself if all fits, shows colour, leaves the text on the screen
	for _, name := range []string{"PAGER", "WEIR_PAGER"} { // the last that is set wins
		if v := variable(env, name); strings.TrimSpace(v) != "" {
			pager = v
		}
	}
	words := strings.Fields(pager)
	path, err := exec.LookPath(words[0])
	if err != nil {
		return false
	}
	cmd := exec.Command(path, words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = bytes.NewReader(text), out, messages, env
	return cmd.Run() == nil
}
