package logkey

import (
	"os"
	"path/filepath"
	"testing"

	"weir/internal/fault"
)

func TestFolderAndPlace(t *testing.T) {
	top := t.TempDir()
	data := filepath.Join(top, "weir-data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Folder(data+"/", ""); got != data+".keys" {
		t.Errorf("beside: %s", got)
	}
	if got := Folder(data, "/srv/k"); got != "/srv/k" {
		t.Errorf("set: %s", got)
	}
	folder, warning, err := Place(data, "")
	if err != nil || warning != nil || folder != data+".keys" {
		t.Errorf("%s %v %v", folder, warning, err)
	}
	// Others may read it.
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, warning, err = Place(data, ""); err != nil || warning == nil || warning.Code != "archive-log-key-open" || !warning.Warn {
		t.Errorf("%v %v", warning, err)
	}
	// What was set cannot be made: nobody wants the key to go elsewhere then.
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Place(data, filepath.Join(file, "keys")); fault.Code(err) != "archive-log-key" {
		t.Errorf("set and impossible: %v", err)
	}
	// No place beside the data: a file has the name.
	second := filepath.Join(top, "second")
	if err := os.WriteFile(second+".keys", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder, warning, err = Place(second, "")
	if err != nil || folder != filepath.Join(second, "keys") || warning == nil || warning.Code != "archive-log-key-inside" {
		t.Fatalf("%s %v %v", folder, warning, err)
	}
	// A key that is inside stays in use, though there is a place beside by now.
	if _, err := Make(folder, "weir.log/x"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(second + ".keys"); err != nil {
		t.Fatal(err)
	}
	if got, warning, err := Place(second, ""); got != folder || warning == nil || err != nil || Folder(second, "") != folder {
		t.Errorf("%s %v %v", got, warning, err)
	}
}
