package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Documents that are merged are read, made anew and written if nobody else wrote meanwhile; else all of it again. The server
// needs no script for it, which some sites forbid, and nothing is lost whoever writes beside.

// join lets documents of one id that are to be merged go as one: the first takes the others along. Each by itself would meet
// the one before it as somebody else's.
func (j *job) join() {
	lead := map[string]int32{}
	for i, places := range j.open {
		kept := places[:0:0]
		for _, at := range places {
			d := &j.docs[at]
			if d.Merge == nil {
				kept = append(kept, at)
				continue
			}
			key := d.Index + "\x00" + string(d.ID)
			first, ok := lead[key]
			if !ok {
				lead[key] = at
				kept = append(kept, at)
				continue
			}
			j.docs[first].Merge = both(j.docs[first].Merge, d.Merge)
			if j.with == nil {
				j.with = map[int32][]int32{}
			}
			j.with[first] = append(j.with[first], at)
		}
		j.open[i] = kept
	}
	j.open = slices.DeleteFunc(j.open, func(places []int32) bool { return len(places) == 0 })
	if j.with == nil {
		return
	}
	settle := j.settle
	j.settle = func(places []int32, o Outcome) {
		for _, at := range places {
			if more := j.with[at]; len(more) > 0 {
				settle(more, o)
			}
		}
		settle(places, o)
	}
}

// both merges twice.
func both(a, b func([]byte) ([]byte, error)) func([]byte) ([]byte, error) {
	return func(stored []byte) ([]byte, error) {
		one, err := a(stored)
		if err != nil {
			return nil, err
		}
		if one != nil {
			stored = one
		}
		two, err := b(stored)
		if err != nil || two != nil {
			return two, err
		}
		return one, nil
	}
}

// found is a document as the server has it.
type found struct {
	Found   bool            `json:"found"`
	Source  json.RawMessage `json:"_source"`
	Seq     int64           `json:"_seq_no"`
	Primary int64           `json:"_primary_term"`
}

// merged makes those documents of a run that are to be merged, and returns what is to be sent. Those that the server has
// already are settled. ok is false where it cannot be done now; then everything was put back.
func (j *job) merged(ctx context.Context, index string, places []int32) (send []int32, wait time.Duration, ok bool) {
	var ids []string
	for _, at := range places {
		if d := &j.docs[at]; d.Merge != nil {
			ids = append(ids, plainID(d.ID))
		}
	}
	if len(ids) == 0 {
		return places, 0, true
	}
	stored, status, answer, err := j.fetch(ctx, index, ids)
	switch {
	case err != nil:
		j.put(places)
		if ctx.Err() != nil {
			return nil, 0, false
		}
		j.s.notice.raise("unreachable", Unreachable(err))
		return nil, j.pause(false), false
	case stored == nil:
		return nil, j.refused(places, status, answer), false
	}
	// The transport of an earlier attempt may still read the documents of that one.
	j.docs = slices.Clone(j.docs)
	n := 0
	for _, at := range places {
		d := &j.docs[at]
		if d.Merge == nil {
			send = append(send, at)
			continue
		}
		have := stored[n]
		n++
		doc, err := d.Merge(have.Source)
		switch {
		case err != nil:
			j.settle([]int32{at}, Outcome{Kind: Refused, Type: "merge", Reason: err.Error()})
			continue
		case doc == nil:
			j.settle([]int32{at}, Outcome{Kind: Indexed})
			continue
		}
		d.JSON, d.end = bytes.ReplaceAll(doc, []byte{'\n'}, []byte{' '}), ""
		if have.Found {
			d.end = fmt.Sprintf(mermiddle, have.Seq, have.Primary)
		}
		send = append(send, at)
	}
	if len(send) == 0 {
		j.well()
	}
	return send, 0, true
}

// plainID is the id that stands inside of a JSON string.
func plainID(id []byte) string {
	var text string
	if json.Unmarshal(append(append([]byte{'"'}, id...), '"'), &text) != nil {
		return string(id)
	}
	return text
}

// fetch asks for documents by their ids. Without an error and without documents the server refused, with the status and the
// answer that say why.
func (j *job) fetch(ctx context.Context, index string, ids []string) (list []found, status int, answer []byte, err error) {
	body, err := json.Marshal(map[string][]string{"ids": ids})
	if err != nil {
		return nil, 0, nil, fmt.Errorf("asking for documents: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, j.s.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/"+index+"/_mget?filter_path=docs.found,docs._source,docs._seq_no,docs._primary_term,docs._id", bytes.NewReader(body))
	if err != nil {
		return nil, 0, nil, fmt.Errorf("asking for documents: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := j.s.opts.Client.Perform(req)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("asking for documents: %w", err)
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer)); err != nil {
		return nil, 0, nil, fmt.Errorf("reading documents: %w", err)
	}
	if res.StatusCode == http.StatusNotFound { // the index is made with the first document
		return make([]found, len(ids)), res.StatusCode, nil, nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, res.StatusCode, answer, nil
	}
	var got struct{ Docs []found }
	if err := json.Unmarshal(answer, &got); err != nil {
		return nil, 0, nil, fmt.Errorf("reading documents: %w", err)
	}
	if len(got.Docs) != len(ids) {
		return nil, 0, nil, errors.New("reading documents: the answer is about others than were asked for")
	}
	return got.Docs, res.StatusCode, answer, nil
}
