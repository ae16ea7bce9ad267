package threat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"weir/internal/config/unit"
	"weir/internal/fault"
)

// Feed is a list of indicators that is fetched by HTTP, as feeds.yaml names it.
type Feed struct {
	Name       string            `yaml:"name"`
	URL        string            `yaml:"url"`
	Format     string            `yaml:"format"` // one of Formats; empty: auto
	Every      unit.Duration     `yaml:"every"`  // 0: every hour
	Header     map[string]string `yaml:"header"` // values may be env:NAME or file:PATH
	Confidence int               `yaml:"confidence"`
}

// loadFeeds reads the list of feeds. A file that is not there has none. The error is a *fault.Error.
func loadFeeds(file string) ([]Feed, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of threat feeds: %w", err)
	}
	bad := func(what, why string, cause error) error {
		return &fault.Error{
			Code: "threat-feeds", What: what, Where: file, Why: why, Exit: fault.ExitUsage, Cause: cause,
			Do: "a feed is such as `- {name: bad-hosts, url: https://feeds.example.org/hosts.csv}`; see docs/threat-indicators.md",
		}
	}
	var feeds []Feed
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict(), yaml.DisallowUnknownField()).Decode(&feeds); err != nil && !errors.Is(err, io.EOF) { // EOF: nothing, or comments alone
		return nil, bad("the list of threat feeds cannot be read", yaml.FormatError(err, false, true), err)
	}
	for i := range feeds {
		f := &feeds[i]
		if err := f.check(); err != nil {
			return nil, bad(fmt.Sprintf("feed %d cannot be used", i+1), err.Error(), err)
		}
		for k, v := range f.Header {
			if f.Header[k], err = unit.Resolve(v, filepath.Dir(file), os.LookupEnv); err != nil {
				return nil, bad(fmt.Sprintf("feed %s: the header %s has no value", f.Name, k), err.Error(), err)
			}
		}
		if slices.ContainsFunc(feeds[:i], func(o Feed) bool { return o.Name == f.Name }) {
			return nil, bad(fmt.Sprintf("the feed %s is there twice", f.Name), "", nil)
		}
	}
	return feeds, nil
}

// maxFeed bounds what a feed may send.
const maxFeed = 512 << 20

// slug are names that can be those of files.
var slug = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// The name is that of a file in the folder of feeds, so it can hold no separator and does not begin with a full stop. Addresses of files
// are refused: a list of feeds must not be a way to read the disk.
func (f *Feed) check() error {
	u, err := url.Parse(f.URL)
	switch {
	case !slug.MatchString(f.Name):
		return fmt.Errorf("%q is no name of a feed: letters, digits, dots, hyphens", f.Name)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("feed %s: %q is no http or https address", f.Name, f.URL)
	case f.Confidence < 0 || f.Confidence > 100:
		return fmt.Errorf("feed %s: the confidence is a number from 0 to 100", f.Name)
	case f.Format != "" && !slices.Contains(Formats(), f.Format):
		return fmt.Errorf("feed %s: the format is one of %s, not %q", f.Name, strings.Join(Formats(), ", "), f.Format)
	}
	return nil
}

// path is where the feed is kept.
func (f *Feed) path(cache string) string { return filepath.Join(cache, f.Name+".feed") }

// every is how often it is asked for.
func (f *Feed) every() time.Duration {
	if f.Every <= 0 {
		return time.Hour
	}
	return time.Duration(f.Every)
}

