package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"weir/cmd/weir/archivecmd"
	"weir/cmd/weir/formatcmd"
	"weir/cmd/weir/notifycmd"
	"weir/cmd/weir/pages"
	"weir/cmd/weir/reviewcmd"
	"weir/cmd/weir/rulecmd"
	"weir/cmd/weir/topics"
	"weir/cmd/weir/ui"
	"weir/internal/app"
	"weir/internal/app/offline"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/kibana"
	"weir/internal/term"
)

// version is set by the linker for releases.
var version = "0.1.0"

// A command is a function on cli that asks a backend or the engine and shows the answer. It writes data with write,
// line or a table on c.out, says things with note and warn, and returns its error: report turns that into text and exit
// code. Nothing here calls os.Exit, reads a global, or starts a goroutine that outlives the call; only runApp and
// interruptible start any.

// world is everything that a command touches: tests put their own in. It is a value: run copies it, and two runs of one
// test never meet. engine is filled by process for the real program; in tests a function that is not set must not be
// called, and a nil call names itself.
type world struct {
	in       io.Reader
	inTTY    bool
	out, err io.Writer
	env      []string
	now      func() time.Time
	name     string         // how this program is started, for commands that are printed
	terminal int            // width of the terminal to write for; 0: what the streams are
	zone     *time.Location // of the person; nil: the machine's
	engine   engine
}

// engine is what the commands take from the process-wide package. It is a struct of functions and not an interface,
// because each test sets the one or two that its command calls. internal/app implements all of them; nothing else here
// imports it for more than its types.
type engine struct {
	open    func(ctx context.Context, cfg config.Config, log *slog.Logger) (control.Backend, io.Closer, error)
	start   func(cfg config.Config, o app.Options) (running, error)
	parse   func(ctx context.Context, cfg config.Config, dataset string, r io.Reader, w io.Writer, warn func(*fault.Error)) error
	detect  func(ctx context.Context, o tools.DetectOptions, r io.Reader, w io.Writer) error
	rules   rulecmd.Engine
	formats formatcmd.Engine
	notify  notifycmd.Engine
	archive archivecmd.Engine
	review  reviewcmd.Engine
	kafka   func(ctx context.Context, cfg config.Bus, log *slog.Logger) (topics.Kafka, func(), error)
	canary  func(ctx context.Context, via, to string, line []byte) error
	kibana  func(k *kibana.Command, ctx context.Context, prefix string, env []string) (kibana.Result, error)
}

// process is the real world.
func process() world {
	return world{in: os.Stdin, inTTY: term.IsTerminal(os.Stdin), out: os.Stdout, err: os.Stderr, env: os.Environ(),
		now: time.Now, name: startedAs(os.Args[0]), engine: engine{open: offline.Open, parse: tools.ParseLines, detect: tools.Detect,
			rules: rulecmd.Live(), formats: formatcmd.Live(), notify: notifycmd.Live(), archive: archivecmd.Live(buildVersion()), review: reviewcmd.Live(), kafka: topics.Connect, kibana: (*kibana.Command).Run, canary: sendCanary,
			start: func(cfg config.Config, o app.Options) (running, error) { return app.New(cfg, o) }}}
}

// startedAs says how a person starts this program again. The program of `go run` lies in a folder that is gone
// afterwards. It is for lines that are pasted: the path as it was typed works from the same folder, and an absolute one
// from everywhere.
func startedAs(arg0 string) string {
	switch {
	case strings.Contains(arg0, "/go-build"):
		return "go run ./cmd/weir"
	case !strings.Contains(arg0, "/"):
		return filepath.Base(arg0)
	case strings.ContainsAny(arg0, " \t'\"$&;()"):
		return "'" + strings.ReplaceAll(arg0, "'", `'\''`) + "'"
	}
	return arg0
}

// cli is one run of the program.
// It is made by run and gone with it. One goroutine uses it; the few that commands start get what they need handed in.
type cli struct {
	world
	out, msg *term.Face // data and messages
	tree     *pages.Tree
	longHelp bool

	// flags that every command has
	data, configPath, color          string
	quiet, json, utc, ascii, noPager bool
	verbose                          int
}

// run is the whole program but for the process: it returns the exit code. Nothing of it outlives the call: every
// goroutine that a command starts is waited for before the code is returned, so the caller may end the process at once.
// --help is looked for before cobra reads the flags, since cobra has one help and we two.
func run(ctx context.Context, args []string, w world) int {
	c := &cli{world: w}
	c.faces()
	root := c.root()
	root.SetArgs(args)
	root.SetIn(w.in)
	root.SetOut(w.out)
	root.SetErr(w.err)
	// What stands behind -- is an argument, also if it looks like a flag: search -- --help looks for the word.
	before, _, _ := strings.Cut("\x00"+strings.Join(args, "\x00")+"\x00", "\x00--\x00")
	c.longHelp = strings.Contains(before+"\x00", "\x00--help\x00") || len(args) > 0 && args[0] == "help"
	return c.report(ctx, root.ExecuteContext(ctx))
}

// faces looks at the streams; again once the flags are known.
// Before the flags are known, errors about the flags themselves must look like all others.
func (c *cli) faces() {
	o := term.Options{Env: c.env, Color: c.color, ASCII: c.ascii, UTC: c.utc, Now: c.now, Terminal: c.terminal, Zone: c.zone}
	c.out, c.msg = term.Detect(c.world.out, o), term.Detect(c.world.err, o)
}

