//go:build !linux || (!amd64 && !arm64)

package bpf

import "time"

// Tracer cannot be had on this system; see Open.
type Tracer struct{}

// Open returns ErrUnsupported.
func Open(Options) (*Tracer, error) { return nil, ErrUnsupported }

// Next finds nothing.
func (*Tracer) Next(*Conn, time.Time) (bool, error) { return false, ErrUnsupported }

// Rest finds nothing.
func (*Tracer) Rest(*Conn) (bool, error) { return false, ErrUnsupported }

// Reports asks nobody.
func (*Tracer) Reports(uint64) error { return ErrUnsupported }

// Counts counts nothing.
func (*Tracer) Counts() (Counts, error) { return Counts{}, ErrUnsupported }

// Exec knows no process.
func (*Tracer) Exec(uint32) (Exec, bool) { return Exec{}, false }

// Self knows none either.
func (*Tracer) Self() int { return 0 }

// Hooks returns none.
func (*Tracer) Hooks() []Hook { return nil }

// Detach has nothing to take out.
func (*Tracer) Detach() {}

// Close has nothing to close.
func (*Tracer) Close() {}
