package config

import (
	"strings"
	"testing"
)

// TestElastic: the mistakes stand in testdata; this is what is allowed, and what a secret shows.
func TestElastic(t *testing.T) {
	path := write(t, "elastic:\n  urls: [https://es1:9200, \"https://es2:9200/path\"]\n  api_key: abcdef\n  ca: ca.pem\n  prefix: logs-weir.\n  keep: 30d\n  replicas: 2\n")
	l, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := l.Config.Elastic
	if len(e.URLs) != 2 || e.APIKey != "abcdef" || e.Keep.String() != "30d" || e.Replicas != 2 || e.Workers != 4 || e.Compression != "auto" {
		t.Errorf("%+v", e)
	}
	if e.APIKey.String() == "abcdef" || strings.Contains(e.APIKey.String(), "abc") {
		t.Error("the key prints as it is")
	}
	for _, prefix := range []string{"", "-a", "_a", ".a", "A", "a b", "a*", "a/b", "ä"} {
		var keys []string
		checkElastic(&Elastic{Prefix: prefix}, func(key, _, _, _ string) { keys = append(keys, key) })
		if len(keys) != 1 || keys[0] != "elastic.prefix" {
			t.Errorf("prefix %q: %q", prefix, keys)
		}
	}
}
