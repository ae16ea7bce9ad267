package term

import (
	"os/exec"
	"testing"

	"weir/internal/testkit"
)

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"/a/b": "/a/b", "user@host:1": "user@host:1", "/a b": "'/a b'", "it's": `'it'\''s'`, "": "''", "$(reboot)": "'$(reboot)'",
		"a;b": "'a;b'", "김민수": "'김민수'", "~x": "'~x'"} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestShellWord_Shell asks a real shell what it reads.
func TestShellWord_Shell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		testkit.Skip(t, "machine", "no shell on this machine")
	}
	for _, word := range []string{"a b", "it's", `"x" $HOME`, "`id`", "\\n", "*", "a\tb", "-n", "김 민수", "#x", "!x", "{a,b}", "a\x1b[2Jb", "\u202egpj.exe", "100%\x07", "it's\x1b", "\xff\xfe", "back\\slash\x01", "two\nlines"} {
		out, err := exec.Command(sh, "-c", "printf %s "+ShellWord(word)).Output()
		if err != nil || string(out) != word && word != "-n" {
			t.Errorf("%q arrives as %q, %v", word, out, err)
		}
	}
}

// TestShellWord_visible: a printed command acts on no terminal, whatever name it holds.
func TestShellWord_visible(t *testing.T) {
	for _, word := range texts {
		if got := ShellWord(word); Escape(got) != got {
			t.Errorf("%q is printed as %q", word, got)
		}
	}
}
