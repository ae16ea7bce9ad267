package threat

import (
	"strings"
	"testing"
)

// TestSTIXPattern: only values of which one alone is enough come out of a pattern.
func TestSTIXPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"[ipv4-addr:value = '192.0.2.1']":                             "192.0.2.1",
		"[ipv6-addr:value == '2001:db8::1']":                          "2001:db8::1",
		"[ipv4-addr:value = '192.0.2.0/24']":                          "192.0.2.0/24",
		"[ domain-name:value='a.example' ]":                           "a.example",
		"[domain-name:value = 'a.example' OR url:value = 'http://b']": "a.example http://b",
		"[domain-name:value = 'a'] or [domain-name:value = 'b']":      "a b",
		"([url:value = 'http://a'])":                                  "http://a",
		"[domain-name:value IN ('a', 'b' , 'c')]":                     "a b c",
		"[domain-name:value in ('a')]":                                "a",
		"[file:hashes.MD5 = 'd41d']":                                  "d41d",
		"[file:hashes.'SHA-256' = 'e3b0']":                            "e3b0",
		"[artifact:hashes.'SHA-1' = 'da39']":                          "da39",
		`[url:value = 'http://a/it\'s\\']`:                            `http://a/it's\`,
		"[domain-name:value = 'a' AND url:value = 'http://b']":        "",
		"[domain-name:value = 'a'] FOLLOWEDBY [url:value = 'b']":      "",
		"[domain-name:value = 'a'] AND [url:value = 'b']":             "",
		"[domain-name:value = 'a'] REPEATS 5 TIMES":                   "",
		"[domain-name:value = 'a'] WITHIN 5 SECONDS":                  "",
		"[domain-name:value != 'a']":                                  "",
		"[domain-name:value NOT = 'a']":                               "",
		"[domain-name:value LIKE 'a%']":                               "",
		"[domain-name:value MATCHES '^a']":                            "",
		"[file:size > 10]":                                            "",
		"[file:name = 'a.exe']":                                       "",
		"[domain-name:value = 5]":                                     "",
		"":                                                            "",
	} {
		values, err := stixPattern(pattern)
		var got []string
		for _, v := range values {
			got = append(got, v.Value)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
	for _, pattern := range []string{"[domain-name:value = 'a", "[domain-name:value =", "[domain-name:value", `[url:value = 'a\'`} {
		if values, err := stixPattern(pattern); err == nil || len(values) > 0 {
			t.Errorf("%s: %v, no error", pattern, values)
		}
	}
}

// FuzzSTIXPattern: no pattern makes the reader hang or panic, and each value that comes is a part of the pattern.
func FuzzSTIXPattern(f *testing.F) {
	for _, s := range []string{"[ipv4-addr:value = '192.0.2.1']", "[a:b IN ('c','d')] OR [x:y != 'z']", "[file:hashes.'SHA-256'='a'", "''''", "[[[[((((", `'\`, "NOT NOT IN (", "ipv4-addr:value='''"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		values, err := stixPattern(pattern)
		if err != nil && len(values) > 0 {
			t.Fatalf("%q: an error and %d values", pattern, len(values))
		}
		plain := strings.ReplaceAll(pattern, `\`, "")
		for _, v := range values {
			if !strings.Contains(plain, strings.ReplaceAll(v.Value, `\`, "")) {
				t.Fatalf("%q: %q is no part of it", pattern, v.Value)
			}
		}
	})
}

// TestReadSTIX_Objects: which objects are taken, with the name, the confidence and the time of each.
func TestReadSTIX_Objects(t *testing.T) {
	bundle := func(s string) string {
		return `{"type":"bundle","spec_version":"2.1","objects":[` + s + `],"x":{"y":[1]}}`
	}
	checkRead(t, []readCase{
		{"of other types nothing", FormatSTIX, bundle(`{"type":"malware","name":"x"},{"type":"relationship"}`), nil, Counts{}},
		{"as TAXII gives them", FormatAuto, `{"more":false,"objects":[{"type":"indicator","id":"indicator--1","pattern":"[domain-name:value='a.example']"}]}`, []string{"domain-name a.example"}, Counts{Taken: 1}},
		{"revoked", FormatSTIX, bundle(`{"type":"indicator","revoked":true,"pattern":"[domain-name:value='a.example']"}`), nil, Counts{Skipped: 1}},
		{"of another language", FormatSTIX, bundle(`{"type":"indicator","pattern_type":"sigma","pattern":"x"}`), nil, Counts{Skipped: 1}},
		{"no longer valid", FormatSTIX, bundle(`{"type":"indicator","valid_until":"2020-01-01T00:00:00Z","pattern":"[domain-name:value='a.example']"}`), nil, Counts{Skipped: 1}},
		{"a pattern of several things at once", FormatSTIX, bundle(`{"type":"indicator","pattern":"[domain-name:value='a.example' AND file:size=1]"}`), nil, Counts{Skipped: 1}},
		{"a value that is not what its path says", FormatSTIX, bundle(`{"type":"indicator","pattern":"[ipv4-addr:value='a.example']"}`), nil, Counts{Broken: 1, Example: `"a.example" is no address`}},
		{"without objects", FormatSTIX, `{"type":"bundle"}`, nil, Counts{}},
	})
	var got []Indicator
	s := source{name: "feed", confidence: 40, add: func(i Indicator) error { got = append(got, i); return nil }}
	text := bundle(`{"type":"indicator","name":"C2","confidence":85,"valid_until":"2099-01-01T00:00:00Z","pattern":"[domain-name:value='a.example']"},{"type":"indicator","pattern":"[domain-name:value='b.example']"}`)
	if err := s.read(FormatSTIX, strings.NewReader(text)); err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if a := got[0]; a.Feed != "feed" || a.Description != "C2" || a.Confidence != 85 || a.Expires.Year() != 2099 {
		t.Errorf("got %+v", a)
	}
	if b := got[1]; b.Description != "" || b.Confidence != 40 || !b.Expires.IsZero() {
		t.Errorf("got %+v", b)
	}
}
