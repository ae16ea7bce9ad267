// Package archivecmd has the commands about the archive: what is in it, whether it is as it was written, what is kept by order,
// and how parts of it are handed on or brought back.
package archivecmd

import (
	"context"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/proving"
	"weir/internal/archive/evidence"
	"weir/internal/archive/verify"
	"weir/internal/config"
	"weir/internal/control/archiving"
)

// What the commands print on stdout is data: rows, findings, paths. What they say about it goes to stderr. Each has its row of
// the table, xSpec, in a file of its own; the shell is asked for once, when a command runs, because flags decide most of it.

// Engine is what the commands do with files themselves. It is a struct of functions, because each test sets the one that its
// command calls; Live has the real ones.
type Engine struct {
	// Version is that of this program, for what is handed on.
	Version string
	// Check verifies an archive, a copy or a package.
	Check func(ctx context.Context, cfg config.Config, o CheckOptions) (*archiving.Verified, error)
	// Export makes a package of the configuration's archive; what the archive is, is filled in.
	Export func(ctx context.Context, cfg config.Config, o evidence.Options) (*evidence.Summary, error)
}

// CheckOptions say what is checked, and by what.
type CheckOptions struct {
	Path string // a folder or a package; empty: the archive of the configuration
	Copy int    // of that one, from 1
	verify.Options
}

// Live is the engine of the real program.
func Live(version string) Engine { return Engine{Version: version, Check: check, Export: export} }

// check runs the check that is meant.
func check(ctx context.Context, cfg config.Config, o CheckOptions) (*archiving.Verified, error) {
	if o.Path == "" {
		own, err := proving.Options(ctx, cfg, o.Copy)
		if err != nil {
			return nil, err
		}
		if len(o.Keys) > 0 {
			own.Keys = o.Keys
		}
		own.Checkpoints = append(own.Checkpoints, o.Checkpoints...)
		own.Workers, own.Progress = o.Workers, o.Progress
		v, err := verify.Run(ctx, own)
		if v != nil {
			v.Copy = o.Copy
		}
		return v, err
	}
	files, folder, closer, isPackage, err := evidence.Open(o.Path)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	if isPackage {
		return evidence.Verify(ctx, files, evidence.VerifyOptions{Where: o.Path, Keys: o.Keys, Checkpoints: o.Checkpoints, Workers: o.Workers, Progress: o.Progress, Folder: folder})
	}
	o.Files, o.Where = files, o.Path
	return verify.Run(ctx, o.Options)
}

// export makes a package of the archive itself, not of a copy.
func export(ctx context.Context, cfg config.Config, o evidence.Options) (*evidence.Summary, error) {
	src, err := proving.Options(ctx, cfg, 1)
	if err != nil {
		return nil, err
	}
	o.Files, o.Where, o.Keys, o.Sign = src.Files, src.Where, src.Keys, proving.Signer(cfg)
	return evidence.Export(ctx, o)
}

// commands are those of one run of the program.
type commands struct {
	shell  func() ui.Shell // as the flags left it; asked once by a command that runs
	engine Engine
}

// Spec is weir archive. shell is asked for when a command runs, since the flags decide most of it.
func Spec(shell func() ui.Shell, e Engine) pages.Spec {
	c := &commands{shell, e}
	return pages.Spec{
		Use: "archive", Short: "see what is kept, prove it, hold it, hand it on", Group: "evidence",
		Examples: []string{"weir archive list", "weir archive verify", "weir archive export 'user.name: kim' --from -30d --reason 'case 12' --out case-12.zip"},
		Sub: []pages.Spec{
			c.listSpec(), c.verifySpec(), c.exportSpec(), c.rebuildSpec(),
			c.publishSpec(), c.rotateKeySpec(), c.restoreSpec(),
			c.holdSpec(), c.holdsSpec(), c.releaseSpec(), c.policySpec(),
		},
	}
}

// config is the configuration with the data folder that is meant.
func (c *commands) config(sh ui.Shell) (cfg config.Config, err error) {
	l, err := sh.Load()
	if err != nil {
		return cfg, err
	}
	cfg = l.Config
	if cfg.Data, err = sh.Data(); err != nil {
		return cfg, err
	}
	return cfg, nil
}
