package reviewcmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/review/keys"
	"weir/internal/term"
)

// keysSpec is the group.
func (c *commands) keysSpec() pages.Spec {
	return pages.Spec{
		Use: "keys", Short: "register who may sign reviews", Group: "evidence",
		Examples: []string{"weir keys add park --accounts park01,park-adm", "weir keys list", "weir keys revoke park --why 'left the company'"},
		Sub:      []pages.Spec{c.keyAddSpec(), c.keyListSpec(), c.keyRevokeSpec()},
	}
}

// keyAddSpec makes a key, or takes the public part of one that its owner made elsewhere.
func (c *commands) keyAddSpec() pages.Spec {
	var accounts []string
	var public, folder, ref string
	return pages.Spec{
		Use: "add NAME", Short: "make a reviewer's key, or register the public part of one", Args: ui.Exactly("NAME"),
		Long: "The private key is encrypted with a passphrase and kept outside the data folder. --accounts are the accounts that the reviewer uses: " +
			"nobody signs for a system that they have access to.",
		Examples: []string{"weir keys add park --accounts park01,park-adm", "weir keys add lee --accounts lee02 --public lee.pub"},
		Flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&accounts, "accounts", nil, "`names` of the reviewer's own accounts")
			f.StringVar(&public, "public", "", "`file` with a public key: only that is registered")
			f.StringVar(&folder, "key-folder", "", "`folder` for the private key (default: DATA.keys/reviewers)")
			f.StringVar(&ref, "passphrase", "", "where the passphrase is: `file:PATH` or env:NAME; without it you are asked")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				r := reviewing.KeyAddRequest{Name: args[0], Accounts: accounts}
				where, err := c.publicPart(cmd, sh, b, &r, public, folder, ref)
				if err != nil {
					return err
				}
				k, err := question.Ask[keys.Key](cmd.Context(), b, reviewing.AskKeyAdd, r, nil)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(k)
				}
				if where != "" {
					sh.Note("private key: %s. Keep a copy of it and the passphrase: without them nobody can sign as %s", term.Escape(where), term.Escape(k.Name))
				}
				if len(k.Accounts) == 0 {
					sh.Note("no accounts were named: only %s itself counts as the reviewer's own", term.Escape(k.Name))
				}
				return sh.Printf("%s\n", term.Escape(k.Public))
			})
		},
	}
}

// publicPart reads the public key, or makes a pair. A name that is taken is found before a file is written.
func (c *commands) publicPart(cmd *cobra.Command, sh ui.Shell, b control.Backend, r *reviewing.KeyAddRequest, public, folder, ref string) (where string, err error) {
	if public != "" {
		text, err := os.ReadFile(public)
		if err != nil {
			return "", &fault.Error{Code: "review-key", What: "the public key cannot be read", Where: public, Why: fault.Innermost(err), Do: "name the file NAME.pub with --public", Exit: fault.ExitUsage, Cause: err}
		}
		r.Public = strings.TrimSpace(string(text))
		return "", nil
	}
	have, err := question.Ask[reviewing.Keys](cmd.Context(), b, reviewing.AskKeys, struct{}{}, nil)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(have.Keys, func(k keys.Key) bool { return k.Name == r.Name }) {
		return "", &fault.Error{Code: "review-key", What: "a key is already registered as " + r.Name, Why: "what was signed with it must stay checkable", Do: "take another name, such as " + r.Name + "-2", Exit: fault.ExitUsage}
	}
	dir, err := keyFolder(sh, folder)
	if err != nil {
		return "", err
	}
	secret, err := c.engine.Secret(cmd.Context(), sh, "passphrase for "+r.Name+": ", ref, true)
	if err != nil {
		return "", err
	}
	if r.Public, err = c.engine.Create(dir, r.Name, secret); err != nil {
		return "", err
	}
	return filepath.Join(dir, r.Name+".key"), nil
}

// keyListSpec shows the register.
func (c *commands) keyListSpec() pages.Spec {
	return pages.Spec{
		Use: "list", Short: "list the keys of reviewers", Args: ui.AtMost(0),
		Examples: []string{"weir keys list", "weir keys list --json"},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return ask(cmd.Context(), sh, reviewing.AskKeys, struct{}{}, nil, func(list reviewing.Keys) error {
				if sh.JSON {
					for _, k := range list.Keys {
						if err := sh.Line(k); err != nil {
							return err
						}
					}
					return nil
				}
				t := term.NewTable(sh.Out, term.Column{Head: "NAME"}, term.Column{Head: "STATE", Style: stateStyle}, term.Column{Head: "ADDED"}, term.Column{Head: "BY"}, term.Column{Head: "ACCOUNTS", Cut: true}, term.Column{Head: "PUBLIC", Cut: true})
				for _, k := range list.Keys {
					state := "active"
					if !k.Active() {
						state = "revoked"
					}
					t.Row(k.Name, state, sh.Out.Second(k.Added), k.AddedBy, strings.Join(k.Accounts, ","), k.Public)
				}
				if len(list.Keys) == 0 {
					sh.Note("nobody can sign reviews yet: %s", sh.Cmdline("keys add NAME --accounts A,B"))
				}
				return t.Flush()
			})
		},
	}
}

// keyRevokeSpec ends a key.
func (c *commands) keyRevokeSpec() pages.Spec {
	var r reviewing.RevokeRequest
	return pages.Spec{
		Use: "revoke NAME", Short: "end a key: it signs nothing any more", Args: ui.Exactly("NAME"),
		Long:     "What was signed with it stays signed. A name is not given twice.",
		Examples: []string{"weir keys revoke park --why 'left the company'"},
		Flags:    func(f *pflag.FlagSet) { f.StringVar(&r.Why, "why", "", "`text`: what is kept of the reason") },
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r.Name = args[0]
			return ask(cmd.Context(), sh, reviewing.AskRevoke, r, nil, func(k keys.Key) error {
				if sh.JSON {
					return sh.Line(k)
				}
				sh.Note("%s signs nothing any more", term.Escape(k.Name))
				return nil
			})
		},
	}
}
