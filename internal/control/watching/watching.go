// Package watching is what is asked, and what is answered, about sources that are not heard, and about canaries.
package watching

import (
	"context"
	"time"
)

// Watcher tells who is not heard. A weir that runs and watches sources implements it besides control.Backend.
type Watcher interface {
	Sources(ctx context.Context, r SourcesRequest) (Sources, error)
}

// SourcesRequest asks for sources.
type SourcesRequest struct {
	// Missing leaves out those that are heard.
	Missing bool `json:"missing,omitempty"`
}

// Sources are those that are known, and devices that are expected.
type Sources struct {
	At   time.Time `json:"at"`
	Rows []Source  `json:"rows"`
}

// States of a source.
const (
	Silent   = "silent"   // for longer than its rhythm explains
	Never    = "never"    // expected, and never heard
	Learning = "learning" // known for too short a time to fall silent
	Heard    = "heard"
)

// Source is one source, or an expected device that is none.
type Source struct {
	Source   string    `json:"source,omitempty"` // input/address; empty: a device that was never heard
	Device   string    `json:"device,omitempty"` // name in the inventory
	Presence string    `json:"presence,omitempty"`
	State    string    `json:"state"`
	Known    time.Time `json:"known,omitzero"` // since when
	Last     time.Time `json:"last,omitzero"`
	Quiet    int64     `json:"quiet_ms,omitempty"` // of silence that weir saw
	// Missed is how many signs of life were to be expected meanwhile.
	Missed float64 `json:"missed,omitempty"`
	// Many tells that it fell silent together with many others.
	Many bool `json:"many,omitempty"`
}

// Canarier sends lines of its own through the front door and follows them.
type Canarier interface {
	// Canary makes a canary, says first which line is to be sent where, and then each hop that it has passed, as it does.
	// It ends when the alert has come, or when the wait is over.
	Canary(ctx context.Context, r CanaryRequest, each func(Hop) error) (CanaryResult, error)
}

// CanaryRequest asks for one canary.
type CanaryRequest struct {
	// Via is udp, tcp, tls or relp; empty: the first that is open.
	Via string `json:"via,omitempty"`
	// To is the address of a front door that another process has; empty: that of this one.
	To   string        `json:"to,omitempty"`
	Wait time.Duration `json:"wait_ns,omitempty"`
}

// Hops of a canary, in their order.
const (
	HopSend       = "send" // the line is to be sent now, by who asked
	HopReceived   = "received"
	HopNormalised = "normalised"
	HopStored     = "stored"
	HopAlert      = "alert"
	HopNotify     = "notify"
)

// Hop is one step of a canary.
type Hop struct {
	Hop  string    `json:"hop"`
	At   time.Time `json:"at"`
	ID   string    `json:"id,omitempty"`
	Text string    `json:"text,omitempty"`
	// Of HopSend.
	Via  string `json:"via,omitempty"`
	To   string `json:"to,omitempty"`
	Line []byte `json:"line,omitempty"`
}

// CanaryResult is how a canary ended.
type CanaryResult struct {
	ID     string `json:"id"`
	Alert  string `json:"alert,omitempty"` // its id; empty: none came
	TookMS int64  `json:"took_ms"`
	// Forged are canary lines that came since the first canary and that weir never sent.
	Forged int64 `json:"forged,omitempty"`
}
