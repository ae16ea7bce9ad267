package backtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"weir/internal/fault"
)

// maxRule is the largest rule file that is read out of git: what is larger no loader takes.
const maxRule = 1 << 20

// AtRevision returns a file as it is in a revision of the git repository that it lies in.
func AtRevision(ctx context.Context, file, rev string) (string, error) {
	bad := &fault.Error{Code: "rule-revision", What: fmt.Sprintf("the rule is not to be had at %s", rev), Where: file, Exit: fault.ExitUsage,
		Do: "name a revision of git that has the file, another rule file, or the id of a rule"}
	if rev == "" || strings.HasPrefix(rev, "-") {
		bad.Why = "that is no name of a revision"
		return "", bad
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", file, err)
	}
	cmd := exec.CommandContext(ctx, "git", "-C", filepath.Dir(path), "show", "--end-of-options", rev+":./"+filepath.Base(path))
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	// What git says is shown to the user, in the language that this program speaks.
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	err = cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		bad.Why, bad.Do, bad.Cause = "there is no git on this machine", "name the file of another version instead: --against OLD.yaml", err
		return "", bad
	case err != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		bad.Why, bad.Cause = strings.TrimPrefix(first, "fatal: "), err
		if bad.Why == "" {
			bad.Why = err.Error()
		}
		return "", bad
	case out.Len() > maxRule:
		bad.Why = fmt.Sprintf("the file is larger than %d MiB there", maxRule>>20)
		return "", bad
	}
	return out.String(), nil
}
