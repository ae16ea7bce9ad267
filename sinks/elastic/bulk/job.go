package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// job is one call of Send: documents that go in one request at first, and in more or smaller ones where the server wants
// it so. One goroutine runs it.
type job struct {
	s      *Sender
	docs   []Doc
	settle func([]int32, Outcome)
	// open are runs of documents, each of one index, that are not settled.
	open  [][]int32
	tries int // attempts in a row without any progress
	// with are documents that another one of the same id takes along, by its place.
	with map[int32][]int32
}

// run sends until every document is settled, or ctx ends.
func (j *job) run(ctx context.Context) {
	j.open = runs(j.docs)
	j.join()
	for len(j.open) > 0 {
		places := j.next()
		if wait := j.attempt(ctx, places); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			for _, places := range j.open {
				j.settle(places, Outcome{Kind: GivenUp})
			}
			return
		}
	}
}

// runs groups the places of documents by index. Nearly always there is one group: an index is named in the request's
// path once, and not in each line.
func runs(docs []Doc) [][]int32 {
	var out [][]int32
	group := map[string]int{}
	for i := range docs {
		name := docs[i].Index
		// Documents come in the order of time, so the group of the last one is the usual one.
		if n := len(out); n > 0 && docs[out[n-1][0]].Index == name {
			out[n-1] = append(out[n-1], int32(i))
			continue
		}
		at, ok := group[name]
		if !ok {
			at = len(out)
			group[name] = at
			out = append(out, make([]int32, 0, len(docs)-i))
		}
		out[at] = append(out[at], int32(i))
	}
	return out
}

// next takes the next run off the list, at most as long as a request may be at this moment.
func (j *job) next() []int32 {
	places := j.open[0]
	limit, n := j.s.pace.size(), 0
	for i, at := range places {
		n += size(&j.docs[at])
		// A half more is still one request: what was gathered to be one should not be cut for its last few documents.
		if i > 0 && n > limit+limit/2 {
			j.open[0] = places[i:]
			return places[:i:i]
		}
	}
	j.open = j.open[1:]
	return places
}

// put puts documents back to the front.
func (j *job) put(places ...[]int32) {
	keep := make([][]int32, 0, len(places)+len(j.open))
	for _, p := range places {
		if len(p) > 0 {
			keep = append(keep, p)
		}
	}
	j.open = append(keep, j.open...)
}

// attempt sends one request and deals with its answer. It returns how long to wait before the next.
func (j *job) attempt(ctx context.Context, places []int32) (wait time.Duration) {
	index := j.docs[places[0]].Index
	if err := j.s.prepare(ctx, index); err != nil {
		j.put(places)
		if ctx.Err() == nil {
			j.s.notice.raise("prepare", prepareFault(index, err))
		}
		return j.pause(true)
	}
	places, wait, ok := j.merged(ctx, index, places)
	if !ok || len(places) == 0 {
		return wait
	}
	status, answer, err := j.send(ctx, index, places)
	switch {
	case err != nil:
		j.put(places)
		if ctx.Err() != nil {
			return 0
		}
		j.s.pace.slower()
		j.s.notice.raise("unreachable", Unreachable(err))
		return j.pause(false)
	case status == http.StatusOK:
		return j.answered(places, answer)
	}
	return j.refused(places, status, answer)
}

// maxAnswer bounds what is read of an answer: 200 bytes for each document of the largest request.
const maxAnswer = 64 << 20

// send makes one request of documents and returns its answer.
func (j *job) send(ctx context.Context, index string, places []int32) (status int, answer []byte, err error) {
	body := &stream{docs: j.docs, places: places}
	if !j.s.opts.Gzip {
		return j.post(ctx, index, body, body.length())
	}
	p := packs.Get().(*packed)
	if err := p.fill(body); err != nil {
		return 0, nil, err
	}
	r := &reader{}
	r.Reset(p.out.Bytes())
	status, answer, err = j.post(ctx, index, r, int64(p.out.Len()))
	if r.closed.Load() {
		packs.Put(p)
	}
	return status, answer, err
}

// post sends one request.
func (j *job) post(ctx context.Context, index string, body io.ReadCloser, length int64) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, j.s.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/"+index+"/_bulk?filter_path="+filter, body)
	if err != nil {
		return 0, nil, fmt.Errorf("making a bulk request: %w", err)
	}
	req.ContentLength = length
	req.Header["Content-Type"] = contentType
	if j.s.opts.Gzip {
		req.Header["Content-Encoding"] = contentEncoding
	}
	res, err := j.s.opts.Client.Perform(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no answer in %s: %w", j.s.opts.Timeout, err)
		}
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = readAnswer(res)
	return res.StatusCode, answer, err
}

