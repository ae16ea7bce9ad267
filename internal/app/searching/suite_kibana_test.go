package searching_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/query"
)

// object is one JSON object.
type object = map[string]any

// cannotSay is why Elasticsearch cannot be asked something as Kibana would ask it: what this project's KQL has besides.
type cannotSay string

func (c cannotSay) Error() string { return string(c) }

// month is a date without a day. Elasticsearch takes it for its first day, here it is all of it.
var month = regexp.MustCompile(`^\d{4}(-\d{2})?$`)

const wholeMonth = "a month or a year as a whole"

// kibana writes a query as Kibana sends it to Elasticsearch: presence as exists, values as match and match_phrase, words
// without a field as multi_match over all fields, stars as wildcard on keywords and query_string elsewhere, ranges as range.
func kibana(n query.Node) (object, error) {
	switch n := n.(type) {
	case *query.All:
		return object{"match_all": object{}}, nil
	case *query.And:
		return boolean("filter", n.Nodes)
	case *query.Or:
		return boolean("should", n.Nodes)
	case *query.Not:
		return boolean("must_not", []query.Node{n.Node})
	case *query.Exists:
		return eachField(n.Field, func(path string, typ ecs.Type) (object, error) {
			return object{"exists": object{"field": path}}, nil
		})
	case *query.Range:
		op := map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}[n.Op]
		return eachField(n.Field, func(path string, typ ecs.Type) (object, error) {
			switch typ {
			case ecs.Flattened, ecs.Nested, ecs.Text:
				return nil, cannotSay("an order of values that Elasticsearch compares as text")
			case ecs.Date:
				if month.MatchString(n.Value.Text) && (op == "gt" || op == "lte") {
					return nil, cannotSay(wholeMonth)
				}
			}
			return object{"range": object{path: object{op: n.Value.Text}}}, nil
		})
	case *query.Term:
		if n.Field.Text == "" {
			return freeText(n.Value)
		}
		return eachField(n.Field, func(path string, typ ecs.Type) (object, error) {
			if n.Field.Wild() && !holds(typ, n.Value.Text) {
				return nil, errPassed
			}
			return term(path, typ, n.Value)
		})
	}
	return nil, cannotSay(fmt.Sprintf("%T", n))
}

// boolean joins conditions.
func boolean(how string, nodes []query.Node) (object, error) {
	var list []object
	for _, n := range nodes {
		q, err := kibana(n)
		if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	b := object{how: list}
	if how == "should" {
		b["minimum_should_match"] = 1
	}
	return object{"bool": b}, nil
}

// eachField asks of the fields that a name stands for, any of which may hold.
func eachField(field query.Lit, ask func(path string, typ ecs.Type) (object, error)) (object, error) {
	if !field.Wild() {
		path := field.Text
		f, ok := event.Lookup(path)
		switch {
		case ok && (f == event.EventOriginal || f == event.WeirOriginalBase64):
			return nil, cannotSay("a field that is not indexed")
		case open(path): // also for names that are fields of their own here
			return ask(path, ecs.Flattened)
		case ok:
			return ask(path, f.Type())
		}
		for _, f := range event.Fields() {
			if strings.HasPrefix(f.Path(), path+".") {
				return ask(path, ecs.Keyword) // the name of an object: only presence is asked of it
			}
		}
		return object{"match_none": object{}}, nil
	}
	var list []object
	for _, f := range event.Fields() {
		if !field.Match(f.Path()) || open(f.Path()) || f == event.EventOriginal || f == event.WeirOriginalBase64 || f.Type() == ecs.GeoPoint {
			continue
		}
		if f.Type() == ecs.Flattened || f.Type() == ecs.Nested {
			return nil, cannotSay("a pattern of names that reaches into an open field")
		}
		q, err := ask(f.Path(), f.Type())
		if err == errPassed { //nolint:errorlint // it is returned as it is
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	if len(list) == 0 || len(list) > 400 {
		return nil, cannotSay("a pattern of names that fits no field, or very many")
	}
	return object{"bool": object{"should": list, "minimum_should_match": 1}}, nil
}

// errPassed means that a field of a pattern cannot hold the value: here it is passed over, Kibana makes an error of it.
var errPassed = errors.New("passed over")

// holds tells whether a type can hold a value.
func holds(typ ecs.Type, s string) bool {
	switch typ {
	case ecs.Long, ecs.Double:
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	case ecs.Date:
		return s != "" && s[0] >= '0' && s[0] <= '9'
	case ecs.Boolean:
		return s == "true" || s == "false"
	case ecs.IP:
		_, err := netip.ParseAddr(s)
		_, err2 := netip.ParsePrefix(s)
		return err == nil || err2 == nil
	}
	return true
}

// open tells whether a path lies below a field that takes any key.
func open(path string) bool {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f, ok := event.Lookup(path[:i]); ok && (f.Type() == ecs.Flattened || f.Type() == ecs.Nested) {
			return true
		}
	}
	return false
}

// term asks for a value of one field.
func term(path string, typ ecs.Type, v query.Lit) (object, error) {
	if v.Wild() {
		switch typ {
		case ecs.Keyword:
			return object{"wildcard": object{path: object{"value": pattern(v, `*?\`)}}}, nil
		case ecs.Text:
			return object{"query_string": object{"fields": []string{path}, "query": pattern(v, special)}}, nil
		}
		return nil, cannotSay("a star in a value that is no text")
	}
	switch typ {
	case ecs.Date:
		if month.MatchString(v.Text) {
			return nil, cannotSay(wholeMonth)
		}
		return object{"range": object{path: object{"gte": v.Text, "lte": v.Text}}}, nil
	case ecs.GeoPoint:
		return nil, cannotSay("a place on earth")
	}
	how, value := "match", v.Text
	if v.Quoted {
		how = "match_phrase"
	}
	if typ == ecs.Text {
		value = strings.ReplaceAll(value, ":", " ") // as in the documents
	}
	return object{how: object{path: object{"query": value}}}, nil
}

// freeText asks all fields.
func freeText(v query.Lit) (object, error) {
	if v.Wild() {
		return object{"query_string": object{"query": pattern(v, special), "lenient": true}}, nil
	}
	how := "best_fields"
	if v.Quoted {
		how = "phrase"
	}
	return object{"multi_match": object{"type": how, "query": v.Text, "lenient": true}}, nil
}

// special are the characters that query_string gives a meaning.
const special = `+-=&|><!(){}[]^"~*?:\/`

// pattern writes a value with stars, everything else in it meant as it is.
func pattern(v query.Lit, escape string) string {
	parts := make([]string, len(v.Parts))
	for i, p := range v.Parts {
		var b strings.Builder
		for _, r := range p {
			if strings.ContainsRune(escape, r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		parts[i] = b.String()
	}
	return strings.Join(parts, "*")
}

// text writes an object for a message.
func text(o any) string {
	b, err := json.Marshal(o)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
