package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weir/internal/fault"
)

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("channels:\n  hook: {type: webhook, url: https://hooks.example.org/weir}\nroute: {to: hook, routes: [{match: {level: low}, to: []}]}\n")
	got, faults, err := Check(Options{}, path)
	if err != nil || len(faults) > 0 || got.Routes != 2 || got.Windows != 0 || !slices.Equal(got.Channels, []string{"hook"}) {
		t.Errorf("%+v, %v, %v", got, faults, err)
	}
	write("channels:\n  hook: {type: webhook}\nroute: {to: hok}\n")
	if got, faults, err = Check(Options{}, path); err != nil || len(faults) != 2 || len(got.Channels) != 0 {
		t.Errorf("%+v, %v, %v", got, faults, err)
	}
	if _, _, err = Check(Options{}, path+"x"); fault.Code(err) != "notify-unreadable" {
		t.Errorf("no file: %v", err)
	}
	if err := os.Truncate(path, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, _, err = Check(Options{}, path); fault.Code(err) != "notify-unreadable" {
		t.Errorf("too large: %v", err)
	}
}

func TestSchema(t *testing.T) {
	doc, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(doc, &v); err != nil || v["properties"] == nil {
		t.Errorf("%v", err)
	}
}
