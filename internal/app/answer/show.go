package answer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"weir/event"
	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/canary"
	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/processors/normalise"
	"weir/rules/coverage"
)

// parseQuery reads a KQL query; empty is everything but weir's records of itself, who searched and what the rules were
// tried on, which a query that names a field of weir (weir.audit, weir.coverage, weir.class) finds. The warnings name fields that no list knows.
func parseQuery(kql string) (*query.Query, []*fault.Error, error) {
	q, err := query.Parse(kql)
	if err != nil {
		return nil, nil, err
	}
	asked := q // its columns are those that the user sees
	if !strings.Contains(kql, "weir.") {
		// Who searched is in the archive too. A search for a word should not find the searches for it.
		shown := `not event.dataset: ("` + auditing.Dataset + `" or "` + coverage.Dataset + `" or "` + canary.Dataset + `") and not rule.id: "` + canary.Rule + `"`
		if kql = strings.TrimSpace(kql); kql != "" {
			shown = "(" + kql + ") and " + shown
		}
		if q, err = query.Parse(shown); err != nil {
			return nil, nil, err
		}
	}
	return q, asked.Unknown(func(path string) bool {
		_, known := event.MakeRef(path).Field()
		return known
	}), nil
}

// asksRevisions tells whether a query is about revisions, so that all of them are searched: weir.revision: 1 would find
// nothing of an event that was revised.
func asksRevisions(kql string) bool {
	return strings.Contains(kql, "weir.revision") || strings.Contains(kql, "weir.revised")
}

// DeadLetters finds dead letters: they are documents of the archive like any other. Their raw bytes are in
// event.original where they are text, else in base64 beside it. One that was redriven has a newer revision, which is no
// open dead letter any more.
func DeadLetters(ctx context.Context, ar *archive.Archive, r control.DeadLettersRequest) ([]control.DeadLetter, error) {
	filter := redo.Request{Reason: r.Reason, Input: r.Input, Query: r.Query}
	kql := filter.DeadLetters()
	if r.Stage != "" {
		kql += " and weir.deadletter.stage: " + redo.Quote(r.Stage)
	}
	if _, err := query.Parse(r.Query); err != nil { // before it is put in brackets, where its caret would be off
		return nil, err
	}
	q, err := query.Parse(kql)
	if err != nil {
		return nil, err
	}
	size := r.Size
	if size == 0 || r.ID != "" || r.Source != "" || r.Dataset != "" || r.All {
		size = maxDeadLetters
	}
	out, err := letters(ctx, ar, r, search.Request{Query: q, From: r.From, To: r.To, Size: size, Revisions: r.All})
	if err == nil && r.All {
		out, err = outcomes(ctx, ar, out)
	}
	if r.Size > 0 && len(out) > r.Size {
		out = out[:r.Size]
	}
	return out, err
}

