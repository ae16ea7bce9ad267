// Package auditing records who looked at what, and who did what to the records: each is an event like any other, of the
// class audit.
package auditing

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"weir/event"
	"weir/processors/normalise"
)

// Dataset is that of who looked at what. Searches leave it out unless they ask for it.
const Dataset = "weir.audit"

// Look is one act of somebody.
type Look struct {
	// Who is the name of a session; "" is the user that weir runs as: the control socket is readable by that user alone, so
	// there is nobody else who could have asked.
	Who    string
	Action string // search, tail, export, hold, review-sign
	Query  string // KQL, or what the act was about
	Reason string
	Hits   int64
	TookMS int64
	Err    error // why it came to nothing
}

// Doc is the ECS document of a look.
func Doc(l Look) []byte {
	var e event.Event
	now := time.Now()
	e.Set(event.Timestamp, event.At(now))
	e.Set(event.EventCreated, event.At(now))
	e.Set(event.WeirTime, event.At(now))
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "event")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, Dataset)
	e.SetStr(event.EventAction, l.Action)
	e.Set(event.EventCategory, event.Strs("database"))
	e.Set(event.EventType, event.Strs("access"))
	e.SetStr(event.WeirInput, normalise.InputAudit)
	e.SetStr(event.WeirClass, "audit")
	e.SetStr(event.WeirQueryKQL, l.Query)
	if l.Reason != "" {
		e.SetStr(event.EventReason, l.Reason)
	}
	outcome := "success"
	if l.Err != nil {
		outcome = "failure"
		e.SetStr(event.ErrorMessage, l.Err.Error())
	}
	e.SetStr(event.EventOutcome, outcome)
	e.Set(event.WeirQueryHits, event.Num(l.Hits))
	e.Set(event.WeirQueryTookMs, event.Num(l.TookMS))
	name := l.Who
	if name == "" {
		e.SetStr(event.UserID, strconv.Itoa(os.Getuid()))
		name = Self()
	}
	e.SetStr(event.UserName, name)
	e.Set(event.RelatedUser, event.Strs(name))
	if host, err := os.Hostname(); err == nil {
		e.SetStr(event.HostName, host)
	}
	e.SetStr(event.Message, fmt.Sprintf("%s by %s, hits: %d", l.Action, name, l.Hits))
	return e.AppendJSON(nil)
}

// Self is the name of the user that weir runs as, or the number where it has no name.
func Self() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}

// File holds what was looked at while no weir ran; the next start stores it. Who may delete it may delete the archive
// as well.
const File = "audit-pending.jsonl"

// Pend keeps a look for the next start. A line is appended with one write, so that several searches at once do not
// mix theirs, and synced, because the search may be the last thing that happens on this machine for long.
func Pend(dataDir string, doc []byte) error {
	f, err := os.OpenFile(filepath.Join(dataDir, File), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(doc, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}
