package column_test

import (
	"testing"

	"weir/event"
	"weir/internal/archive/column"
)

func TestNames_GoBothWays(t *testing.T) {
	ids := []column.ID{column.Rest, column.Raw, column.Head}
	for _, f := range event.Fields() {
		ids = append(ids, column.ID(f))
	}
	seen := map[string]bool{}
	for _, id := range ids {
		name := id.Name()
		if name == "" || seen[name] || column.Named(name) != id {
			t.Errorf("column %d: name %q, read as %d", id, name, column.Named(name))
		}
		seen[name] = true
	}
	if column.Named("no.list.knows.this") != column.Unknown {
		t.Error("an unknown path has a column")
	}
}

func TestKindOf(t *testing.T) {
	cases := map[event.Field]struct {
		kind column.Kind
		ok   bool
	}{
		event.UserName: {column.Key, true}, event.Message: {column.Text, true}, event.EventID: {column.Text, true}, event.SourceIP: {column.Key, true},
		event.SourcePort: {column.Int, true}, event.Timestamp: {column.Time, true}, event.Tags: {column.List, true}, event.RelatedIP: {column.List, true},
		event.WeirData: {0, false}, event.Labels: {0, false}, event.SourceGeoLocation: {0, false}, event.ErrorMessage: {column.Key, true},
	}
	for f, want := range cases {
		k, ok := column.KindOf(column.ID(f))
		if ok != want.ok || ok && k != want.kind {
			t.Errorf("%s: %d %v, want %d %v", f, k, ok, want.kind, want.ok)
		}
	}
	for _, id := range []column.ID{column.Rest, column.Raw, column.Head} {
		if k, ok := column.KindOf(id); k != column.Text || !ok {
			t.Errorf("%s: %d %v", id.Name(), k, ok)
		}
	}
}

// Each kind of value goes into its column, and every other kind of value into Rest.
func TestAdd_WhereValuesGo(t *testing.T) {
	cases := map[string]struct{ doc, column, rest string }{
		"string":            {`{"user":{"name":"root"}}`, "user.name", ""},
		"empty string":      {`{"user":{"name":""}}`, "user.name", ""},
		"number for string": {`{"user":{"name":7}}`, "", `{"user":{"name":7}}`},
		"null":              {`{"user":{"name":null}}`, "", `{"user":{"name":null}}`},
		"list for string":   {`{"user":{"name":["a"]}}`, "", `{"user":{"name":["a"]}}`},
		"number":            {`{"source":{"port":80}}`, "source.port", ""},
		"text for number":   {`{"source":{"port":"80"}}`, "", `{"source":{"port":"80"}}`},
		"float for number":  {`{"source":{"port":80.5}}`, "", `{"source":{"port":80.5}}`},
		"time":              {`{"event":{"start":"2026-11-21T07:00:00.000Z"}}`, "event.start", ""},
		"text for time":     {`{"event":{"start":"today"}}`, "", `{"event":{"start":"today"}}`},
		"list":              {`{"tags":["a","b","a"]}`, "tags", ""},
		"empty list":        {`{"tags":[]}`, "", `{"tags":[]}`},
		"mixed list":        {`{"tags":["a",1]}`, "", `{"tags":["a",1]}`},
		"string for list":   {`{"tags":"a"}`, "", `{"tags":"a"}`},
		"open field":        {`{"labels":{"a":"b"}}`, "", `{"labels":{"a":"b"}}`},
		"unknown path":      {`{"my":{"path":true}}`, "", `{"my":{"path":true}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			v := fill(t, [][]byte{[]byte(c.doc)}).View()
			if c.column != "" {
				if col, _ := v.Load(c.column, nil); col == nil || col.Code(0) == 0 {
					t.Errorf("no value in %s", c.column)
				}
			}
			rest, _ := v.Load(column.RestName, nil)
			if got, _ := rest.Str(0); got != c.rest {
				t.Errorf("rest %q, want %q", got, c.rest)
			}
		})
	}
}

func TestColumn_EqualValuesShareAnEntry(t *testing.T) {
	v := fill(t, [][]byte{
		[]byte(`{"source":{"port":80},"tags":["a","b"],"user":{"name":"x"}}`),
		[]byte(`{"message":"nothing of that"}`),
		[]byte(`{"source":{"port":80},"tags":["a","b"],"user":{"name":"x"}}`),
		[]byte(`{"source":{"port":81},"tags":["b","a"],"user":{"name":"y"}}`),
	}).View()
	for _, name := range []string{"source.port", "tags", "user.name"} {
		c, _ := v.Load(name, nil)
		if c.Code(0) != c.Code(2) || c.Code(0) == c.Code(3) || c.Code(1) != 0 || c.Entries() != 2 {
			t.Errorf("%s: codes %v, %d entries", name, c.Codes, c.Entries())
		}
		if c.Code(1000) != 0 {
			t.Errorf("%s: a row behind the end has a value", name)
		}
	}
	c, _ := v.Load("tags", nil)
	if got := c.Value(c.Code(3)).Text(); got != `["b","a"]` {
		t.Errorf("got %s", got)
	}
	if n, ok := (*column.Column)(nil).Num(0); n != 0 || ok {
		t.Error("a column that is not there has a number")
	}
}

// A field whose values turn out never to repeat stops looking for equal ones, and stays right.
func TestColumn_ManyDifferentValues(t *testing.T) {
	var docs [][]byte
	for i := range 6000 {
		docs = append(docs, []byte(`{"source":{"bytes":`+itoa(i)+`},"trace":{"id":"t`+itoa(i)+`"}}`))
	}
	docs = append(docs, docs[5], docs[5])
	v := fill(t, docs).View()
	cols := all(v)
	var e event.Event
	for i := range docs {
		if got := rebuilt(&e, cols, i); string(got) != string(docs[i]) {
			t.Fatalf("row %d: %s", i, got)
		}
	}
}

func itoa(i int) string { return string(event.Num(int64(i)).AppendText(nil)) }
