package threat

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// mispAttribute is one attribute of a MISP event (MISP core format, draft-dulaunoy-misp-core-format).
type mispAttribute struct {
	Type    string `json:"type"`
	Value   string `json:"value"`
	ToIDs   *bool  `json:"to_ids"`
	Deleted bool   `json:"deleted"`
}

// mispEvent is what of an event matters here. The attributes of objects count like its own.
type mispEvent struct {
	Info       string          `json:"info"`
	Attributes []mispAttribute `json:"Attribute"`
	Objects    []struct {
		Deleted    bool            `json:"deleted"`
		Attributes []mispAttribute `json:"Attribute"`
	} `json:"Object"`
}

// mispParts are the kinds of an attribute's value, of which composite types have two, parted by "|".
var mispParts = map[string][]Kind{
	"ip-src": {IP}, "ip-dst": {IP}, "ip-src|port": {IP}, "ip-dst|port": {IP}, "domain": {Domain}, "hostname": {Domain}, "hostname|port": {Domain},
	"domain|ip": {Domain, IP}, "url": {URL}, "uri": {URL}, "link": nil, "md5": {Hash}, "sha1": {Hash}, "sha256": {Hash}, "sha512": {Hash}, "sha384": {Hash},
	"filename|md5": {0, Hash}, "filename|sha1": {0, Hash}, "filename|sha256": {0, Hash}, "filename|sha512": {0, Hash}, "malware-sample": {0, Hash},
}

// readMISP reads one event, a list of events, or what the API's search returns.
//
// An export has one event in a file, a feed has thousands one after the other: each is read and forgotten before the next, so that
// memory is bounded by the largest event.
func (s *source) readMISP(r *bufio.Reader) error {
	dec := json.NewDecoder(r)
	if head, _ := r.Peek(256); bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("[")) {
		return eachItem(dec, func() error { return s.mispValue(dec) })
	}
	for {
		if err := s.mispValue(dec); err != nil {
			return err
		}
		if !dec.More() {
			return nil
		}
	}
}

// mispDocument is any of the forms in which events come.
type mispDocument struct {
	Event    *mispEvent      `json:"Event"`
	Response json.RawMessage `json:"response"`
	mispEvent
}

// mispValue reads the value that dec stands before: an array is read item by item.
func (s *source) mispValue(dec *json.Decoder) error {
	var raw json.RawMessage
	if err := decode(dec, &raw); err != nil {
		return err
	}
	return s.mispRaw(raw)
}

// mispRaw takes the events of one value, whatever its form. JSON that is none of these forms is an error of the whole source: it would else be a feed that is quietly empty.
func (s *source) mispRaw(raw json.RawMessage) error {
	if raw[0] == '[' {
		inner := json.NewDecoder(strings.NewReader(string(raw)))
		return eachItem(inner, func() error { return s.mispValue(inner) })
	}
	var doc mispDocument
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("reading an event of MISP: %w", err)
	}
	switch {
	case doc.Event != nil:
		return s.mispEvent(doc.Event)
	case len(doc.Response) > 0:
		return s.mispResponse(doc.Response)
	case doc.Attributes == nil && doc.Objects == nil:
		return fmt.Errorf("this JSON is neither a bundle of STIX nor an event of MISP")
	}
	return s.mispEvent(&doc.mispEvent)
}

// mispResponse reads what a search returned: events, or attributes alone.
func (s *source) mispResponse(raw json.RawMessage) error {
	if raw[0] == '[' {
		return s.mispRaw(raw)
	}
	var list struct {
		Attributes []mispAttribute `json:"Attribute"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("reading attributes of MISP: %w", err)
	}
	return s.mispEvent(&mispEvent{Attributes: list.Attributes})
}

// mispEvent takes the attributes that are meant for detection.
func (s *source) mispEvent(e *mispEvent) error {
	lists := [][]mispAttribute{e.Attributes}
	for _, o := range e.Objects {
		if !o.Deleted {
			lists = append(lists, o.Attributes)
		}
	}
	for _, list := range lists {
		for _, a := range list {
			if err := s.mispAttribute(e.Info, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// mispAttribute takes one attribute. Attributes without to_ids are taken, as older exports leave it out; one that says false was put there for people to read, and would
// raise false alarms. Values with two parts give each part that an event can have.
func (s *source) mispAttribute(info string, a mispAttribute) error {
	kinds := mispParts[a.Type]
	if a.Deleted || a.ToIDs != nil && !*a.ToIDs || len(kinds) == 0 {
		s.count.Skipped++
		return nil
	}
	parts := strings.Split(a.Value, "|")
	for i, k := range kinds {
		if k == 0 {
			continue
		}
		if i >= len(parts) {
			s.broken(fmt.Sprintf("%q is no %s", a.Value, a.Type))
			return nil
		}
		if err := s.take(narrow(Indicator{Kind: k, Value: parts[i], Description: info, Confidence: -1})); err != nil {
			return err
		}
	}
	return nil
}
