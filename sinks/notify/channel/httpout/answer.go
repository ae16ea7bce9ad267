package httpout

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/template"
	"weir/sinks/notify/channel/text"
)

// longestWait bounds what a server may ask for: of a week, a day is obeyed.
const longestWait = 24 * time.Hour

// shownOfBody is how much of an answer an error quotes, in characters.
const shownOfBody = 200

// Judge says what an answer means; nil: the request was taken. 2xx is taken. A redirect for good is a
// mistake of the configuration; one for now may be a page of maintenance, so it is tried again. 4xx
// will be the same next time, but for those that say otherwise; 5xx may pass.
func Judge(to *url.URL, res *http.Response, now time.Time) *channel.Error {
	code := res.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	e := &channel.Error{RetryAfter: wait(res.Header.Get("Retry-After"), now), Status: code}
	if redirected(code) {
		e.Permanent = code == http.StatusMovedPermanently || code == http.StatusPermanentRedirect
		e.Err = fmt.Errorf("%s redirects to %s (%s), which is not followed: write the address that takes messages", origin(to), pointed(to, res), status(code))
		return e
	}
	e.Permanent = Permanent(code)
	e.Err = errors.New(origin(to) + " answers " + status(code))
	return e
}

// judge is Judge with what the server said, and with nothing that is secret.
func (c *Client) judge(to *url.URL, res *http.Response, body []byte) error {
	e := Judge(to, res, c.now())
	if e == nil {
		return nil
	}
	words := c.hide.mask(e.Error())
	if said := strings.TrimSpace(string(body)); said != "" && !redirected(res.StatusCode) {
		words += ": " + text.Clip(text.Clean(c.hide.mask(said)), shownOfBody)
	}
	e.Err = errors.New(words)
	return e
}

// redirected tells whether a status leads elsewhere.
func redirected(code int) bool { return code >= 300 && code < 400 }

// Permanent tells whether a status of HTTP means that the same request would fail again.
func Permanent(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return code >= 400 && code < 500
}

// status is a code with its name.
func status(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}

// pointed is where a redirect leads, without what may be secret: its query, and what it has of the
// address that was asked.
func pointed(from *url.URL, res *http.Response) string {
	to, err := from.Parse(res.Header.Get("Location"))
	if err != nil || res.Header.Get("Location") == "" {
		return "nowhere"
	}
	path := to.EscapedPath()
	for segment := range strings.SplitSeq(from.EscapedPath(), "/") {
		if segment != "" {
			path = strings.ReplaceAll(path, segment, "…")
		}
	}
	return text.Clip(text.Clean(origin(to)+path), shownOfBody)
}

// wait reads Retry-After, which is a number of seconds or a time; 0 if it says nothing that can be
// understood.
func wait(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(header, 10, 63); err == nil {
		if seconds > uint64(longestWait/time.Second) {
			return longestWait
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(longestWait, max(0, at.Sub(now)))
}

// secrets are texts that nothing may show.
type secrets []string

// shortestSecret is what is worth hiding: shorter ones would hide half of every sentence.
const shortestSecret = 4

// add takes texts to hide, also as they look in an address or in JSON. The longest comes first, so that
// none shows through a part of another.
func (s *secrets) add(texts ...string) {
	for _, t := range texts {
		if len(t) >= shortestSecret {
			*s = append(*s, t, template.URL(t), url.PathEscape(t), url.QueryEscape(t), template.JSON(t))
		}
	}
	slices.SortFunc(*s, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	*s = slices.Compact(*s)
}

// mask hides them in a text.
func (s secrets) mask(shown string) string {
	for _, secret := range s {
		shown = strings.ReplaceAll(shown, secret, "***")
	}
	return shown
}
