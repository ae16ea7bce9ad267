package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/processors/redact"
)

// encrypted is a document whose user was encrypted with the key in the returned file.
func encrypted(t *testing.T) (doc, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"redact.key": "0123456789abcdef0123", "other.key": "another secret of some length", "short.key": "short",
		"redact.yaml": "key: file:redact.key\nrules: [{fields: [user.name], how: encrypt}]",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rules, err := redact.Load(filepath.Join(dir, "redact.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	e.SetStr(event.UserName, "kim")
	rules.Apply(&e)
	return string(e.AppendJSON(nil)), filepath.Join(dir, "redact.key")
}

func TestDecrypt(t *testing.T) {
	doc, key := encrypted(t)
	if strings.Contains(doc, "kim") {
		t.Fatalf("nothing is encrypted: %s", doc)
	}
	out, msg, code := shell{in: doc + "\nplain\n"}.run(t, "decrypt", "--key", "file:"+key)
	if code != 0 || !strings.Contains(out, `"name":"kim"`) || !strings.HasSuffix(out, "\nplain\n") || !strings.Contains(msg, "1 values read, 0 not") {
		t.Errorf("code %d: %s%s", code, out, msg)
	}
	if _, msg, _ := (shell{in: doc}).run(t, "decrypt", "-q", "--key", "file:"+key); msg != "" {
		t.Errorf("-q says %q", msg)
	}
	dir := filepath.Dir(key)
	out, msg, code = shell{in: doc}.run(t, "decrypt", "--key", "file:"+dir+"/other.key")
	if code != 1 || strings.Contains(out, "kim") || !strings.Contains(msg, "1 not readable") {
		t.Errorf("with another key: code %d: %s%s", code, out, msg)
	}
	for _, args := range [][]string{{"decrypt"}, {"decrypt", "--key", "file:/nowhere"}, {"decrypt", "--key", "file:" + dir + "/short.key"}} {
		if _, msg, code := (shell{in: doc}).run(t, args...); code != 2 || msg == "" {
			t.Errorf("%q: code %d: %s", args, code, msg)
		}
	}
}