// follow fetches a feed now and whenever it is due. After a failure it is asked again sooner, up to its own rhythm.
//
// It runs in a goroutine of its own for each feed and ends with ctx; a feed that hangs holds up no other one, and no event.
func (s *Store) follow(ctx context.Context, f Feed) {
	retry := 30 * time.Second
	for {
		wait := f.every()
		if err := s.fetch(ctx, f); err != nil {
			if ctx.Err() != nil {
				return
			}
			wait, retry = min(wait, retry), min(2*retry, wait)
			s.failed(f, err)
		} else {
			retry = 30 * time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// failed keeps why a feed did not come; what it said before stays in use.
func (s *Store) failed(f Feed, err error) {
	s.mu.Lock()
	st := s.status[f.Name]
	st.Name, st.URL, st.Error = f.Name, f.URL, err.Error()
	s.status[f.Name] = st
	s.mu.Unlock()
	attrs := []any{"source", f.Name, "err", err}
	if !st.Fetched.IsZero() {
		attrs = append(attrs, "age", time.Since(st.Fetched).Round(time.Second))
	}
	s.opts.Log.Warn("a threat feed does not answer; what it said before stays in use", attrs...)
}

// fetch asks a feed whether it has changed, and takes what it has. The file of before is replaced in one step, and only by
// one that can be read.
//
// The time limit is that of the client. It is called from the goroutine that follows the feed; Reload takes the lock that others may
// wait for only after the file is complete.
func (s *Store) fetch(ctx context.Context, f Feed) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return fmt.Errorf("asking for the feed: %w", err)
	}
	for k, v := range f.Header {
		req.Header.Set(k, v)
	}
	path := f.path(s.cache())
	if _, err := os.Stat(path); err == nil {
		tag, _ := os.ReadFile(path + ".etag") // without one the feed is fetched whole
		etag, modified, _ := strings.Cut(string(tag), "\n")
		setHeader(req, "If-None-Match", etag)
		setHeader(req, "If-Modified-Since", modified)
	}
	resp, err := s.opts.Client.Do(req)
	if err != nil {
		return fmt.Errorf("fetching the feed: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
	case http.StatusOK:
		if err := s.keep(f, resp); err != nil {
			return err
		}
		s.Reload()
	default:
		return fmt.Errorf("the feed answers %s", resp.Status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status[f.Name]
	st.Name, st.URL, st.Fetched, st.Error = f.Name, f.URL, time.Now(), ""
	s.status[f.Name] = st
	return nil
}

func setHeader(req *http.Request, name, value string) {
	if value != "" {
		req.Header.Set(name, value)
	}
}

// keep writes what a feed sent beside the file of before, reads it once, and puts it in its place.
//
// A process that is ended in between leaves a temporary file at worst, never half a feed: the name changes in one step, and the ETag is
// written last, so that a feed whose ETag is missing is fetched once more.
func (s *Store) keep(f Feed, resp *http.Response) error {
	if err := os.MkdirAll(s.cache(), 0o750); err != nil {
		return fmt.Errorf("making the folder of feeds: %w", err)
	}
	path := f.path(s.cache())
	tmp, err := os.CreateTemp(s.cache(), f.Name+".*.tmp")
	if err != nil {
		return fmt.Errorf("keeping the feed: %w", err)
	}
	defer os.Remove(tmp.Name()) // once it has its name, there is nothing to remove
	n, err := io.Copy(tmp, io.LimitReader(resp.Body, maxFeed+1))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("reading the feed: %w", err)
	}
	if n > maxFeed {
		return fmt.Errorf("the feed sends more than %d MiB", maxFeed>>20)
	}
	info, err := os.Stat(tmp.Name())
	if err != nil {
		return fmt.Errorf("keeping the feed: %w", err)
	}
	st, err := readFile(file{name: f.Name, path: tmp.Name(), format: f.Format, info: info}, newBuilder())
	if err != nil {
		return fmt.Errorf("what the feed sent cannot be used: %w", err)
	}
	if st.Counts.Taken == 0 {
		return errors.New("what the feed sent has no indicator")
	}
	tag := resp.Header.Get("ETag") + "\n" + resp.Header.Get("Last-Modified")
	_ = os.Remove(path + ".etag") // an old one beside new content would be wrong; none only costs a download
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("keeping the feed: %w", err)
	}
	if err := os.WriteFile(path+".etag", []byte(tag), 0o600); err != nil {
		return fmt.Errorf("keeping the feed's ETag: %w", err)
	}
	return nil
}
