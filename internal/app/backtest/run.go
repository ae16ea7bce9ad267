package backtest

import (
	"context"
	"fmt"
	"os"
	"strings"

	"weir/internal/app/keeping"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/rules/content"
)

// Options say what to try on what.
type Options struct {
	Config config.Config
	// Rule is the id of a rule that runs here or a rule file; empty: all that run.
	Rule string
	// Against is another version: a rule file, an id, or a revision of git that has the rule's file; empty: none.
	Against string
	// Request says the rest; its rules are found by Run.
	Request trial.Request
	// Files hold events; none: those of the archive.
	Files []string
	Form  Form
}

// Run tries rules on files, on what a running weir holds, or on the files of one that does not run. Each gets the lines
// of the answer, on the caller's goroutine. When ctx ends the answer is about what was read by then.
func Run(ctx context.Context, o Options, each func(trial.Line) error) (trial.Summary, error) {
	p, err := PlaceOf(o.Config)
	if err != nil {
		return trial.Summary{}, err
	}
	req := o.Request
	if req.Rules, req.Against, err = find(ctx, p, o.Rule, o.Against); err != nil {
		return trial.Summary{}, err
	}
	if (req.Warm || req.Write) && len(o.Files) > 0 {
		return trial.Summary{}, &fault.Error{Code: "usage", What: "what files hold is no past of this weir: it is neither kept nor learnt from",
			Do: "leave out the files, or --warm and --write", Exit: fault.ExitUsage}
	}
	if len(o.Files) > 0 {
		t, err := New(p, req, each)
		if err != nil {
			return trial.Summary{}, err
		}
		return t.Files(ctx, o.Files, o.Form)
	}
	dir := o.Config.Data
	if _, err := os.Stat(dir); err != nil {
		return trial.Summary{}, &fault.Error{Code: "no-data", What: "there is no weir data here", Where: dir, Why: fault.Innermost(err),
			Do: "name the folder with --data, or files of events behind the rule", Exit: fault.ExitUsage, Cause: err}
	}
	if c, err := control.Dial(dir); err == nil {
		defer c.Close()
		if _, err := c.Status(ctx); err == nil {
			return c.Backtest(ctx, req, each)
		}
	}
	if req.Warm || req.Write {
		return trial.Summary{}, &fault.Error{Code: "not-running", What: "no weir runs on this folder that could take what is found", Where: dir,
			Do: "start it (weir up), or leave out --warm and --write", Exit: fault.ExitMissing}
	}
	t, err := New(p, req, each)
	if err != nil {
		return trial.Summary{}, err
	}
	a, err := keeping.OpenReader(ctx, &o.Config)
	if err != nil {
		return trial.Summary{}, fmt.Errorf("opening the archive: %w", err)
	}
	sum, err := t.Archive(ctx, a)
	if e := a.Close(); err == nil && e != nil {
		err = fmt.Errorf("closing the archive: %w", e)
	}
	return sum, err
}

// find turns the words of a command into rules. A rule that runs is asked for by its id, so that a weir that runs takes
// its own, as it matches by it.
func find(ctx context.Context, p Place, rule, against string) (list, other []trial.Source, err error) {
	if rule == "" {
		if against != "" {
			return nil, nil, &fault.Error{Code: "usage", What: "all rules cannot be held against another version", Do: "name one rule", Exit: fault.ExitUsage}
		}
		return nil, nil, nil
	}
	text, isFile, err := readRule(rule)
	if err != nil {
		return nil, nil, err
	}
	file := rule
	if !isFile {
		r := p.Set.Rule(rule)
		if r == nil {
			return nil, nil, unknown(rule, p.Set)
		}
		text, file = trial.Source{ID: rule}, r.File
	}
	if against == "" {
		return []trial.Source{text}, nil, nil
	}
	old, isFile, err := readRule(against)
	switch {
	case err != nil:
		return nil, nil, err
	case isFile:
	case p.Set.Rule(against) != nil:
		old = trial.Source{ID: against}
	default:
		if strings.HasPrefix(file, content.Name+"/") {
			return nil, nil, &fault.Error{Code: "rule-revision", What: fmt.Sprintf("the rule is not to be had at %s", against), Where: file,
				Why: "it is part of weir and in no repository", Do: "name the file of another version: --against OLD.yaml", Exit: fault.ExitUsage}
		}
		old = trial.Source{ID: text.ID, File: file + " at " + against}
		if old.Text, err = AtRevision(ctx, file, against); err != nil {
			return nil, nil, err
		}
	}
	return []trial.Source{text}, []trial.Source{old}, nil
}
