// Package sms sends text messages through the gateway of a provider, whatever its HTTP interface asks
// for.
package sms

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/tally"
	"weir/sinks/notify/channel/template"
	"weir/sinks/notify/channel/text"
)

// Config is what notify.yaml says of a gateway.
type Config struct {
	URL      unit.Secret            `yaml:"url" doc:"address of the gateway; may be a secret in whole, and may have {{values}} in path and query"`
	Method   string                 `yaml:"method" doc:"POST (default), PUT or GET"`
	Headers  map[string]unit.Secret `yaml:"headers" doc:"headers; values may be secrets"`
	Secrets  map[string]unit.Secret `yaml:"secrets" doc:"secrets that templates may use as {{secret.NAME}}"`
	Form     map[string]string      `yaml:"form" doc:"fields of a form, each a template; with GET they become the query"`
	JSON     string                 `yaml:"json" doc:"template of a JSON body, instead of a form"`
	To       []string               `yaml:"to" doc:"numbers, as the gateway wants them: {{recipient}}, or all at once {{recipients}}"`
	Join     string                 `yaml:"join" doc:"what stands between numbers in {{recipients}}; empty: one request a number"`
	Message  string                 `yaml:"message" doc:"template of the text, {{message}} in the others (default {{short}})"`
	MaxBytes int                    `yaml:"max_bytes" doc:"bytes of the text in charset (default 90); what is longer is cut at a character"`
	Charset  string                 `yaml:"charset" doc:"utf-8 (default) or euc-kr: how a form is percent-encoded, and how bytes are counted" enum:"utf-8,euc-kr"`
	Expect   string                 `yaml:"expect" doc:"regular expression that the answer has if the message was taken; empty: the status of HTTP decides"`
	CA       string                 `yaml:"ca" doc:"file of certificates (PEM) that sign the gateway's, beside those of the system"`
	Timeout  unit.Duration          `yaml:"timeout" doc:"how long to wait for the answer to one request (default 10s)"`
}

// maxBytes is a text message in Korea: 90 bytes in EUC-KR, which are 45 syllables. What is longer would
// be sent as another, dearer kind.
const maxBytes = 90

// gateway is a provider's interface. Providers have no common one: what they ask for is a form with
// names of their own, often in a legacy encoding, and an answer of 200 that says in its body whether
// anything was sent. It never changes after New but for what it remembers of messages that some numbers
// still lack.
type gateway struct {
	client   *httpout.Client
	address  *httpout.Address
	headers  *httpout.Headers
	method   string
	fields   []field
	json     *template.Template
	message  *template.Template
	charset  charset
	limit    int
	to       []string
	join     string
	expect   *regexp.Regexp
	secrets  map[string]string // by the name in templates
	results  tally.Results
	timeout  time.Duration
	together bool
}

// own are the names that templates of a gateway have beside those of messages.
var own = []string{"message", "recipient", "recipients"}

// New makes a channel to a gateway. Everything that can be wrong with templates is found here, since
// the next time that somebody needs them is the middle of a night.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	g := &gateway{to: c.To, join: c.Join, together: c.Join != "", limit: c.MaxBytes, timeout: channel.Span(c.Timeout), secrets: map[string]string{}}
	names, hidden, err := g.reveal(c, d)
	if err != nil {
		return nil, err
	}
	if g.address, err = httpout.NewAddress(d, "url", c.URL, names...); err != nil {
		return nil, err
	}
	if g.headers, err = httpout.NewHeaders(d, "headers", c.Headers, names...); err != nil {
		return nil, err
	}
	if g.method, err = httpout.Method("method", c.Method, http.MethodPost); err != nil {
		return nil, err
	}
	if err := g.templates(c, names); err != nil {
		return nil, err
	}
	if err := g.numbers(c); err != nil {
		return nil, err
	}
	if c.Expect != "" {
		if g.expect, err = regexp.Compile(c.Expect); err != nil {
			return nil, channel.Bad("expect", "is no regular expression: "+err.Error(), "correct it; the syntax is that of RE2")
		}
	}
	hidden = append(append(hidden, g.address.Secrets...), g.headers.Secrets...)
	if g.client, err = httpout.New(d, c.CA, g.timeout, hidden...); err != nil {
		return nil, err
	}
	return g, nil
}

// reveal reads the secrets of templates. names are all that templates may use. A secret that no
// template uses is fine: examples are copied.
func (g *gateway) reveal(c Config, d channel.Deps) (names, hidden []string, err error) {
	names = append(names, own...)
	for name, written := range c.Secrets {
		secret, err := d.Reveal("secrets."+name, written)
		if err != nil {
			return nil, nil, err
		}
		g.secrets["secret."+name] = secret
		names = append(names, "secret."+name)
		hidden = append(hidden, secret)
	}
	return names, hidden, nil
}

