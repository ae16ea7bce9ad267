package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"weir/internal/config/unit"

	"weir/internal/fault"
)

// maxFile bounds the file: far above any that a person writes.
const maxFile = 1 << 20

// Loaded is a configuration and where each of its values came from.
// It is plain data and never changes: a reload makes a new one, and whoever holds the old one goes on with that.
type Loaded struct {
	Config   Config
	Path     string     // of the file, "" if there is none
	Warnings fault.List // what is odd and does no harm

	origins map[string]origin
	source  source
}

// Override is a value from the command line. It wins over file and environment.
// By is what a person typed, so that a mistake in the value points at the flag and not at a key that they never wrote.
type Override struct {
	Key   string // inputs.syslog.listen
	Value string
	By    string // --listen
}

// Who wins: flag over environment over file over default. Where a value came from is kept beside it, so that a mistake
// found later, such as two listeners on one port, still names the line or the variable that made it.

// Load reads the file at path ("" for none) over the defaults, then the environment (as of os.Environ), then the
// overrides, and checks the whole. The error is a fault.List with every mistake of all of them.
//
// It is called once per start and on a reload. A reload that fails changes nothing: the caller keeps what it has.
func Load(path string, env []string, set ...Override) (*Loaded, error) {
	l := &Loaded{Config: Default(), Path: path, origins: map[string]origin{}}
	d := &loader{root: reflect.ValueOf(&l.Config).Elem(), env: splitEnv(env), origins: l.origins, folder: filepath.Dir(path)}
	if path != "" {
		data, err := readFile(path)
		if err != nil {
			return nil, err
		}
		d.decodeFile(path, data)
	}
	d.environment()
	for _, o := range set {
		d.override(o)
	}
	l.source, l.Warnings = d.src, d.warnings
	if len(d.faults) == 0 {
		// Contradictions between values that could not be read would only be noise.
		d.faults = l.validate()
	}
	if len(d.faults) > 0 {
		return nil, tidy(d.faults)
	}
	return l, nil
}

// readFile reads a file of bounded size.
// A configuration is never a pipe or a device of unknown length; the bound makes sure.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		e := &fault.Error{Code: "config-unreadable", What: "the configuration file cannot be read", Where: path, Why: "it is not there",
			Do: "name an existing file with --config, or leave it out: every key has a default", Exit: fault.ExitUsage, Cause: err}
		if !errors.Is(err, fs.ErrNotExist) {
			e.Why = plainReason(err)
			e.Do = "make it readable for the user who runs weir"
		}
		return nil, fault.List{e}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fault.List{{Code: "config-unreadable", What: "the configuration file cannot be read", Where: path,
			Why: plainReason(err), Do: "name a file, not a folder", Exit: fault.ExitUsage, Cause: err}}
	}
	if len(data) > maxFile {
		return nil, fault.List{{Code: "config-too-large", What: "the configuration file is larger than 1 MiB", Where: path,
			Why: "no configuration is: this is some other file", Do: "name weir's configuration with --config", Exit: fault.ExitUsage}}
	}
	return data, nil
}

// plainReason is the system's reason without the Go chain around it.
func plainReason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// loader fills a configuration and gathers every mistake on the way. root is any struct with yaml tags.
// It lives for one Load. Every part adds its mistakes to faults and goes on.
type loader struct {
	root     reflect.Value
	env      map[string]string
	folder   string // that file: secrets are relative to
	src      source
	origins  map[string]origin
	faults   fault.List
	warnings fault.List
}

// override applies a value of the command line.
// An unknown key here is a mistake of the program and not of the person, and is said all the same.
func (d *loader) override(o Override) {
	for _, k := range keysOf(d.root, "") {
		if k.path == o.Key {
			d.setFrom(k, o.Value, origin{kind: fromFlag, name: o.By})
			return
		}
	}
	d.faults = append(d.faults, &fault.Error{Code: "config-unknown-key", What: fmt.Sprintf("unknown key `%s`", o.Key), Where: o.By, Exit: fault.ExitUsage})
}

// setFrom sets a key from a text that did not come from the file. The origin is noted only for a value that was taken:
// one that was refused must not stand as the reason of another mistake.
func (d *loader) setFrom(k key, text string, from origin) {
	err := d.set(k.value, text)
	if err != nil {
		d.faults = append(d.faults, badValue(k.path, err, from.fault(d.src)))
		return
	}
	d.origins[k.path] = from
}

// set gives a value its text; a secret is resolved first.
// Secrets are resolved here and nowhere else, so that no other place ever holds both the name and what it stands for.
func (d *loader) set(v reflect.Value, text string) error {
	if v.Type() != reflect.TypeFor[unit.Secret]() {
		return setText(v, text)
	}
	secret, err := d.secret(text)
	if err == nil {
		v.SetString(secret)
	}
	return err
}

// secret resolves what stands for a secret, with the environment and the folder of this configuration.
func (d *loader) secret(text string) (string, error) {
	return unit.Resolve(text, d.folder, func(name string) (string, bool) {
		v, found := d.env[name]
		return v, found
	})
}

// badValue completes a fault for a value that cannot be.
// The reason comes from the type that refused the text, and says what it would have taken.
func badValue(path string, err error, e *fault.Error) *fault.Error {
	e.Code, e.What, e.Exit, e.Cause = "config-bad-value", fmt.Sprintf("`%s`: %v", path, err), fault.ExitUsage, err
	return e
}

// tidy orders faults by their place in the file, and says the same thing once.
// In the order of the file, because that is how they are mended; what has no place comes first.
func tidy(faults fault.List) fault.List {
	slices.SortStableFunc(faults, func(a, b *fault.Error) int { return lineOf(a.Where) - lineOf(b.Where) })
	return slices.CompactFunc(faults, func(a, b *fault.Error) bool {
		return a.Where == b.Where && a.What == b.What && a.Mark == b.Mark
	})
}
