package kibana

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"weir/internal/config"
	"weir/internal/fault"
)

// Command is the command line of an import: its flags, and what is done with them. It is here and not beside the other
// commands because all that it knows is about Kibana. One goroutine uses it, once.
type Command struct {
	Server
	key, password string // references
	overwrite     bool
}

// Flags binds the flags.
func (c *Command) Flags(f *pflag.FlagSet) {
	f.StringVar(&c.URL, "url", "", "`address` of Kibana, with its base path")
	f.StringVar(&c.Space, "space", "", "`space` to import into (default: the default one)")
	f.StringVar(&c.key, "api-key", "", "API `key` as env:NAME or file:PATH")
	f.StringVar(&c.User, "user", "", "`name` of a user, where there is no API key")
	f.StringVar(&c.password, "password", "", "the user's `password` as env:NAME or file:PATH")
	f.StringVar(&c.CA, "ca", "", "`file` of the CA (PEM) that signed Kibana's certificate")
	f.BoolVar(&c.overwrite, "overwrite", false, "replace what has the same id")
}

// Run imports all objects for indices that begin with prefix. env is the environment, as NAME=value.
func (c *Command) Run(ctx context.Context, prefix string, env []string) (Result, error) {
	if c.URL == "" {
		return Result{}, &fault.Error{Code: "usage", What: "no Kibana is named", Do: "weir kibana import --url http://127.0.0.1:5601", Exit: fault.ExitUsage}
	}
	if c.key != "" && c.User != "" {
		return Result{}, &fault.Error{Code: "usage", What: "both --api-key and --user are given", Why: "only one of them could count", Do: "leave one out", Exit: fault.ExitUsage}
	}
	s := c.Server
	var noKey, noPassword error
	s.APIKey, noKey = secret("api-key", c.key, env)
	s.Password, noPassword = secret("password", c.password, env)
	if err := errors.Join(noKey, noPassword); err != nil {
		return Result{}, err
	}
	list, err := Objects(prefix)
	if err != nil {
		return Result{}, err
	}
	return Import(ctx, s, list, c.overwrite)
}

// secret resolves the value of a flag that holds a secret: env:NAME or file:PATH. The secret itself is refused, since
// everybody on the machine sees the arguments of a process, and the shell keeps them.
func secret(flag, value string, env []string) (string, error) {
	if value == "" {
		return "", nil
	}
	if !strings.HasPrefix(value, "env:") && !strings.HasPrefix(value, "file:") {
		return "", &fault.Error{Code: "usage", What: "--" + flag + " takes no secret itself", Why: "everybody on this machine could read it, and the shell keeps it", Do: "write --" + flag + " env:NAME or file:PATH", Exit: fault.ExitUsage}
	}
	s, err := config.ResolveSecret(value, ".", func(name string) (string, bool) {
		// The last of two equal variables wins, as in a shell.
		for _, v := range slices.Backward(env) {
			if s, ok := strings.CutPrefix(v, name+"="); ok {
				return s, true
			}
		}
		return "", false
	})
	if err != nil {
		return "", &fault.Error{Code: "usage", What: "--" + flag + " names no secret", Why: err.Error(), Do: "set the variable, or write the file", Exit: fault.ExitUsage, Cause: err}
	}
	return s, nil
}
