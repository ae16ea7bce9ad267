package reviewcmd

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	xterm "golang.org/x/term"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/review/keys"
	"weir/internal/review/seal"
	"weir/internal/review/store"
	"weir/internal/term"
)

// signSpec signs here: weir gets the signature and never the key.
func (c *commands) signSpec() pages.Spec {
	var name, ref, folder string
	var systems []string
	return pages.Spec{
		Use: "sign ID", Short: "sign a review with your key", Args: ui.Exactly("ID"),
		Long: "Signs every system of the review that you may sign: nobody signs for a system that they have access to, nor for one whose reviewers they are not. " +
			"When every system is signed, the review is closed and sealed into the archive.",
		Examples: []string{"weir review sign 2026-10 --key park", "weir review sign 2026-10 --key park --system crm", "weir review sign 2026-10 --key park --passphrase env:REVIEW_PASSPHRASE"},
		Exits:    "1 there is nothing that you may sign, or somebody changed the review meanwhile", Complete: c.completeReviews,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&name, "key", "", "`name` of your key: weir keys list")
			f.StringSliceVar(&systems, "system", nil, "only these `systems`")
			f.StringVar(&ref, "passphrase", "", "where the passphrase is: `file:PATH` or env:NAME; without it you are asked")
			f.StringVar(&folder, "key-folder", "", "`folder` of your private key (default: DATA.keys/reviewers)")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			if name == "" {
				return ui.Usage("with which key is not said", "name it with --key; weir keys list shows them")
			}
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				want, err := question.Ask[store.ToSign](cmd.Context(), b, reviewing.AskPrepare, reviewing.PrepareRequest{ID: args[0], Key: name, Systems: systems}, nil)
				if err != nil {
					return err
				}
				for _, r := range want.Refused {
					sh.Note("not signed: %s: %s", term.Escape(r.System), term.Escape(r.Why))
				}
				dir, err := keyFolder(sh, folder)
				if err != nil {
					return err
				}
				secret, err := c.engine.Secret(sh, "passphrase of "+name+": ", ref, false)
				if err != nil {
					return err
				}
				private, err := c.engine.Load(dir, name, want.Signature.Public, secret)
				if err != nil {
					return err
				}
				sig := seal.Sign(want.ID, want.Revision, want.Signature, private)
				v, err := question.Ask[reviewing.View](cmd.Context(), b, reviewing.AskSign, reviewing.SignRequest{ID: args[0], Signature: sig}, nil)
				if err != nil {
					return err
				}
				return signed(sh, v, len(sig.Parts)-1)
			})
		},
	}
}

// signed says what is now true.
func signed(sh ui.Shell, v reviewing.View, systems int) error {
	if sh.JSON {
		return sh.Line(v)
	}
	sh.Note("signed: %s of %s", ui.Plural(systems, "system"), term.Escape(v.Facts.ID))
	switch waits := v.Facts.Unsigned(); {
	case len(waits) > 0:
		sh.Note("another reviewer signs %s", term.Escape(strings.Join(waits, ", ")))
	case v.Sealed != nil:
		sh.Note("the review is closed, and in the archive as %s (record %d)", term.Escape(v.Sealed.Path), v.Sealed.Seq)
	default:
		sh.Note("the review is closed; the archive gets it when weir runs")
	}
	return nil
}

// keyFolder is where private keys are.
func keyFolder(sh ui.Shell, folder string) (string, error) {
	if folder != "" {
		return folder, nil
	}
	data, err := sh.Data()
	if err != nil {
		return "", err
	}
	return keys.Folder(data), nil
}

// passphrase reads a passphrase from where ref says, or asks for it on the terminal without showing it.
func passphrase(sh ui.Shell, ask, ref string, twice bool) ([]byte, error) {
	switch {
	case strings.HasPrefix(ref, "file:"), strings.HasPrefix(ref, "env:"):
		s, err := unit.Resolve(ref, ".", os.LookupEnv)
		if err != nil {
			return nil, &fault.Error{Code: "review-passphrase", What: "the passphrase cannot be read", Why: err.Error(), Do: "write --passphrase file:PATH or --passphrase env:NAME", Exit: fault.ExitUsage, Cause: err}
		}
		return []byte(s), nil
	case ref != "":
		return nil, ui.Usage("a passphrase is never written on the command line", "write --passphrase file:PATH or env:NAME, or leave it out and be asked")
	}
	file, ok := sh.In.(*os.File)
	if !ok || !sh.InTTY {
		return nil, ui.Usage("nobody can be asked for the passphrase here", "write --passphrase file:PATH or --passphrase env:NAME")
	}
	first, err := hidden(sh, file, ask)
	if err != nil || !twice {
		return first, err
	}
	second, err := hidden(sh, file, "once more: ")
	if err == nil && string(first) != string(second) {
		err = ui.Usage("the two passphrases differ", "try again")
	}
	return first, err
}

// hidden reads a line that is not shown.
func hidden(sh ui.Shell, file *os.File, ask string) ([]byte, error) {
	if _, err := fmt.Fprint(sh.Msg.W, ask); err != nil {
		return nil, err
	}
	b, err := xterm.ReadPassword(int(file.Fd()))
	_, werr := fmt.Fprintln(sh.Msg.W)
	return b, errors.Join(err, werr)
}
