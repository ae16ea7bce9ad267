package redact

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/goccy/go-yaml"

	"weir/event"
	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/regexguard"
)

// fileForm is the file as it is written.
type fileForm struct {
	Key   string     `yaml:"key"`
	Rules []ruleForm `yaml:"rules"`
}

type ruleForm struct {
	Name    string   `yaml:"name"`
	Fields  []string `yaml:"fields"`
	Pattern string   `yaml:"pattern"`
	Classes []string `yaml:"classes"`
	When    string   `yaml:"when"`
	How     string   `yaml:"how"`
	Keep    int      `yaml:"keep"`
}

// Load reads a file of rules. A file that is not there has none. The error is a *fault.Error that says where and what to do;
// it never quotes the key.
func Load(file string) (*Rules, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Rules{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading rules of redaction: %w", err)
	}
	return parse(file, b, os.LookupEnv)
}

// bad is the one fault of this file.
func bad(where, what, why string, cause error) error {
	return &fault.Error{
		Code: "redact-file", What: what, Where: where, Why: why, Exit: fault.ExitUsage, Cause: cause,
		Do: "a rule is such as `- {name: mail, fields: [user.email], how: hash}`; see docs/redaction.md",
	}
}

func parse(file string, b []byte, env func(string) (string, bool)) (*Rules, error) {
	var form fileForm
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict(), yaml.DisallowUnknownField()).Decode(&form); err != nil && len(bytes.TrimSpace(b)) > 0 {
		return nil, bad(file, "the file of redaction cannot be read", yaml.FormatError(err, false, true), err)
	}
	out := &Rules{}
	if form.Key != "" {
		secret, err := unit.Resolve(form.Key, filepath.Dir(file), env)
		if err == nil {
			out.key, err = newKey(secret)
		}
		if err != nil {
			return nil, bad(file, "the key of redaction cannot be used", err.Error(), err)
		}
	}
	for i := range form.Rules {
		f := &form.Rules[i]
		where := fmt.Sprintf("%s, rule %d", file, i+1)
		if f.Name == "" {
			f.Name = fmt.Sprintf("rule-%d", i+1)
		}
		r, err := out.compile(f)
		if err != nil {
			return nil, bad(where, fmt.Sprintf("the rule %s cannot be used", f.Name), err.Error(), err)
		}
		if slices.ContainsFunc(out.list, func(o rule) bool { return o.name == r.name }) {
			return nil, bad(where, fmt.Sprintf("the rule %s is there twice", f.Name), "", nil)
		}
		out.list = append(out.list, r)
	}
	return out, nil
}

// compile makes a rule ready.
func (r *Rules) compile(f *ruleForm) (rule, error) {
	out := rule{name: f.Name, classes: f.Classes, how: f.How, keep: f.Keep, count: &atomic.Int64{}}
	switch {
	case !slices.Contains([]string{Mask, Hash, Encrypt, Drop}, f.How):
		return out, fmt.Errorf("how is one of mask, hash, encrypt, drop, not %q", f.How)
	case (f.How == Hash || f.How == Encrypt) && r.key == nil:
		return out, fmt.Errorf("%s needs a key: `key: file:redact.key` or `key: env:NAME` at the top of the file", f.How)
	case (len(f.Fields) == 0) == (f.Pattern == ""):
		return out, errors.New("a rule has either fields or a pattern")
	case f.Keep < 0 || f.Keep > 0 && f.How != Mask:
		return out, errors.New("keep is a number of characters that a mask leaves")
	}
	for _, path := range f.Fields {
		if protected(path) {
			return out, fmt.Errorf("%s cannot be redacted: weir needs it to know the event", path)
		}
		out.fields = append(out.fields, event.MakeRef(path))
	}
	if f.When != "" {
		cond, err := match.Compile(f.When)
		if err != nil {
			return out, fmt.Errorf("when: %w", err)
		}
		out.when = cond.Match
	}
	if f.Pattern != "" {
		re, err := regexguard.Compile(f.Pattern)
		if err != nil {
			return out, fmt.Errorf("pattern: %w", err)
		}
		if re.MatchString("") {
			return out, errors.New("pattern: it fits the empty text, and so everything")
		}
		out.pattern = re
	}
	return out, nil
}

// open are the fields of weir that say something of people.
var open = []string{"weir.privacy.", "weir.rights.", "weir.user.", "weir.asset.", "weir.other.", "weir.data."}

// protected are the fields without which an event cannot be stored, counted or kept by law.
func protected(path string) bool {
	for f := range kept {
		if f != event.WeirOriginalBase64 && f.Path() == path {
			return true
		}
	}
	return strings.HasPrefix(path, "weir.") && !slices.ContainsFunc(open, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}
