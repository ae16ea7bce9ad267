// Package draft makes the facts of a review: it reads an archive once over the period and the time before it, and holds the
// searches of a file against every event of the systems that are reviewed.
//
// # How it counts
//
// Every number has a query of KQL that finds the same events, and the same predicate decides both: what a reader opens is
// what was counted. Lists are bounded, and say how many entries more there were; counts are exact, but where a finding says
// that it is rough. Memory depends on how many accounts, addresses and groups there are, not on how many events.
package draft

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"weir/internal/fault"
	"weir/sinks/notify/routing"
)

// File is where one's own searches are, below the data folder.
const File = "review/searches.yaml"

//go:embed searches.yaml
var shipped []byte

// Searches are the searches of a review with their settings. They never change once they are loaded.
type Searches struct {
	file   searchFile
	SHA256 string // of both files
}

// searchFile is the form of the file.
type searchFile struct {
	Settings settings            `yaml:"settings"`
	Systems  map[string]settings `yaml:"systems"` // settings of one system, by its id
	Define   map[string]string   `yaml:"define"`
	Findings []searchSpec        `yaml:"findings"`
}

// settings are what queries and lists depend on. A nil one is not set.
type settings struct {
	Hours    *string  `yaml:"hours"`
	Holidays []string `yaml:"holidays"`
	Home     []string `yaml:"home"`
	Expected []string `yaml:"expected"`
	Dormant  *int     `yaml:"dormant"`
	Shared   []string `yaml:"shared"`
	Bulk     *int64   `yaml:"bulk"`
	List     *int     `yaml:"list"`
}

// searchSpec is one search of the file.
type searchSpec struct {
	ID        string   `yaml:"id"`
	Title     string   `yaml:"title"`
	TitleKo   string   `yaml:"title.ko"`
	KQL       string   `yaml:"kql"`
	Count     string   `yaml:"count"`
	By        []string `yaml:"by"`
	Distinct  string   `yaml:"distinct"`
	Within    string   `yaml:"within"`
	Accounts  string   `yaml:"accounts"`
	Threshold int64    `yaml:"threshold"`
	Severity  string   `yaml:"severity"`
	Systems   []string `yaml:"systems"` // only these; none: all
	Off       bool     `yaml:"off"`
}

// Load reads the searches: the shipped ones, and those of the data folder over them. Every mistake of the file is in the error.
func Load(data string) (*Searches, error) {
	file := filepath.Join(data, filepath.FromSlash(File))
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the searches of reviews: %w", err)
	}
	return parse(file, b)
}

// parse lays own over the shipped searches.
func parse(file string, own []byte) (*Searches, error) {
	base, err := decode("searches.yaml", shipped)
	if err != nil {
		return nil, err
	}
	over, err := decode(file, own)
	if err != nil {
		return nil, err
	}
	base.lay(over)
	sum := sha256.Sum256(slices.Concat(shipped, []byte{0}, own))
	s := &Searches{file: *base, SHA256: hex.EncodeToString(sum[:])}
	return s, s.check(file)
}

// decode reads one file strictly: a misspelt key would be a search that silently does nothing.
func decode(file string, b []byte) (*searchFile, error) {
	f := &searchFile{}
	if len(bytes.TrimSpace(b)) == 0 {
		return f, nil
	}
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(f); err != nil {
		return nil, bad(file, "the searches of reviews cannot be read", yaml.FormatError(err, false, true), err)
	}
	return f, nil
}

// bad is a mistake in the file.
func bad(where, what, why string, cause error) *fault.Error {
	return &fault.Error{Code: "review-searches", What: what, Where: where, Why: why, Do: "docs/review.md has the form of the file; without it the shipped searches are used", Exit: fault.ExitUsage, Cause: cause}
}

// One's own file is laid over the shipped one by parts: a setting, a definition, a finding by its id and of that only what it
// says. So a newer weir may bring better searches to those who only wanted another threshold. The hash is over both texts: a
// review says exactly with which searches it was drafted.

// lay puts what over sets in the place of what f has.
func (f *searchFile) lay(over *searchFile) {
	f.Settings = f.Settings.over(over.Settings)
	f.Systems = over.Systems
	maps.Copy(f.Define, over.Define)
	for _, s := range over.Findings {
		if i := slices.IndexFunc(f.Findings, func(x searchSpec) bool { return x.ID == s.ID }); i >= 0 {
			f.Findings[i] = f.Findings[i].over(s)
		} else {
			f.Findings = append(f.Findings, s)
		}
	}
}

// over returns s with what o sets.
func (s settings) over(o settings) settings {
	if o.Hours != nil {
		s.Hours = o.Hours
	}
	if o.Holidays != nil {
		s.Holidays = o.Holidays
	}
	if o.Home != nil {
		s.Home = o.Home
	}
	if o.Expected != nil {
		s.Expected = o.Expected
	}
	if o.Dormant != nil {
		s.Dormant = o.Dormant
	}
	if o.Shared != nil {
		s.Shared = o.Shared
	}
	if o.Bulk != nil {
		s.Bulk = o.Bulk
	}
	if o.List != nil {
		s.List = o.List
	}
	return s
}

