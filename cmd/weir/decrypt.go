package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/processors/redact"
)

// maxDecryptLine bounds a line on stdin: far above any document.
const maxDecryptLine = 64 << 20

// decryptSpec is the way back from `how: encrypt` of the rules of redaction, for who has the key.
func (c *cli) decryptSpec() pages.Spec {
	var key string
	return pages.Spec{
		Use: "decrypt", Short: "read encrypted values again, for who has the key", Group: "evidence",
		Long: "Copies stdin to stdout; values that the rules of redaction encrypted (enc:v1:...) are replaced by what they say.\n" +
			"What was made with another key, or was changed, stays as it is and is counted.",
		Examples: []string{
			"weir search 'event.dataset: privacy_access.log' --json | weir decrypt --key file:redact.key",
			"weir decrypt --key env:REDACT_KEY < events.ndjson",
		},
		Common: []string{"key"}, Args: ui.AtMost(0),
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&key, "key", "", "`secret` of redact.yaml: file:PATH or env:NAME")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			if key == "" {
				return ui.Usage("`weir decrypt` needs a key", "write --key file:PATH or --key env:NAME, as in redact.yaml")
			}
			if c.inTTY {
				return c.needsPipe(cmd)
			}
			secret, err := unit.Resolve(key, ".", os.LookupEnv)
			if err != nil {
				return &fault.Error{Code: "redact-key", What: "the key cannot be read", Why: err.Error(), Do: "write --key file:PATH or --key env:NAME, as in redact.yaml", Exit: fault.ExitUsage, Cause: err}
			}
			read, unread, err := decryptLines(secret, c.in, c.world.out)
			if err != nil {
				return err
			}
			if !c.quiet || unread > 0 {
				fmt.Fprintf(c.world.err, "%d values read, %d not readable with this key\n", read, unread)
			}
			if unread > 0 {
				return ui.Found{Code: fault.ExitFound}
			}
			return nil
		},
	}
}

// decryptLines copies lines, each with its values readable.
func decryptLines(secret string, r io.Reader, w io.Writer) (read, unread int, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 1<<16), maxDecryptLine)
	out := bufio.NewWriter(w)
	for in.Scan() {
		plain, n, un, err := redact.Decrypt(secret, in.Text())
		if err != nil {
			return read, unread, &fault.Error{Code: "redact-key", What: "the key cannot be used", Why: err.Error(), Do: "write the key of redact.yaml", Exit: fault.ExitUsage, Cause: err}
		}
		read, unread = read+n, unread+un
		if _, err := out.WriteString(plain + "\n"); err != nil {
			return read, unread, fmt.Errorf("writing: %w", err)
		}
	}
	if err := errors.Join(in.Err(), out.Flush()); err != nil {
		return read, unread, fmt.Errorf("copying lines: %w", err)
	}
	return read, unread, nil
}
