package bulk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// filter names the parts of an answer that are read. The status of each item is asked for so that items keep their
// places: the server leaves out what a filter empties.
const filter = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by"

// fine is how an answer without any failed item begins. It is not decoded.
var fine = []byte(`{"errors":false`)

// item is the answer to one document.
type item struct {
	Status int      `json:"status"`
	Error  *problem `json:"error"`
}

// problem is why a server refuses something.
type problem struct {
	Type   string   `json:"type"`
	Reason string   `json:"reason"`
	Cause  *problem `json:"caused_by"`
}

// text returns the reason with the one behind it, which is the one that names the value.
func (p *problem) text() string {
	if p == nil {
		return ""
	}
	s := p.Reason
	for c := p.Cause; c != nil; c = c.Cause {
		if c.Reason != "" && !strings.Contains(s, c.Reason) {
			s += ": " + c.Reason
		}
	}
	return s
}

// allFine tells from the beginning of an answer that every document was created.
func allFine(answer []byte) bool { return bytes.HasPrefix(answer, fine) }

// parseAnswer reads the items of an answer to n documents. An answer with another number of items is no answer.
func parseAnswer(answer []byte, n int) ([]item, error) {
	var a struct {
		Items []map[string]item `json:"items"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("reading the answer to a bulk request: %w", err)
	}
	if len(a.Items) != n {
		return nil, fmt.Errorf("the answer to a bulk request of %d documents is about %d", n, len(a.Items))
	}
	out := make([]item, n)
	for i, m := range a.Items {
		if len(m) != 1 {
			return nil, fmt.Errorf("item %d of the answer to a bulk request has %d results", i, len(m))
		}
		for _, it := range m {
			out[i] = it
		}
	}
	return out, nil
}

// parseProblem reads the reason out of the answer to a request that was refused as a whole; what is no JSON is quoted.
func parseProblem(answer []byte) problem {
	var a struct {
		Error json.RawMessage `json:"error"`
	}
	var p problem
	if json.Unmarshal(answer, &a) == nil && len(a.Error) > 0 {
		if json.Unmarshal(a.Error, &p) == nil && (p.Reason != "" || p.Type != "") {
			return p
		}
		var text string
		if json.Unmarshal(a.Error, &text) == nil {
			return problem{Reason: text}
		}
	}
	const most = 200
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer[:min(len(answer), most)]), "")), " ")
	return problem{Reason: text}
}

// verdict is what to do about a document after an answer.
type verdict uint8

const (
	settled verdict = iota // its outcome stands
	again                  // soon
	held                   // when somebody has done something about it
)

// judge decides about one item. What the server cannot do now it may do later; what it refuses for the document's own
// sake it will always refuse. Between the two is what a person can mend: a block, a missing right, a full cluster.
func (it *item) judge() (verdict, Outcome) {
	e := it.Error
	kind := ""
	if e != nil {
		kind = e.Type
	}
	switch {
	case it.Status >= 200 && it.Status < 300:
		return settled, Outcome{Kind: Indexed}
	case it.Status == 409:
		return settled, Outcome{Kind: Conflict}
	case kind == "cluster_block_exception", kind == "security_exception", kind == "index_closed_exception", kind == "index_not_found_exception",
		kind == "validation_exception", kind == "invalid_index_name_exception", it.Status == 401, it.Status == 403, it.Status == 404:
		return held, Outcome{Type: kind, Reason: e.text()}
	case it.Status == 429, it.Status >= 500, it.Status == 408, it.Status == 0:
		return again, Outcome{Type: kind, Reason: e.text()}
	}
	return settled, Outcome{Kind: Refused, Type: kind, Reason: e.text()}
}
