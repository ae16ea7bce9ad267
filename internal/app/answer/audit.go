package answer

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

// AuditDoc is the ECS document of one look. The user is the one that weir runs as: the control socket is readable by that
// user alone, so there is nobody else who could have asked.
func AuditDoc(action, kql string, hits, tookMS int64, failed error) []byte {
	var e event.Event
	now := time.Now()
	e.Set(event.Timestamp, event.At(now))
	e.Set(event.EventCreated, event.At(now))
	e.Set(event.WeirTime, event.At(now))
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "event")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, AuditDataset)
	e.SetStr(event.EventAction, action)
	e.Set(event.EventCategory, event.Strs("database"))
	e.Set(event.EventType, event.Strs("access"))
	e.SetStr(event.WeirInput, normalise.InputAudit)
	e.SetStr(event.WeirClass, "audit")
	e.SetStr(event.WeirQueryKQL, kql)
	outcome := "success"
	if failed != nil {
		outcome = "failure"
		e.SetStr(event.ErrorMessage, failed.Error())
	}
	e.SetStr(event.EventOutcome, outcome)
	e.Set(event.WeirQueryHits, event.Num(hits))
	e.Set(event.WeirQueryTookMs, event.Num(tookMS))
	e.SetStr(event.UserID, strconv.Itoa(os.Getuid()))
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	e.SetStr(event.UserName, name)
	e.Set(event.RelatedUser, event.Strs(name))
	if host, err := os.Hostname(); err == nil {
		e.SetStr(event.HostName, host)
	}
	e.SetStr(event.Message, fmt.Sprintf("%s by %s, hits: %d", action, name, hits))
	return e.AppendJSON(nil)
}

// AuditFile holds what was looked at while no weir ran; the next start stores it. Who may delete it may delete the archive
// as well.
const AuditFile = "audit-pending.jsonl"

// PendAudit keeps a look for the next start. A line is appended with one write, so that several searches at once do not
// mix theirs, and synced, because the search may be the last thing that happens on this machine for long.
func PendAudit(dataDir string, doc []byte) error {
	f, err := os.OpenFile(filepath.Join(dataDir, AuditFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(doc, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}
