package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"weir/event"
	"weir/internal/console/site"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/query"
)

// Bounds of live streams.
const (
	liveEvery   = 250 * time.Millisecond // between two messages
	livePing    = 15 * time.Second       // how soon a browser that is gone is noticed
	liveWrite   = 10 * time.Second       // a browser that takes nothing for so long is gone
	liveRows    = 25                     // of one message; the rest of its time is counted
	maxPerName  = 4                      // streams of one person
	maxStreams  = 64                     // of all
	liveChannel = 64
)

// streams counts those that are open.
type streams struct {
	mu  sync.Mutex
	by  map[string]int
	all int
}

func newStreams() *streams { return &streams{by: map[string]int{}} }

// enter counts one more; false if there are enough.
func (s *streams) enter(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[name] >= maxPerName || s.all >= maxStreams {
		return false
	}
	s.by[name]++
	s.all++
	return true
}

func (s *streams) leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.by[name]--; s.by[name] == 0 {
		delete(s.by, name)
	}
}

// news is one message of a stream.
type news struct {
	HTML    string `json:"html"` // rows, the newest first
	Count   int    `json:"n"`
	Skipped int    `json:"skipped"` // stored, and not shown: too many came at once
}

// stream sends events as they are stored, as rows that the page only has to put in. It ends with the browser, which ends
// the tail too: Esc does so.
func (h *handler) stream(v *site.View) {
	s := readState(v.R.URL.Query())
	if _, err := query.Parse(s.Q); err != nil {
		v.Fail(err)
		return
	}
	b := v.Ask()
	if b == nil {
		v.Fail(errors.New("no backend"))
		return
	}
	if !h.live.enter(v.Session.Name) {
		v.Fail(&fault.Error{Code: "streams-full", What: "too many pages show events live", Do: "close one of them", Exit: fault.ExitMissing})
		return
	}
	defer h.live.leave(v.Session.Name)
	ctx, cancel := context.WithCancel(v.Context())
	defer cancel()
	docs := make(chan line, liveChannel)
	ended := make(chan error, 1)
	go func() { // ends with ctx, and is waited for below
		var e event.Event
		_, err := b.Tail(ctx, control.TailRequest{Query: s.Q}, func(doc []byte) error {
			l, err := read(doc, &e)
			if err != nil {
				return err
			}
			select {
			case docs <- l:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		ended <- err
	}()
	defer func() { cancel(); <-ended }() //nolint:errcheck // it was said, or is the end that was asked for
	w := &streamer{v: v, s: s, cols: columns(State{Cols: s.Cols}, nil), control: http.NewResponseController(v.W)}
	if len(s.Cols) == 0 {
		w.cols = liveColumns(s)
	}
	head := v.W.Header()
	head.Set("Content-Type", "text/event-stream; charset=utf-8")
	head.Set("X-Accel-Buffering", "no")
	v.W.WriteHeader(http.StatusOK)
	err := w.run(ctx, docs, ended)
	if err != nil && ctx.Err() == nil {
		v.Log.Debug("a live page ended", "component", "console", "err", err)
	}
}

// liveColumns are the usual ones: which of them will have values is not known before events come.
func liveColumns(s State) []Column {
	s.Cols = usual
	return columns(s, nil)
}

// streamer writes one stream. It belongs to the goroutine of the request.
type streamer struct {
	v       *site.View
	s       State
	cols    []Column
	control *http.ResponseController
	rows    []Row
	skipped int
	count   int
}

// run sends what has come every quarter of a second, and a sign of life where nothing does.
func (w *streamer) run(ctx context.Context, docs <-chan line, ended chan error) error {
	if err := w.write(": live\n\n"); err != nil {
		return err
	}
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	quiet := time.Now()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			ended <- err // who waits for the end reads it again
			_ = w.write("event: end\ndata: {}\n\n")
			return err
		case l := <-docs:
			if w.count++; len(w.rows) < liveRows {
				w.rows = append(w.rows, row(w.s, &l, w.cols))
			} else {
				w.skipped++
			}
		case <-tick.C:
			if !w.v.Auth.Alive(w.v.Session) {
				return errors.New("the session is over")
			}
			if len(w.rows) == 0 {
				if time.Since(quiet) < livePing {
					continue
				}
				if err := w.write(": quiet\n\n"); err != nil {
					return err
				}
				quiet = time.Now()
				continue
			}
			if err := w.flush(); err != nil {
				return err
			}
			quiet = time.Now()
		}
	}
}

// flush sends what has come, the newest first.
func (w *streamer) flush() error {
	for i, j := 0, len(w.rows)-1; i < j; i, j = i+1, j-1 {
		w.rows[i], w.rows[j] = w.rows[j], w.rows[i]
	}
	html, err := w.v.Piece("rows", w.rows)
	if err != nil {
		return err //nolint:wrapcheck // said where it is logged
	}
	b, err := json.Marshal(news{strings.TrimSpace(html), w.count, w.skipped})
	if err != nil {
		return fmt.Errorf("writing news: %w", err)
	}
	w.rows, w.skipped, w.count = w.rows[:0], 0, 0
	return w.write("event: rows\ndata: " + string(b) + "\n\n")
}

func (w *streamer) write(s string) error {
	_ = w.control.SetWriteDeadline(time.Now().Add(liveWrite)) // a writer without deadlines is one of a test
	if _, err := w.v.W.Write([]byte(s)); err != nil {
		return fmt.Errorf("writing a stream: %w", err)
	}
	return w.control.Flush() //nolint:wrapcheck // likewise
}
