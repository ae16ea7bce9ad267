package ticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/template"
)

// request is a request with its templates. It never changes.
type request struct {
	method  string
	address *httpout.Address
	body    *template.Template
	kind    string // content type
	isJSON  bool
}

// newRequest reads a request of the configuration. method is what it is where nothing else is said.
func newRequest(d channel.Deps, key string, c Request, method string) (*request, error) {
	r := &request{kind: c.ContentType}
	var err error
	if r.method, err = httpout.Method(key+".method", c.Method, method); err != nil {
		return nil, err
	}
	if r.address, err = httpout.NewAddress(d, key+".url", c.URL); err != nil {
		return nil, err
	}
	if r.kind == "" {
		r.kind = "application/json"
	}
	if c.Body == "" {
		return r, nil
	}
	if r.body, err = template.Parse(key+".body", c.Body); err != nil {
		return nil, err
	}
	if r.isJSON = httpout.IsJSON(r.kind); r.isJSON {
		if err := r.body.CheckJSON(); err != nil {
			return nil, channel.Bad(key+".body", "cannot be used: "+err.Error(), "correct it, or say what it is with content_type")
		}
	}
	return r, nil
}

// uses tells whether a value stands in the request.
func (r *request) uses(name string) bool {
	return r.address.Uses(name) || r.body != nil && r.body.Uses(name)
}

// content is the body with its values, escaped for what the body is.
func (r *request) content(values template.Values) []byte {
	switch {
	case r.body == nil:
		return nil
	case r.isJSON:
		return []byte(r.body.Fill(values, template.JSON))
	}
	return []byte(r.body.Fill(values, template.Plain))
}

// maxID bounds a ticket's id. It is kept, and stands in addresses.
const maxID = 200

// path is a place in a JSON document: names of keys and numbers of items. It is no query language: an
// answer that has to be searched for the ticket's id is not worth a channel of its own.
type path struct {
	written string
	steps   []string // "[3]" is an item
}

// parsePath reads a place: issue.key, data[0].id, with or without $. before it.
func parsePath(written string) (path, error) {
	if written == "" {
		written = "id"
	}
	p := path{written: written}
	bad := channel.Bad("id", "is no place in a JSON answer", "write it as key, result.sys_id or issues[0].id")
	for part := range strings.SplitSeq(strings.TrimPrefix(written, "$."), ".") {
		name, items, _ := strings.Cut(part, "[")
		if name == "" && items == "" || strings.ContainsAny(name, "]* ") {
			return path{}, bad
		}
		if name != "" {
			p.steps = append(p.steps, name)
		}
		for items != "" {
			number, rest, closed := strings.Cut(items, "]")
			if n, err := strconv.Atoi(number); err != nil || n < 0 || !closed || rest != "" && rest[0] != '[' {
				return path{}, bad
			}
			p.steps = append(p.steps, "["+number)
			items = strings.TrimPrefix(rest, "[")
		}
	}
	return p, nil
}

// find is given an answer of at most 256 KiB, which may be anything. It returns what stands at the
// place: a text or a number, of at most 200 bytes and without control characters.
func (p path) find(doc []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber() // an id of 19 digits stays what it is
	var at any
	if err := decoder.Decode(&at); err != nil {
		return "", errors.New("it is no JSON")
	}
	for _, step := range p.steps {
		if number, is := strings.CutPrefix(step, "["); is {
			list, _ := at.([]any)
			n, err := strconv.Atoi(number)
			if err != nil || n >= len(list) {
				return "", errors.New("there is no item " + number)
			}
			at = list[n]
			continue
		}
		object, _ := at.(map[string]any)
		next, ok := object[step]
		if !ok {
			return "", errors.New("there is no `" + step + "`")
		}
		at = next
	}
	id := ""
	switch v := at.(type) {
	case string:
		id = v
	case json.Number:
		id = v.String()
	}
	switch {
	case id == "":
		return "", errors.New("what stands there is no text or number")
	case len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("what stands there is no id")
	}
	return id, nil
}
