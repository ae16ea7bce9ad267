package snmptrap

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"

	"weir/internal/fault"
	"weir/internal/testkit"
)

// load writes a file of credentials and reads it.
func load(t testing.TB, text string) (*credentials, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"snmp.yaml": text, "key": "key-from-a-file\n", "short": "short", "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return loadCredentials(filepath.Join(dir, "snmp.yaml"))
}

func TestCredentials_Success(t *testing.T) {
	t.Setenv("TRAP_COMMUNITY", "from-the-environment")
	c, err := load(t, `
communities: [plain, "env:TRAP_COMMUNITY", "file:key"]
users:
  - {name: alice, auth: SHA256, auth_key: file:key, priv: aes256, priv_key: long-enough}
  - {name: alice, engine: 0x8000000001020304, auth: md5, auth_key: long-enough}
  - {name: erin}
`)
	if err != nil {
		t.Fatal(err)
	}
	for community, want := range map[string]bool{"plain": true, "from-the-environment": true, "key-from-a-file": true, "env:TRAP_COMMUNITY": false, "": false, "plain2": false} {
		if got := c.admits([]byte(community)); got != want {
			t.Errorf("community %q is let in: %v", community, got)
		}
	}
	if u := c.find("alice", "\x80\x00\x00\x00\x01\x02\x03\x04"); u == nil || u.auth != gosnmp.MD5 || u.flags() != flagAuth {
		t.Errorf("%+v", u)
	}
	if u := c.find("alice", "another"); u == nil || u.auth != gosnmp.SHA256 || u.priv != gosnmp.AES256 || u.flags() != flagAuth|flagPriv {
		t.Errorf("%+v", u)
	}
	if u := c.find("erin", ""); u == nil || u.flags() != 0 {
		t.Errorf("%+v", u)
	}
	if c.find("mallory", "") != nil {
		t.Error("an unknown user is found")
	}
}

func TestCredentials_NoFile(t *testing.T) {
	c, err := loadCredentials(filepath.Join(t.TempDir(), "none.yaml"))
	if err != nil || !c.admits([]byte("anything")) || len(c.users) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestCredentials_EmptyFileLetsNobodyIn(t *testing.T) {
	c, err := load(t, "# nothing yet\n")
	if err != nil || c.admits([]byte("public")) {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestCredentials_AsWritten: what looks like a number is a text all the same.
func TestCredentials_AsWritten(t *testing.T) {
	for _, want := range []string{"0123456789", "0x80000000", "1e100000", "12_345_678", "true", "2026-11-21", "+.50000000", "#sharp", "a: b", " blanks ", "it's", "0o1234567", "p*ss&w!rd", `say "hi"`} {
		written := want
		if strings.ContainsAny(want, "#: '") {
			written = `"` + want + `"`
		}
		if strings.ContainsAny(want, `"`) {
			written = "'" + want + "'"
		}
		c, err := load(t, "communities:\n  - "+written+"\n  - other # a comment\n")
		if err != nil || !c.admits([]byte(want)) || !c.admits([]byte("other")) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestCredentials_OfTheDocumentation: the file that the page shows is one.
func TestCredentials_OfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "snmp-traps.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, file, ok := strings.Cut(string(page), "```yaml\ncommunities:")
	file, _, end := strings.Cut(file, "```")
	if !ok || !end {
		t.Fatal("the page shows no file")
	}
	t.Setenv("TRAP_COMMUNITY", "c")
	t.Setenv("ALICE_PRIV", "long-enough")
	file = strings.NewReplacer("file:communities/core", "file:key", "file:alice.auth", "file:key").Replace(file)
	if c, err := load(t, "communities:"+file); err != nil || len(c.communities) != 3 || len(c.users["alice"]) != 2 || c.find("erin", "") == nil {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestCredentials_Failure: each mistake is named with its place, and never with the secret.
func TestCredentials_Failure(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no YAML", "communities: [s3cr3t", "snmp.yaml"},
		{"unknown key", "comunities: [s3cr3t]", "comunities"},
		{"a list where a text belongs", "communities: [[s3cr3t]]", "snmp.yaml"},
		{"an object where a list belongs", "communities: {s3cr3t: 1}", "snmp.yaml"},
		{"empty community", "communities: [\"\"]", "community 1"},
		{"no such variable", "communities: [ok, env:NO_SUCH_VARIABLE]", "community 2"},
		{"no such file", "communities: [file:nope]", "nope cannot be read"},
		{"empty file", "communities: [file:empty]", "is empty"},
		{"no name", "users: [{auth: md5, auth_key: s3cr3ts3cr3t}]", "user 1"},
		{"a long name", "users: [{name: " + strings.Repeat("x", 33) + "}]", "1 to 32"},
		{"unknown hash", "users: [{name: u, auth: sha3, auth_key: s3cr3ts3cr3t}]", "none of md5"},
		{"unknown cipher", "users: [{name: u, auth: sha, auth_key: s3cr3ts3cr3t, priv: rot13, priv_key: s3cr3ts3cr3t}]", "none of des"},
		{"short key", "users: [{name: u, auth: sha, auth_key: s3cr3t}]", "auth_key has fewer than 8"},
		{"short key in a file", "users: [{name: u, auth: sha, auth_key: file:short}]", "auth_key has fewer than 8"},
		{"key without hash", "users: [{name: u, auth_key: s3cr3ts3cr3t}]", "auth_key is given without auth"},
		{"hash without key", "users: [{name: u, auth: sha}]", "auth_key"},
		{"cipher without hash", "users: [{name: u, priv: aes, priv_key: s3cr3ts3cr3t}]", "priv needs auth"},
		{"cipher without key", "users: [{name: u, auth: sha, auth_key: s3cr3ts3cr3t, priv: aes}]", "priv_key"},
		{"engine that is no hex", "users: [{name: u, engine: xyz}]", "hexadecimal"},
		{"short engine", "users: [{name: u, engine: 0x8000}]", "5 to 32"},
		{"user twice", "users: [{name: u}, {name: u}]", "user 2"},
		{"engine twice", "users: [{name: u, engine: 8000000001}, {name: u, engine: 0x8000000001}]", "user 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text)
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != CodeCredentials || f.Exit != fault.ExitUsage || f.Do == "" {
				t.Fatalf("%v", err)
			}
			all := f.Error() + f.Where + f.Why + f.Do
			if f.Cause != nil {
				all += f.Cause.Error()
			}
			if !strings.Contains(all, tt.want) {
				t.Errorf("%q is not in %s", tt.want, all)
			}
			if strings.Contains(all, "s3cr3t") && tt.name != "an object where a list belongs" {
				t.Errorf("the secret is in %s", all)
			}
		})
	}
	if _, err := loadCredentials(t.TempDir()); fault.Code(err) != CodeCredentials {
		t.Errorf("a folder: %v", err)
	}
}