// numbers checks recipients and limits, and that number and text stand somewhere in the request at all:
// a gateway that gets neither mostly answers that all is well.
func (g *gateway) numbers(c Config) error {
	var ok bool
	if g.charset, ok = charsets[strings.ToLower(c.Charset)]; !ok {
		return channel.Bad("charset", "is none of utf-8, euc-kr", "leave it out for utf-8")
	}
	switch {
	case len(c.To) == 0:
		return channel.Bad("to", "is missing", "give the numbers: [\"01012345678\"]")
	case c.MaxBytes < 0 || c.MaxBytes > 0 && c.MaxBytes < 10:
		return channel.Bad("max_bytes", "leaves no room for a text", "write at least 10, or leave it out for 90")
	case g.limit == 0:
		g.limit = maxBytes
	}
	uses := "{{recipient}}"
	if g.together {
		uses = "{{recipients}}"
	}
	if !g.uses(strings.Trim(uses, "{}")) {
		return channel.Bad("to", "is used nowhere", "write "+uses+" where the gateway wants the number")
	}
	if !g.uses("message") {
		return channel.Bad("message", "is used nowhere", "write {{message}} where the gateway wants the text")
	}
	return nil
}

// Send implements channel.Channel. Numbers are asked for one after the other: gateways count requests a
// second, and refuse what comes at once.
//
// A number that has the message gets it no second time when others are tried again.
func (g *gateway) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	values := map[string]string{"recipients": strings.Join(g.to, g.join)}
	maps.Copy(values, g.secrets)
	values["message"] = g.charset.cut(oneLine(g.message.Fill(template.Of(m, values), template.Plain)), g.limit)
	if g.together {
		said, err := g.one(ctx, m, values)
		return channel.Receipt{Said: said}, err
	}
	said := ""
	var later *channel.Error
	for _, to := range g.results.Left(m.ID, g.to) {
		values["recipient"] = to
		answer, err := g.one(ctx, m, values)
		e, _ := errors.AsType[*channel.Error](err)
		switch {
		case err == nil:
			said = answer
			g.results.Settle(m.ID, to, "")
			continue
		case e.Permanent:
			g.results.Settle(m.ID, to, e.Error())
			continue
		case later == nil:
			later = &channel.Error{}
		}
		later.Err = errors.Join(later.Err, fmt.Errorf("%s: %w", to, err))
		later.RetryAfter = max(later.RetryAfter, e.RetryAfter)
		// A gateway that does not answer, or asks to be left alone, is not asked for the other numbers
		// too.
		if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || e.RetryAfter > 0 {
			break
		}
	}
	if later != nil {
		return channel.Receipt{}, later
	}
	if refused, taken := g.results.Finish(m.ID); len(refused) > 0 {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf("%d of %d numbers are refused: %s", len(refused), len(refused)+taken, strings.Join(refused, "; "))}
	}
	return channel.Receipt{Said: said}, nil
}

// one makes one request. own has the values that messages do not have; the caller does not change it
// meanwhile.
func (g *gateway) one(ctx context.Context, m *channel.Message, own map[string]string) (said string, err error) {
	values := template.Of(m, own)
	r := &httpout.Request{Method: g.method, URL: g.address.Fill(values), Header: http.Header{}}
	switch {
	case g.json != nil:
		r.Body = []byte(g.json.Fill(values, template.JSON))
		r.Header.Set("Content-Type", "application/json")
	case g.method == http.MethodGet:
		if form := g.form(values); form != "" {
			sign := "?"
			if strings.Contains(r.URL, "?") {
				sign = "&"
			}
			r.URL += sign + form
		}
	default:
		r.Body = []byte(g.form(values))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset="+g.charset.name)
	}
	maps.Copy(r.Header, g.headers.Fill(values))
	answer, err := g.client.Do(ctx, r)
	if err != nil {
		return "", err
	}
	body := g.charset.read(answer.Body)
	said = text.Clip(text.Clean(g.client.Mask(strings.TrimSpace(body))), 200)
	if g.expect != nil && !g.expect.MatchString(body) {
		// Why it was not taken is not known: an empty account is filled again, a wrong number stays
		// wrong.
		return "", &channel.Error{Err: errors.New("the gateway answers " + strconv.Itoa(answer.Status) + " and not what `expect` asks for: " + said)}
	}
	return said, nil
}

// Close implements channel.Channel.
func (g *gateway) Close() error { return g.client.Close() }
