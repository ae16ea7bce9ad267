package rulecmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"weir/cmd/weir/ui"
	"weir/internal/term"
)

// watch runs a check now and after each change of the files, until Ctrl-C, which is how it is meant to end: exit 0.
// Nothing is cleared: what was wrong a minute ago can be read above. The check runs on the goroutine of the caller, one
// at a time.
func (c *commands) watch(ctx context.Context, sh ui.Shell, paths []string, check func(context.Context) error) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	if err := again(ctx, sh, check); err != nil {
		return err
	}
	// Said after the first run, so that it stands right above where the next one will appear.
	where := strings.Join(paths, " ")
	if where == "" {
		where = "the rules of " + l.Config.Data
	}
	sh.Note("watching %s; Ctrl-C ends it", term.Escape(where))
	err = c.engine.Watch(ctx, l.Config, paths, func(changed []string) error {
		sh.Note("%s", changedWords(sh, changed))
		return again(ctx, sh, check)
	})
	// Ctrl-C may come while files are read or while nothing happens: both are the end that was asked for.
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// again runs the check once. What it finds does not end the watch; a reader that has gone does.
func again(ctx context.Context, sh ui.Shell, check func(context.Context) error) error {
	err := check(ctx)
	if _, ok := errors.AsType[ui.Found](err); ok || err == nil {
		return nil
	}
	if gone(err) || ctx.Err() != nil {
		return err
	}
	sh.Report(ctx, err) // a mistake in the configuration, a folder that is away for a moment
	return nil
}

// changedWords names what changed, the first few by name.
func changedWords(sh ui.Shell, files []string) string {
	const most = 3
	names := make([]string, 0, most)
	for _, f := range files[:min(len(files), most)] {
		names = append(names, term.Escape(f))
	}
	text := strings.Join(names, ", ")
	switch {
	case len(files) == 0:
		text = "the folder"
	case len(files) > most:
		text += fmt.Sprintf(" and %s", ui.Plural(len(files)-most, "other"))
	}
	return sh.Msg.Second(sh.Now()) + "  changed: " + text
}