// letters reads dead letters from an archive.
func letters(ctx context.Context, ar *archive.Archive, r control.DeadLettersRequest, req search.Request) (out []control.DeadLetter, err error) {
	_, err = ar.Search(ctx, req, func(_ []byte, e *event.Event) error {
		d := control.DeadLetter{
			ID: e.Get(event.EventID).Text(), Time: e.Get(event.EventCreated).Time(), Stage: e.Get(event.WeirDeadletterStage).Text(), Reason: e.Get(event.WeirDeadletterReason).Text(),
			Detail: e.Get(event.ErrorMessage).Text(), Source: e.Get(event.WeirInput).Text() + "/" + e.Get(event.LogSourceAddress).Text(), Raw: []byte(e.Get(event.EventOriginal).Text()),
			Revision: max(1, e.Get(event.WeirRevision).Int()), State: redo.StateOpen,
		}
		if b64 := e.Get(event.WeirOriginalBase64).Text(); b64 != "" {
			raw, err := base64.StdEncoding.DecodeString(b64)
			if err != nil {
				return fmt.Errorf("dead letter %s: %w", d.ID, err)
			}
			d.Raw = raw
		}
		d = cloneLetter(d)
		if r.Holds(d.ID, d.Source, d.Detail) {
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// outcomes keeps the newest revision of each dead letter, and says what became of it: whether the newest document of its
// id is still an open dead letter, one that is closed, or an event.
func outcomes(ctx context.Context, ar *archive.Archive, list []control.DeadLetter) ([]control.DeadLetter, error) {
	newest := map[string]int{}
	kept := list[:0]
	for _, d := range list {
		at, ok := newest[d.ID]
		switch {
		case !ok:
			newest[d.ID] = len(kept)
			kept = append(kept, d)
		case d.Revision > kept[at].Revision:
			kept[at] = d
		}
	}
	for from := 0; from < len(kept); from += idsAtOnce {
		part := kept[from:min(from+idsAtOnce, len(kept))]
		if err := stateOf(ctx, ar, part); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// idsAtOnce bounds the terms of one query.
const idsAtOnce = 500

// stateOf looks up what the newest document of each id is.
func stateOf(ctx context.Context, ar *archive.Archive, list []control.DeadLetter) error {
	at := map[string]int{}
	terms := make([]string, len(list))
	for i, d := range list {
		at[d.ID], terms[i] = i, redo.Quote(d.ID)
	}
	q, err := query.Parse("event.id: (" + strings.Join(terms, " or ") + ")")
	if err != nil {
		return err
	}
	fields := []event.Field{event.EventID, event.EventDataset, event.WeirDeadletterOutcome}
	_, err = ar.Search(ctx, search.Request{Query: q, Size: len(list), Fields: fields}, func(_ []byte, e *event.Event) error {
		i, ok := at[e.Str(event.EventID)]
		switch outcome := e.Str(event.WeirDeadletterOutcome); {
		case !ok:
		case e.Str(event.EventDataset) != normalise.DeadLetterDataset:
			list[i].State = StateRedriven
		case outcome != "":
			list[i].State = strings.Clone(outcome)
		}
		return nil
	})
	return err
}

// StateRedriven is the state of a dead letter whose record is an event now.
const StateRedriven = "redriven"

// maxDeadLetters bounds how many dead letters one question looks at. The beginning of an id or of a source is no term of
// KQL, so those are compared here, one by one.
const maxDeadLetters = 100_000

// cloneLetter copies what aliases the event, whose memory the next hit takes.
func cloneLetter(d control.DeadLetter) control.DeadLetter {
	for _, s := range []*string{&d.ID, &d.Stage, &d.Reason, &d.Detail, &d.Source} {
		*s = strings.Clone(*s)
	}
	d.Raw = append([]byte(nil), d.Raw...)
	return d
}

// findEvents returns the documents of some event ids, as far as the archive has them. Ids are of weir's own making, so
// they need no escaping.
func findEvents(ctx context.Context, ar *archive.Archive, ids []string) (map[string]json.RawMessage, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = `"` + id + `"`
	}
	q, err := query.Parse("event.id: (" + strings.Join(quoted, " or ") + ")")
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	_, err = ar.Search(ctx, search.Request{Query: q, Size: len(ids)}, func(doc []byte, e *event.Event) error {
		out[strings.Clone(e.Str(event.EventID))] = rawJSON(doc)
		return nil
	})
	return out, err
}

// Names gives devices their names.
type Names interface {
	NameOf(address string) string
}

// displaySource replaces the address of a ledger source by the device's name: input/address becomes input/name. What has
// no slash (the counts of all sources beyond the bound) is no device.
func displaySource(source string, names Names) string {
	input, addr, ok := strings.Cut(source, "/")
	if !ok || names == nil {
		return source
	}
	if name := names.NameOf(addr); name != "" {
		return input + "/" + name
	}
	return source
}

// sizeOf returns the size of a file, 0 if it is gone by now.
func sizeOf(d fs.DirEntry) int64 {
	info, err := d.Info()
	if err != nil {
		return 0
	}
	return info.Size()
}

// DiskUse returns the bytes below dir and the bytes free on its disk, for this user: what is kept for root is not free.
func DiskUse(dir string) (used, free int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			used += sizeOf(d)
		}
		return nil // files come and go while a weir runs
	})
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err == nil {
		free = int64(st.Bavail) * st.Bsize
	}
	return used, free
}
