// Package notifying is what is asked, and what is answered, about telling people: how the channels do, why somebody was
// told of an alert or was not, and silences.
package notifying

import (
	"context"
	"time"

	"weir/internal/fault"
)

// Notifier answers these questions. A weir with the stage notify implements it besides control.Backend; so does whatever
// reads the files of one that does not run.
type Notifier interface {
	// NotifyStatus tells how the channels do.
	NotifyStatus(ctx context.Context) (Status, error)
	// NotifyTest sends a test message now, past queue and silences, and says what the other side answered.
	NotifyTest(ctx context.Context, r TestRequest) (TestAnswer, error)
	// NotifyRoute explains who is told of an alert.
	NotifyRoute(ctx context.Context, r RouteRequest) (Route, error)
	// NotifyRetry has dead messages tried again, and counts them.
	NotifyRetry(ctx context.Context, r RetryRequest) (Retried, error)
	// Silences lists silences, the latest first.
	Silences(ctx context.Context, r SilencesRequest) ([]Silence, error)
	// AddSilence makes one.
	AddSilence(ctx context.Context, r NewSilence) (Silence, error)
	// EndSilence ends one before its time.
	EndSilence(ctx context.Context, r EndRequest) (Silence, error)
}

// Status is how telling people does.
type Status struct {
	File     string         `json:"file"`
	Loaded   time.Time      `json:"loaded,omitzero"`  // zero: no file is in use
	Faults   []*fault.Error `json:"faults,omitempty"` // of a newer file that is not in use
	Channels []Channel      `json:"channels"`
	Dead     []Dead         `json:"dead_messages,omitempty"` // the latest first
	Groups   int64          `json:"groups"`                  // that go on
	Silences int            `json:"silences"`                // that go on
	// Maintenance are the windows that are open now.
	Maintenance []Window `json:"maintenance,omitempty"`
}

// States of a channel.
const (
	Up      = "up"
	Down    = "down"
	Unused  = "unused"  // nothing was sent over it yet
	Missing = "missing" // something waits for it, and notify.yaml does not have it
)

// Channel is how one channel does.
type Channel struct {
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`
	State string `json:"state"`
	// Since is when that began.
	Since   time.Time `json:"since,omitzero"`
	Waiting int64     `json:"waiting"`
	Oldest  time.Time `json:"oldest,omitzero"` // of what waits
	NextTry time.Time `json:"next_try,omitzero"`
	Dead    int64     `json:"dead"`
	Sent    int64     `json:"sent"`     // messages ever
	Failed  int64     `json:"failed"`   // attempts ever
	Held    int64     `json:"silenced"` // alerts of which it was not told, because a silence or maintenance held them back
	Limit   int       `json:"limit,omitempty"`
	// Error is the last one, and At when it was.
	Error   string    `json:"error,omitempty"`
	ErrorAt time.Time `json:"error_at,omitzero"`
}

// Dead is a message that the other side will never take.
type Dead struct {
	ID      string    `json:"id"`
	Channel string    `json:"channel"`
	Kind    string    `json:"kind"`
	Group   string    `json:"group"`
	At      time.Time `json:"at"`
	Error   string    `json:"error"`
	Alerts  []string  `json:"alerts,omitempty"`
}

// Window is a time of maintenance that is open.
type Window struct {
	Name   string    `json:"name"`
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"`
}

// TestRequest names the channel.
type TestRequest struct {
	Channel string `json:"channel"`
	Lang    string `json:"lang,omitempty"` // en if empty
}

// TestAnswer is what the other side answered.
type TestAnswer struct {
	Channel string `json:"channel"`
	Type    string `json:"type"`
	Said    string `json:"said,omitempty"`
	Ticket  string `json:"ticket,omitempty"`
	TookMS  int64  `json:"took_ms"`
}

// RouteRequest is an alert by its id, or what one would be like.
type RouteRequest struct {
	Alert  string            `json:"alert,omitempty"` // id or the beginning of one
	Rule   string            `json:"rule,omitempty"`
	Level  string            `json:"level,omitempty"`
	Tags   []string          `json:"tags,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Group  map[string]string `json:"group,omitempty"` // fields
	Notify []string          `json:"notify,omitempty"`
	At     time.Time         `json:"at,omitzero"` // zero: now
}

// Route explains who is told of an alert.
type Route struct {
	Alert string `json:"alert,omitempty"`
	Rule  string `json:"rule,omitempty"`
	Level string `json:"level,omitempty"`
	What  string `json:"what,omitempty"`
	// Steps are the routes in the order in which they are asked.
	Steps []Step `json:"steps"`
	// To are the channels that it goes to, by the routes as they are now, and as what.
	To []Target `json:"to"`
	// Holds are what holds it back now.
	Holds []Hold `json:"held_by,omitempty"`
	// Withheld is why nobody is told of such an alert at all: it is a canary, say.
	Withheld string `json:"withheld,omitempty"`
	// Past is what became of an alert that there is, the first first.
	Past []Past `json:"past,omitempty"`
}

// Step is one route of the file.
type Step struct {
	Line    int      `json:"line"`
	Depth   int      `json:"depth"`
	Match   string   `json:"match,omitempty"`
	Matched bool     `json:"matched"`
	Takes   bool     `json:"takes"`
	Why     string   `json:"why,omitempty"` // it does not match
	To      []string `json:"to,omitempty"`  // of one that takes it
}

// Target is where an alert goes.
type Target struct {
	Channels []string `json:"channels"`
	Line     int      `json:"line"`
	Group    string   `json:"group"`
	WaitMS   int64    `json:"group_wait_ms"`
	RepeatMS int64    `json:"repeat_ms"`
	Escalate []Later  `json:"escalate,omitempty"`
	// Own tells that the rule itself names the channels.
	Own bool `json:"own,omitempty"`
}

// Later is a step of an escalation.
type Later struct {
	AfterMS  int64    `json:"after_ms"`
	Channels []string `json:"channels"`
}

// Hold is what holds an alert back.
type Hold struct {
	Kind   string    `json:"kind"` // silence or maintenance
	Name   string    `json:"name"`
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"`
}

// Past is something that happened to an alert.
type Past struct {
	At time.Time `json:"at"`
	// What is a word: came, held, grouped, told, waiting, sent, dead, folded, skipped or withheld.
	What    string `json:"what"`
	Channel string `json:"channel,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Group   string `json:"group,omitempty"`
	Message string `json:"message,omitempty"` // id
	Detail  string `json:"detail,omitempty"`
}

// RetryRequest names the channel; empty: all.
type RetryRequest struct {
	Channel string `json:"channel,omitempty"`
}

// Retried counts messages.
type Retried struct {
	Messages int64 `json:"messages"`
}

// SilencesRequest asks for those that go on, or with All for those too that are over.
type SilencesRequest struct {
	All bool `json:"all,omitempty"`
}

// Silence holds alerts back for a time.
type Silence struct {
	ID     string    `json:"id"`
	Match  []string  `json:"match"` // all of them have to hold
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Made   time.Time `json:"made"`
	Until  time.Time `json:"until"`
	// Ended and By are set where somebody ended it before its time.
	Ended  time.Time `json:"ended,omitzero"`
	By     string    `json:"by,omitempty"`
	Active bool      `json:"active"`
	Held   int64     `json:"held"` // alerts
}

// NewSilence asks for one. All fields are needed.
type NewSilence struct {
	Match  []string  `json:"match"`
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// EndRequest ends one.
type EndRequest struct {
	ID string `json:"id"`
	By string `json:"by"`
}