var contentType, contentEncoding = []string{"application/x-ndjson"}, []string{"gzip"}

// readAnswer reads an answer; of one that says that all is fine only the beginning is kept.
func readAnswer(res *http.Response) ([]byte, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(res.Body, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return head[:n], nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	if res.StatusCode == http.StatusOK && allFine(head) {
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return nil, fmt.Errorf("reading an answer: %w", err)
		}
		return head, nil
	}
	rest, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	return append(head, rest...), nil
}

// answered deals with the answer to a request that the server took.
func (j *job) answered(places []int32, answer []byte) time.Duration {
	if allFine(answer) {
		j.settle(places, Outcome{Kind: Indexed})
		j.well()
		return 0
	}
	items, err := parseAnswer(answer, len(places))
	if err != nil {
		j.put(places)
		j.s.notice.raise("answer", answerFault(http.StatusOK, err.Error()))
		return j.pause(true)
	}
	var left []int32
	busy, waits := false, false
	for i := range items {
		v, o := items[i].judge()
		if j.docs[places[i]].Merge != nil && o.Kind == Conflict {
			v = again // somebody else was faster: it is merged with what they stored
		}
		switch v {
		case settled:
			j.settle(places[i:i+1], o)
			continue
		case again:
			busy = true
		case held:
			waits = true
			index := j.docs[places[i]].Index
			j.s.notice.raise("index "+index, heldFault(index, items[i].Status, o))
		}
		left = append(left, places[i])
	}
	if len(left) < len(items) {
		j.tries = 0
	}
	if len(left) == 0 {
		j.well()
		return 0
	}
	j.put(left)
	if busy {
		j.s.pace.slower()
	}
	return j.pause(waits)
}

// well is called after a request of which everything is settled.
func (j *job) well() {
	j.tries = 0
	j.s.pace.faster()
	if j.s.notice.clear() {
		j.s.forget()
	}
}

// refused deals with a request that was refused as a whole.
func (j *job) refused(places []int32, status int, answer []byte) time.Duration {
	p := parseProblem(answer)
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return j.halve(places, Outcome{Kind: Refused, Type: "too_large", Reason: tooLarge(p, j.docs[places[0]])}, true)
	case status == http.StatusBadRequest && !holds(p.Type):
		// One document spoils the request for all: found by halves.
		return j.halve(places, Outcome{Kind: Refused, Type: p.Type, Reason: p.text()}, false)
	case status == http.StatusTooManyRequests, status >= 500, status == http.StatusRequestTimeout:
		j.put(places)
		j.s.pace.slower()
		j.s.notice.raise("busy", busyFault(status, p.text()))
		return j.pause(false)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		j.put(places)
		j.s.notice.raise("rights", rightsFault(status, p.text()))
		return j.pause(true)
	}
	j.put(places)
	j.s.notice.raise("answer", answerFault(status, p.text()))
	return j.pause(true)
}

// holds tells whether a refusal is about the index and not about the documents.
func holds(kind string) bool {
	it := item{Status: http.StatusBadRequest, Error: &problem{Type: kind}}
	v, _ := it.judge()
	return v == held
}

// tooLarge says why a single document was refused for its size.
func tooLarge(p problem, d Doc) string {
	s := fmt.Sprintf("the document has %d bytes", len(d.JSON))
	if p.text() != "" {
		s += ": " + p.text()
	}
	return s
}

// halve splits documents that were refused together. The outcome is that of a single one. large says that it was the size.
func (j *job) halve(places []int32, o Outcome, large bool) time.Duration {
	if len(places) == 1 {
		j.settle(places, o)
		j.tries = 0
		return 0
	}
	if large {
		n := 0
		for _, at := range places {
			n += size(&j.docs[at])
		}
		j.s.pace.smaller(n)
	}
	half := len(places) / 2
	j.put(places[:half:half], places[half:])
	return 0
}

// pause returns the wait before the next attempt: doubled with each one that brought nothing, and never the same for all,
// so that they do not come together. long is for what a person has to mend.
func (j *job) pause(long bool) time.Duration {
	d := min(j.s.opts.PauseMin<<min(j.tries, 16), j.s.opts.PauseMax)
	j.tries++
	if long {
		d = j.s.opts.PauseMax
	}
	return d/2 + rand.N(d/2+1)
}
