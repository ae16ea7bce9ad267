package reviewcmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
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
				secret, err := c.engine.Secret(cmd.Context(), sh, "passphrase of "+name+": ", ref, false)
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