// report shows an error and turns it into the exit code.
//
// The order is the rule of the exit codes: what was shown already, nothing, a closed pipe, Ctrl-C, and only then an
// error. A closed pipe is looked for in the whole chain, since every layer adds its own words to it.
func (c *cli) report(ctx context.Context, err error) int {
	if f, ok := errors.AsType[ui.Found](err); ok {
		return f.Code
	}
	switch {
	case err == nil:
		return fault.ExitOK
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		return fault.ExitOK // the reader has seen enough
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return fault.ExitOK // Ctrl-C
	}
	if c.json {
		fmt.Fprint(c.world.err, term.FaultJSON(err))
	} else {
		for _, e := range term.Faults(err) {
			c.msg.Fault(e, c.verbose > 0)
		}
	}
	return fault.Exit(err)
}

// logger writes weir's own log to stderr. Commands that ask begin at warn, because their answer is what one wants to
// see; up begins at what the configuration says. Stdout is never a log.
func (c *cli) logger(level slog.Level) *slog.Logger {
	switch {
	case c.verbose > 1:
		level = slog.LevelDebug
	case c.verbose == 1:
		level = min(level, slog.LevelInfo)
	case c.quiet:
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(c.world.err, &slog.HandlerOptions{Level: level}))
}

// defaultData is the data folder of a weir that was told none.
const defaultData = "./weir-data"

// dataDir is the folder that commands look at: --data, else that of the configuration, else the default. The
// configuration is read only where it could name another folder: search must work with a file that has a mistake in it.
func (c *cli) dataDir() (string, error) {
	if c.data != "" {
		return c.data, nil
	}
	// The last of two equal variables wins, an empty one counts too; load knows, and is asked as soon as there is one.
	if c.configPath == "" && !slices.ContainsFunc(c.env, func(s string) bool { return strings.HasPrefix(s, "WEIR_DATA=") }) {
		return defaultData, nil
	}
	l, err := c.load()
	if err != nil {
		return "", err
	}
	return l.Config.Data, nil
}

// load reads the configuration with the overrides of the flags.
// Every command that needs it calls this once; warnings go to stderr and never change what a command prints.
func (c *cli) load(set ...config.Override) (*config.Loaded, error) {
	if c.data != "" {
		set = append(set, config.Override{Key: "data", Value: c.data, By: "--data"})
	}
	l, err := config.Load(c.configPath, c.env, set...)
	if err != nil {
		return nil, err
	}
	c.warn(l.Warnings...)
	return l, nil
}

// ask runs f with the weir that has the data folder, or with its files.
//
// open decides: a weir that runs on the folder is asked over its socket, else its files are read. f is the same for
// both. An error of f comes before that of closing, because it is the reason.
func (c *cli) ask(ctx context.Context, f func(b control.Backend) error) error {
	dir, err := c.dataDir()
	if err != nil {
		return err
	}
	cfg, err := c.where(dir)
	if err != nil {
		return err
	}
	b, closer, err := c.engine.open(ctx, cfg, c.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	// Closing comes in any case, also after an error: what was opened for the question is let go.
	err = f(b)
	if e := closer.Close(); err == nil && e != nil {
		err = fmt.Errorf("closing %s: %w", dir, e)
	}
	return err
}

// where is the configuration of a data folder: files alone do not say where the archive is, or when records are due. Its
// warnings are said by commands that are about it.
func (c *cli) where(dir string) (config.Config, error) {
	l, err := config.Load(c.configPath, c.env, config.Override{Key: "data", Value: dir, By: "--data"})
	if err != nil {
		return config.Config{}, err
	}
	return l.Config, nil
}

// cmdline is a command as it can be pasted: with the name of this program, and --data where it is not the default.
// rest must be words that a shell reads as they are; whatever came from outside goes through term.ShellWord first.
func (c *cli) cmdline(rest string) string {
	s := c.name + " " + rest
	if dir, err := c.dataDir(); err == nil && filepath.Clean(dir) != filepath.Clean(defaultData) {
		s += " --data " + term.ShellWord(dir)
	}
	return s
}

// shell is this run as commands in folders of their own see it. It is asked for when a command runs, because the flags
// decide most of it.
func (c *cli) shell() ui.Shell {
	return ui.Shell{
		In: c.in, InTTY: c.inTTY, Out: c.out, Msg: c.msg, Stdout: c.world.out, JSON: c.json, Quiet: c.quiet, UTC: c.utc, Verbose: c.verbose, Now: c.now,
		Line: c.line, Write: c.write, Page: c.page, Note: c.note, Warn: c.warn, Data: c.dataDir, Times: c.times, Ask: c.ask, Cmdline: c.cmdline, Help: c.help,
		Load:   func() (*config.Loaded, error) { return c.load() },
		Report: func(ctx context.Context, err error) { c.report(ctx, err) },
	}
}

// buildVersion adds the revision that the Go tool stamped, if it did.
// It is asked of the binary and not stamped by a script, so that go run and go install say the truth too.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "+" + s.Value[:12]
		}
	}
	return version
}
