package main

import (
	"encoding/json"
	"testing"
)

var known = fields{
	"@timestamp": "date", "source.ip": "ip", "source.port": "long", "event.category": "keyword", "labels": "object",
	"related.ip": "ip", "event.timezone": "keyword", "event.duration": "long",
}

func TestFields_class(t *testing.T) {
	for path, want := range map[string]int{
		"source.ip": classECS, "labels.env": classECS, "cisco.asa.code": classVendor, "source.geo.city_name": classPlace,
		"destination.as.number": classPlace, "user_agent.name": classAgent, "user_agent.original": classVendor,
	} {
		if got := known.class(path); got != want {
			t.Errorf("%s: class %d, want %d", path, got, want)
		}
	}
}

func TestFields_equal(t *testing.T) {
	list := func(v ...any) []any { return v }
	for _, c := range []struct {
		name, path string
		got, want  any
		raw        string
		equal      bool
	}{
		{name: "text", path: "event.category", got: "a", want: "a", equal: true},
		{name: "another text", path: "event.category", got: "a", want: "b"},
		{name: "nothing", path: "event.category", want: "b"},
		{name: "a list of one", path: "event.category", got: list("a"), want: "a", equal: true},
		{name: "in another order", path: "event.category", got: list("a", "b"), want: list("b", "a"), equal: true},
		{name: "more than expected", path: "event.category", got: list("a", "b"), want: list("a")},
		{name: "less than expected", path: "event.category", got: list("a"), want: list("b", "a")},
		{name: "more related", path: "related.ip", got: list("10.0.0.1", "10.0.0.2"), want: list("10.0.0.2"), equal: true},
		{name: "numbers", path: "source.port", got: json.Number("80"), want: json.Number("80.0"), equal: true},
		{name: "a number as text", path: "source.port", got: json.Number("80"), want: "80", equal: true},
		{name: "addresses", path: "source.ip", got: "2001:db8::1", want: "2001:0DB8:0:0:0:0:0:1", equal: true},
		{name: "the same time", path: "@timestamp", got: "2024-01-01T10:00:00Z", want: "2024-01-01T11:00:00.000+01:00", raw: "2024-01-01T10:00:00Z", equal: true},
		{name: "finer than expected", path: "@timestamp", got: "2024-01-01T10:00:00.123456Z", want: "2024-01-01T10:00:00.123Z", raw: "2024-01-01T10:00:00.123456Z", equal: true},
		{name: "finer than expected, with a zone", path: "@timestamp", got: "2021-01-26T23:51:37.8805Z", want: "2021-01-26T15:51:37.880-08:00", raw: "2021-01-26T15:51:37.8805-0800", equal: true},
		{name: "a year that nobody knows", path: "@timestamp", got: "2026-03-01T10:00:00Z", want: "2021-03-01T10:00:00.000Z", raw: "Mar  1 10:00:00", equal: true},
		{name: "a year that stands there", path: "@timestamp", got: "2026-03-01T10:00:00Z", want: "2021-03-01T10:00:00.000Z", raw: "2021-03-01T10:00:00"},
		{name: "a zone that nobody knows", path: "@timestamp", got: "2021-03-01T10:00:00Z", want: "2021-03-01T15:30:00.000Z", raw: "2021-03-01T10:00:00", equal: true},
		{name: "a zone that stands there", path: "@timestamp", got: "2021-03-01T10:00:00Z", want: "2021-03-01T15:30:00.000Z", raw: "2021-03-01T10:00:00Z"},
		{name: "another minute", path: "@timestamp", got: "2021-03-01T10:00:00Z", want: "2021-03-01T10:01:00.000Z", raw: "10:00"},
		{name: "zones", path: "event.timezone", got: "+00:00", want: "UTC", equal: true},
		{name: "other zones", path: "event.timezone", got: "+09:00", want: "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := known.equal(c.path, c.got, c.want, c.raw); got != c.equal {
				t.Errorf("equal(%v, %v) = %v", c.got, c.want, got)
			}
		})
	}
}

func TestDistinct(t *testing.T) {
	if got := distinct([]any{"a", "b", "a"}); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
