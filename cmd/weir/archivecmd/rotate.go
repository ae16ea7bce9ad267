package archivecmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/archive/anchor"
	"weir/internal/archive/logkey"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/term"
)

// rotateKeySpec changes the key. Whoever wrote down the old one needs nothing else to check with the new one.
func (c *commands) rotateKeySpec() pages.Spec {
	return pages.Spec{
		Use: "rotate-key", Short: "sign the archive's log with a new key from here on", Args: ui.Exactly(),
		Long: "The change becomes an entry of the log that the old and the new key sign, so who has the old public key can check what the new one signs. " +
			"The old private key is deleted once the log is signed with the new one. It takes a weir that runs.",
		Examples: []string{"weir archive rotate-key"}, Exits: "3 no weir has the archive, or its key cannot be written",
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				r, err := question.Ask[logkey.Rotated](cmd.Context(), b, anchor.AskRotate, logkey.RotateRequest{}, nil)
				if err != nil {
					return err
				}
				return showRotated(sh, r)
			})
		},
	}
}

// showRotated prints the new public key as data, so that it can be piped to where it is to be kept.
func showRotated(sh ui.Shell, r logkey.Rotated) error {
	if sh.JSON {
		return sh.Line(r)
	}
	if err := sh.Printf("%s\n", term.Escape(r.New)); err != nil {
		return err
	}
	sh.Note("the log is signed with key %s instead of %s from line %d of the manifest on; the keys are in %s",
		logkey.Fingerprint(r.New), logkey.Fingerprint(r.Old), r.Seq, term.Escape(r.Folder))
	sh.Note("give the new public key, the line above, to whoever checks the archive; the old one goes on to work too")
	return nil
}

// publishSpec publishes at once what goes out every day by itself.
func (c *commands) publishSpec() pages.Spec {
	return pages.Spec{
		Use: "publish", Short: "publish the newest checkpoint of the archive's log now", Args: ui.Exactly(),
		Long:     "The checkpoint goes to the folder, the channels and the time-stamp server of archive.log, as it does once a day and when weir stops. It takes a weir that runs.",
		Examples: []string{"weir archive publish"}, Exits: "1 it did not arrive everywhere; 3 no weir has the archive",
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error { return publish(cmd.Context(), sh, b) })
		},
	}
}

// publish asks and shows each way with what came of it.
func publish(ctx context.Context, sh ui.Shell, b control.Backend) error {
	p, err := question.Ask[anchor.Published](ctx, b, anchor.AskPublish, anchor.PublishRequest{}, nil)
	if err != nil {
		return err
	}
	if sh.JSON {
		err = sh.Line(p)
	} else {
		err = showPublished(sh, p)
	}
	if err != nil {
		return err
	}
	for _, r := range p.Records {
		if !r.OK {
			return ui.Found{Code: 1}
		}
	}
	return nil
}

// showPublished prints one row a way.
func showPublished(sh ui.Shell, p anchor.Published) error {
	for _, r := range p.Records {
		state, said := "ok", r.Said
		if !r.OK {
			state, said = "failed", r.Err
		}
		if err := sh.Printf("%-8s %-7s %s  %s\n", term.Escape(r.How), state, term.Escape(r.Where), term.Escape(said)); err != nil {
			return err
		}
	}
	switch {
	case p.Ways == 0:
		sh.Note("checkpoint %s of %s entries is in the archive's folder alone: set archive.log.publish to have it published", term.Escape(p.Name), fmt.Sprint(p.Size))
	case len(p.Records) == 0:
		sh.Note("checkpoint %s, %d entries, had arrived everywhere already", term.Escape(p.Name), p.Size)
	default:
		sh.Note("checkpoint %s, %d entries, %s", term.Escape(p.Name), p.Size, sh.Now().UTC().Format(time.RFC3339))
	}
	return nil
}
