package agent

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/ua-parser/uap-go/uaparser"

	"weir/internal/match/regexguard"
)

// definitions are the patterns of uap-core, by which most programs that read user agents know them.
type definitions struct {
	Agents  []pattern `yaml:"user_agent_parsers"`
	Systems []pattern `yaml:"os_parsers"`
	Devices []pattern `yaml:"device_parsers"`
}

// pattern is one entry: a regular expression, and what stands for name and version where it matches. It is compiled when
// a text comes that has what every match must have; of 1,200 patterns most never do.
type pattern struct {
	Regex  string `yaml:"regex"`
	Flag   string `yaml:"regex_flag"`
	Family string `yaml:"family_replacement"`
	OS     string `yaml:"os_replacement"`
	Device string `yaml:"device_replacement"`
	V1     string `yaml:"v1_replacement"`
	V2     string `yaml:"v2_replacement"`
	V3     string `yaml:"v3_replacement"`
	OSV1   string `yaml:"os_v1_replacement"`
	OSV2   string `yaml:"os_v2_replacement"`
	OSV3   string `yaml:"os_v3_replacement"`
	OSV4   string `yaml:"os_v4_replacement"`

	expr    string
	clauses [][]regexguard.Literal
	// Of a long list of names, whether a folded text has one; nil: the pattern is none.
	anyName func(folded string) bool
	compile func() *regexp.Regexp
}

// load reads the definitions, once: reading them takes some tens of milliseconds, which a process that sees no user agent
// does not pay.
var load = sync.OnceValues(func() (*definitions, error) { return read(uaparser.DefinitionYaml) })

// read makes definitions of their text. Patterns that RE2 does not take are left out; of those of uap-core there are none,
// which a test holds.
func read(text []byte) (*definitions, error) {
	d := &definitions{}
	if err := yaml.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("reading the patterns of user agents: %w", err)
	}
	for _, list := range [][]pattern{d.Agents, d.Systems, d.Devices} {
		for i := range list {
			list[i].prepare()
		}
	}
	return d, nil
}

func (p *pattern) prepare() {
	p.expr = p.Regex
	if p.Flag != "" {
		p.expr = "(?" + p.Flag + ")" + p.expr
	}
	p.clauses, p.anyName = regexguard.Necessary(p.expr), anyName(p.expr)
	p.compile = sync.OnceValue(func() *regexp.Regexp {
		re, err := regexp.Compile(p.expr)
		if err != nil {
			return nil
		}
		return re
	})
}

// may tells whether a text has what every match has. folded is its fold.
func (p *pattern) may(s, folded string) bool {
	for _, c := range p.clauses {
		if !anyOf(c, s, folded) {
			return false
		}
	}
	return p.anyName == nil || p.anyName(folded)
}

func anyOf(c []regexguard.Literal, s, folded string) bool {
	for i := range c {
		in := s
		if c[i].Fold {
			in = folded
		}
		if strings.Contains(in, c[i].Text) {
			return true
		}
	}
	return false
}

// match returns the groups of the first match, nil if there is none.
func (p *pattern) match(s, folded string) []string {
	if !p.may(s, folded) {
		return nil
	}
	re := p.compile()
	if re == nil {
		return nil
	}
	return re.FindStringSubmatch(s)
}

// fill puts groups into a text that stands for a name or a part of a version; an empty text stands for one group alone.
func fill(text string, groups []string, alone int) string {
	if text == "" {
		if alone < len(groups) {
			return groups[alone]
		}
		return ""
	}
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '$' && i+1 < len(text) && text[i+1] >= '1' && text[i+1] <= '9' {
			if g := int(text[i+1] - '0'); g < len(groups) {
				b.WriteString(groups[g])
			}
			i++
			continue
		}
		b.WriteByte(text[i])
	}
	return strings.TrimSpace(b.String())
}

// version joins the parts of a version up to the first that is missing.
func version(parts ...string) string {
	n := 0
	for n < len(parts) && parts[n] != "" {
		n++
	}
	return strings.Join(parts[:n], ".")
}
