package keep_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/keep"
)

func TestNextStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ingester.json")
	name := ""
	for want := uint32(1); want <= 3; want++ {
		self, err := keep.NextStart(file)
		if err != nil || self.Start != want || self.Seq != 0 || name != "" && self.Ingester != name {
			t.Fatalf("start %d is %+v (%v)", want, self, err)
		}
		name = self.Ingester
	}
	other, err := keep.NextStart(filepath.Join(dir, "other.json"))
	if err != nil || other.Ingester == name {
		t.Errorf("two ingesters are called %s (%v)", name, err)
	}
	for content, want := range map[string]string{"": "unexpected end", "{}": "no name", `{"ingester":"a","start":-1}`: "cannot unmarshal", `{"start":3}`: "no name"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		// Beginning again at 1 under the same name would give two records one identity.
		if self, err := keep.NextStart(file); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "%!") {
			t.Errorf("%q gave %+v (%v)", content, self, err)
		}
	}
	if _, err := keep.NextStart(dir); err == nil {
		t.Error("a folder was read as an identity")
	}
}
