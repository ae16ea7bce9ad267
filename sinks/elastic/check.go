package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/sinks/elastic/indices"
)

// checker compares some of the documents that were there already with those that are stored under their id. They must
// say the same: an id stands for one event for ever. Where they do not, two events have one id, or somebody changed a
// stored document.
type checker struct {
	client  indices.Doer
	differs func(*suspect)
	offered chan *suspect
}

// suspect is a document that was there already.
type suspect struct {
	index, id string
	json      []byte
	w         *worker
	rec       *kgo.Record
}

const (
	// checkEvery bounds how often documents are compared, checkAtOnce how many.
	checkEvery  = time.Second
	checkAtOnce = 10
)

func newChecker(client indices.Doer, differs func(*suspect)) *checker {
	return &checker{client: client, differs: differs, offered: make(chan *suspect, checkAtOnce)}
}

// offer takes a document that was there already, if there is room. The bytes are copied.
func (c *checker) offer(index string, id, doc []byte, w *worker, rec *kgo.Record) {
	if rec.Offset < 0 || len(c.offered) == cap(c.offered) {
		return // a sample is enough; what comes from the archive has no record
	}
	// The id is the inside of a JSON string.
	var text string
	if json.Unmarshal(append(append([]byte{'"'}, id...), '"'), &text) != nil {
		return
	}
	select {
	case c.offered <- &suspect{index: index, id: text, json: bytes.Clone(doc), w: w, rec: rec}:
	default:
	}
}

// run compares what is offered until ctx ends.
func (c *checker) run(ctx context.Context) {
	for {
		var list []*suspect
		select {
		case s := <-c.offered:
			list = append(list, s)
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(checkEvery):
		case <-ctx.Done():
			return
		}
		for len(c.offered) > 0 {
			list = append(list, <-c.offered)
		}
		// What cannot be read is not compared: it says nothing about the documents.
		if stored, err := c.fetch(ctx, list); err == nil {
			for i, s := range list {
				if stored[i] != nil && !sameDocument(s.json, stored[i]) && !newer(stored[i], s.json) {
					c.differs(s)
				}
			}
		}
	}
}

// fetch reads the stored documents; nil stands for one that is not there any more.
func (c *checker) fetch(ctx context.Context, list []*suspect) ([]json.RawMessage, error) {
	type want struct {
		Index string `json:"_index"`
		ID    string `json:"_id"`
	}
	ask := struct {
		Docs []want `json:"docs"`
	}{}
	for _, s := range list {
		ask.Docs = append(ask.Docs, want{s.index, s.id})
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("asking for documents: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/_mget?filter_path=docs._source,docs.found", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking for documents: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Perform(req)
	if err != nil {
		return nil, fmt.Errorf("asking for documents: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking for documents: status %d", res.StatusCode)
	}
	var got struct {
		Docs []struct {
			Found  bool
			Source json.RawMessage `json:"_source"`
		}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 256<<20)).Decode(&got); err != nil {
		return nil, fmt.Errorf("reading documents: %w", err)
	}
	if len(got.Docs) != len(list) {
		return nil, fmt.Errorf("asked for %d documents, got %d", len(list), len(got.Docs))
	}
	out := make([]json.RawMessage, len(list))
	for i, d := range got.Docs {
		if d.Found {
			out[i] = d.Source
		}
	}
	return out, nil
}

// newer tells whether a is a later revision of the event that b is: then it may say something else.
func newer(a, b []byte) bool {
	x, okA := peek(a)
	y, okB := peek(b)
	return okA && okB && x.revised && x.revision > y.revision
}

// sameDocument compares two documents by what they say. When they were made is no part of it: a normalise that died before
// it could say that it was done makes them again.
func sameDocument(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errA := decodeDocument(a)
	y, errB := decodeDocument(b)
	return errA == nil && errB == nil && reflect.DeepEqual(x, y)
}

func decodeDocument(b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	if e, ok := m["event"].(map[string]any); ok {
		delete(e, "ingested")
	}
	return m, nil
}
