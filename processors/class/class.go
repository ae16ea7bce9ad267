// Package class decides the retention class of an event: the first class whose expr holds.
package class

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match"
)

// Standard is the class of everything that no other class takes.
const Standard = "standard"

// names are safe as folder names of the archive.
var names = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Classes are the retention classes in the order in which they are tried. Safe for many goroutines.
type Classes struct {
	list []class
}

type class struct {
	Name string `yaml:"name"`
	When string `yaml:"when"`
	cond *match.Cond
}

// shipped are the classes that weir has by itself.
//
//go:embed shipped.yaml
var shipped []byte

// Load reads a file of classes: a list of name and when (an expr). A file that is not there has none. Behind them come those
// that weir ships, but for names that the file has too.
func Load(file string) (*Classes, error) {
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading retention classes: %w", err)
	}
	c, err := parse(file, b)
	if err != nil {
		return nil, err
	}
	own, err := parse("shipped.yaml", shipped)
	if err != nil {
		return nil, err
	}
	for _, cl := range own.list {
		if !slices.ContainsFunc(c.list, func(x class) bool { return x.Name == cl.Name }) {
			c.list = append(c.list, cl)
		}
	}
	return c, nil
}

func parse(file string, b []byte) (*Classes, error) {
	bad := func(where, what, why string, cause error) error {
		return &fault.Error{Code: "class-file", What: what, Where: where, Why: why, Do: "each class has a name and a when: `- {name: access, when: event.category == \"database\"}`", Exit: fault.ExitUsage, Cause: cause}
	}
	c := &Classes{}
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict(), yaml.DisallowUnknownField()).Decode(&c.list); err != nil && len(bytes.TrimSpace(b)) > 0 {
		return nil, bad(file, "the file of retention classes cannot be read", yaml.FormatError(err, false, true), err)
	}
	seen := map[string]bool{}
	for i := range c.list {
		cl := &c.list[i]
		where := fmt.Sprintf("%s, class %d", file, i+1)
		switch {
		case !names.MatchString(cl.Name):
			return nil, bad(where, fmt.Sprintf("%q is no name of a class", cl.Name), "a name has lower-case letters, digits and hyphens, and begins with a letter", nil)
		case seen[cl.Name]:
			return nil, bad(where, fmt.Sprintf("the class %s is there twice", cl.Name), "", nil)
		}
		seen[cl.Name] = true
		var err error
		if cl.cond, err = match.Compile(cl.When); err != nil {
			return nil, bad(where, fmt.Sprintf("the when of class %s is no expr", cl.Name), err.Error(), err)
		}
	}
	return c, nil
}

// Of returns the class of an event.
func (c *Classes) Of(e *event.Event) string {
	for i := range c.list {
		if c.list[i].cond.Match(e) {
			return c.list[i].Name
		}
	}
	return Standard
}
