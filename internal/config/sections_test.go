package config

import (
	"testing"
)

func TestLoad_Defaults(t *testing.T) {
	for _, name := range []string{"no file", "empty file", "only comments"} {
		path := ""
		switch name {
		case "empty file":
			path = write(t, "")
		case "only comments":
			path = write(t, "# nothing\n---\n")
		}
		l, err := Load(path, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, e := range l.Entries() {
			if e.Origin != "default" {
				t.Errorf("%s: %s comes from %s", name, e.Key, e.Origin)
			}
			if e.Doc == "" {
				t.Errorf("%s has no documentation", e.Key)
			}
		}
	}
}