// over returns s with what o says otherwise: who only wants another threshold writes id and threshold.
func (s searchSpec) over(o searchSpec) searchSpec {
	for _, x := range []struct{ to, from *string }{
		{&s.Title, &o.Title}, {&s.TitleKo, &o.TitleKo}, {&s.KQL, &o.KQL}, {&s.Count, &o.Count}, {&s.Distinct, &o.Distinct},
		{&s.Within, &o.Within}, {&s.Accounts, &o.Accounts}, {&s.Severity, &o.Severity},
	} {
		if *x.from != "" {
			*x.to = *x.from
		}
	}
	if o.By != nil {
		s.By = o.By
	}
	if o.Systems != nil {
		s.Systems = o.Systems
	}
	if o.Threshold != 0 {
		s.Threshold = o.Threshold
	}
	s.Off = o.Off
	return s
}

var searchID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// needed are the definitions that the drafter itself counts with.
var needed = []string{"machine", "access", "logon", "failed", "rights", "held", "native", "download", "handled"}

// Nothing of a broken file is used: a review that was drafted with half of its searches would look like a good one.

// check finds every mistake that can be found without a period, by compiling all of it for one.
func (s *Searches) check(file string) error {
	var list fault.List
	for _, name := range needed {
		if s.file.Define[name] == "" {
			list = append(list, bad(file, fmt.Sprintf("the definition `%s` is empty", name), "reviews count with it", nil))
		}
	}
	for i := range s.file.Findings {
		if what := s.file.Findings[i].wrong(); what != "" {
			list = append(list, bad(fmt.Sprintf("%s, finding %s", file, s.file.Findings[i].ID), what, "", nil))
		}
	}
	all := map[string]settings{"": s.file.Settings}
	for id, o := range s.file.Systems {
		all[id] = s.file.Settings.over(o)
	}
	for id, set := range all {
		if what := set.wrong(); what != "" {
			list = append(list, bad(file, what, "settings of "+orAll(id), nil))
		}
	}
	if len(list) > 0 {
		return list
	}
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	if _, err := s.compile(System{}, now, now.AddDate(0, 0, 1), time.UTC); err != nil {
		return bad(file, "a query of the searches cannot be read", err.Error(), err)
	}
	return nil
}

func orAll(id string) string {
	if id == "" {
		return "all systems"
	}
	return id
}

// wrong says what is wrong with a search, "" if nothing.
func (s *searchSpec) wrong() string {
	switch {
	case !searchID.MatchString(s.ID):
		return fmt.Sprintf("%q is no id of a finding: lower-case letters, digits and hyphens", s.ID)
	case s.Title == "":
		return "it has no title"
	case s.Count != "accounts" && s.KQL == "":
		return "it has no kql"
	case !slices.Contains([]string{"list", "events", "by", "distinct", "accounts"}, s.Count):
		return fmt.Sprintf("count is %q: write list, events, by, distinct or accounts", s.Count)
	case (s.Count == "by" || s.Count == "distinct") && len(s.By) == 0:
		return "it counts by nothing: name fields in `by`"
	case s.Count == "distinct" && s.Distinct == "":
		return "it does not say whose values are counted: name a field in `distinct`"
	case s.Count == "accounts" && !slices.Contains([]string{"dormant", "shared", "new", "gone", "unlisted", "removed"}, s.Accounts):
		return fmt.Sprintf("accounts is %q: write dormant, shared, new, gone, unlisted or removed", s.Accounts)
	case !slices.Contains([]string{"", "info", "low", "medium", "high"}, s.Severity):
		return fmt.Sprintf("severity is %q: write info, low, medium or high", s.Severity)
	case s.Threshold < 0:
		return "its threshold is below zero"
	}
	if s.Within != "" {
		if d, err := time.ParseDuration(s.Within); err != nil || d <= 0 || d > 31*24*time.Hour {
			return fmt.Sprintf("within is %q: write a time such as 1h, at most 744h", s.Within)
		}
	}
	return ""
}

// wrong says what is wrong with the settings.
func (s settings) wrong() string {
	if _, err := routing.ParseHours(*s.Hours); err != nil {
		return "hours: " + err.Error()
	}
	for _, day := range s.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return fmt.Sprintf("%q is no day: write 2026-10-03", day)
		}
	}
	switch {
	case *s.Dormant < 1 || *s.Dormant > 3660:
		return "dormant is a number of days from 1 to 3660"
	case *s.Bulk < 1:
		return "bulk is a number of data subjects from 1"
	case *s.List < 1 || *s.List > 10000:
		return "list is a number from 1 to 10000"
	}
	return ""
}
