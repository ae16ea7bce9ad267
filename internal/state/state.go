// Package state keeps what a stage remembers of each partition besides the log: small values by key, as they were when
// they were last saved. There are two places for it, of one behaviour: a folder of files, for the embedded broker, and a
// compacted topic, for a real Kafka, where the next owner of a partition may be another machine.
//
// A store has one writer at a time, the owner of its partition. Two at once, when a group takes a partition from a
// process that has not noticed yet, leave the values of one of them, each whole.
package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Change is one key and its new value.
type Change struct {
	Key   string
	Value []byte // nil: the key is forgotten
}

// Store is what is kept of one partition under one name. All calls come from one goroutine at a time.
type Store interface {
	// Load returns all values as they were last saved; the memory is the caller's. It comes once, before the first Save.
	Load(ctx context.Context) (map[string][]byte, error)
	// Save writes changes, in their order: over a crash, a change that is there has those before it beside it, and each
	// value is the old or the new one, never a part. done is called once, in the order of the calls of Save and from any
	// goroutine, when the changes are durable, or with the reason why they may not be; after that the store is of no
	// more use. The values belong to the store until then.
	Save(ctx context.Context, changes []Change, done func(error))
	// Close lets go of what the store holds open. What Save was given and has not answered may still become durable.
	Close()
}

// Opener opens stores: Folder or Topic.
type Opener interface {
	// Open opens the store of a partition under a name without slashes. It creates nothing.
	Open(name string, partition int32) (Store, error)
}

// SaveAndWait is Save for who has nothing else to do until the changes are durable.
func SaveAndWait(ctx context.Context, s Store, changes []Change) error {
	done := make(chan error, 1)
	s.Save(ctx, changes, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errNotLoaded = errors.New("a store is saved to before it was loaded")

// checkName refuses names that could not be told apart in file names or keys.
func checkName(name string, partition int32) error {
	if name == "" || strings.ContainsAny(name, "/\\\x00") || partition < 0 {
		return fmt.Errorf("opening the state %q of partition %d: no such name can be", name, partition)
	}
	return nil
}
