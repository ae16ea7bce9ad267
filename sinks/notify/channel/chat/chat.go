// Package chat sends messages to the chat services that shoutrrr knows: Slack, Teams, Discord,
// Telegram, Mattermost and others.
package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nicholas-fedor/shoutrrr/pkg/util"

	"weir/internal/config/unit"
	"weir/internal/nearest"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
	"weir/sinks/notify/channel/tally"
	"weir/sinks/notify/channel/text"
)

// Config is what notify.yaml says of chat services.
type Config struct {
	URLs    []unit.Secret `yaml:"urls" doc:"addresses as shoutrrr writes them, slack://..., each file:PATH, env:NAME, or the address itself; all are told"`
	Brief   bool          `yaml:"brief" doc:"one line a message instead of all of it"`
	CA      string        `yaml:"ca" doc:"file of certificates (PEM) that sign the services', beside those of the system"`
	Timeout unit.Duration `yaml:"timeout" doc:"how long to wait for the answer (default 10s)"`
}

// room is one service of a channel.
type room struct {
	name    string // mattermost 1: the kind and its number in the list
	scheme  string
	address *url.URL
	hidden  []string // parts of the address that nothing may show
}

// chat is one or several services.
type chat struct {
	rooms   []room
	names   []string
	brief   bool
	timeout time.Duration
	base    *http.Transport
	sends   life.Sends
	results tally.Results
}

// New makes a channel to chat services.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	if len(c.URLs) == 0 {
		return nil, channel.Bad("urls", "is missing", "give the addresses: [\"env:SLACK_URL\"]")
	}
	roots, err := d.Roots("ca", c.CA)
	if err != nil {
		return nil, err
	}
	out := &chat{brief: c.Brief, timeout: channel.Span(c.Timeout), base: transport(d.Dial, roots)}
	for i, written := range c.URLs {
		key := "urls." + strconv.Itoa(i)
		address, err := d.Reveal(key, written)
		if err != nil {
			return nil, err
		}
		r, err := newRoom(key, address)
		if err != nil {
			return nil, err
		}
		r.name = r.scheme + " " + strconv.Itoa(i+1)
		out.rooms = append(out.rooms, r)
		out.names = append(out.names, r.name)
	}
	install()
	return out, nil
}

// newRoom checks an address. The library's own words about it quote it, so they are not shown.
func newRoom(key, address string) (room, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return room{}, channel.Bad(key, "is no address of a chat service", "write it as shoutrrr does: slack://, telegram://, mattermost://")
	}
	scheme, _, _ := strings.Cut(strings.ToLower(u.Scheme), "+")
	var r router.ServiceRouter
	known := r.ListServices()
	slices.Sort(known)
	switch {
	case scheme == "smtp" || scheme == "logger":
		return room{}, channel.Bad(key, "names "+scheme+", which is no chat service", "for e-mail write a channel of `type: email`")
	case !slices.Contains(known, scheme):
		do := "the services are " + strings.Join(known, ", ")
		if near := nearest.Name(scheme, known); near != "" {
			do = "did you mean `" + near + "`?"
		}
		return room{}, channel.Bad(key, "names a service that is not known: "+text.Clean(scheme), do)
	}
	out := room{scheme: scheme, address: u, hidden: secretsOf(u)}
	if scheme == "matrix" { // it signs in when it is made; that waits for the first message
		return out, nil
	}
	if _, err := out.service(); err != nil {
		return room{}, channel.Bad(key, "is no address that "+scheme+" understands: "+out.mask(err.Error()), "docs/channels.md has one of each common service")
	}
	return out, nil
}

// service makes the library's sender. It is made anew for each message: some of them change themselves
// while they send.
func (r *room) service() (types.Service, error) {
	var all router.ServiceRouter
	all.SetLogger(util.DiscardLogger)
	return all.Locate(r.address.String())
}

// Send implements channel.Channel. All rooms are told at once. A room that has the message is left out
// of further attempts.
func (c *chat) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	sending, done, err := c.sends.Begin(ctx, c.timeout)
	if err != nil {
		return channel.Receipt{}, &channel.Error{Err: err}
	}
	defer done()
	left := c.results.Left(m.ID, c.names)
	errs := make([]error, len(c.rooms))
	var wg sync.WaitGroup
	for i := range c.rooms {
		if r := &c.rooms[i]; slices.Contains(left, r.name) {
			wg.Go(func() { errs[i] = c.tell(sending, r, m) })
		}
	}
	wg.Wait()
	later := &channel.Error{}
	for i, err := range errs {
		name := c.rooms[i].name
		if !slices.Contains(left, name) {
			continue
		}
		e, _ := errors.AsType[*channel.Error](err)
		switch {
		case err == nil:
			c.results.Settle(m.ID, name, "")
		case e.Permanent:
			c.results.Settle(m.ID, name, e.Error())
		default:
			later.Err = errors.Join(later.Err, fmt.Errorf("%s: %w", name, err))
			later.RetryAfter = max(later.RetryAfter, e.RetryAfter)
		}
	}
	if later.Err != nil {
		return channel.Receipt{}, later
	}
	if refused, taken := c.results.Finish(m.ID); len(refused) > 0 {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf("%d of %d services refuse: %s", len(refused), len(refused)+taken, strings.Join(refused, "; "))}
	}
	return channel.Receipt{Said: "taken by " + strings.Join(c.names, ", ")}, nil
}

// tell sends to one room. The library knows no context. Most of its services go through our transport,
// which ends with ctx; the few that do not have a time of their own, at most 30 s. The caller waits no
// longer than ctx, Close for all.
func (c *chat) tell(ctx context.Context, r *room, m *channel.Message) error {
	_, done, err := c.sends.Begin(ctx, 0)
	if err != nil {
		return &channel.Error{Err: err}
	}
	w := &wire{base: c.base}
	result := make(chan error, 1)
	go func() { // it ends by itself, as said above; Close waits for done
		defer done()
		result <- r.post(ctx, w, m, c.brief)
	}()
	select {
	case err = <-result:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	// Some services say that all is well where the answer was no success.
	if seen := w.result(); err == nil && seen.Err == nil {
		return nil
	}
	return r.judge(ctx, w, err, c.timeout)
}

// post sends a message through the library, some of whose services panic where there is no answer at
// all.
func (r *room) post(ctx context.Context, w *wire, m *channel.Message, brief bool) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it could not be sent")
		}
	}()
	send := w.in(ctx)
	defer enter(send)()
	service, err := r.service()
	if err != nil {
		return err
	}
	use(service, send)
	params := types.Params{}
	return service.Send(write(r.scheme, m, brief), &params)
}

// judge says what an error means. What the library says of it is shown only where there is no answer of
// the service, and masked, since it quotes addresses.
func (r *room) judge(ctx context.Context, w *wire, err error, timeout time.Duration) error {
	seen := w.result()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.DeadlineExceeded):
		return &channel.Error{Err: fmt.Errorf("it did not answer in %s: %w", timeout, context.DeadlineExceeded)}
	case cause != nil:
		return &channel.Error{Err: cause}
	case seen.Err != nil:
		seen.Err = errors.New(r.hide(seen.Err.Error()))
		return &seen
	}
	return &channel.Error{Err: errors.New(r.mask(err.Error()))}
}

// Close implements channel.Channel.
func (c *chat) Close() error {
	err := c.sends.Close()
	c.base.CloseIdleConnections()
	return err
}
