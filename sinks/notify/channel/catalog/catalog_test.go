package catalog_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/internal/testkit"
	"weir/sinks/notify"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/catalog"
	"weir/sinks/notify/channel/template"
	"weir/sinks/notify/settings"
)

// document is docs/channels.md.
func document(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "channels.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFind: each kind is found by its name, and no other.
func TestFind(t *testing.T) {
	var names []string
	for _, k := range catalog.Kinds() {
		got, ok := catalog.Find(k.Name)
		if !ok || got.Name != k.Name || got.Doc != k.Doc {
			t.Errorf("%s: %+v", k.Name, got)
		}
		names = append(names, k.Name)
	}
	want := []string{"email", "webhook", "alertmanager", "chat", "sms", "ticket", "syslog", "snmptrap"}
	if !slices.Equal(names, want) {
		t.Errorf("kinds %v, want %v", names, want)
	}
	if _, ok := catalog.Find("pager"); ok {
		t.Error("a pager is found")
	}
}

// TestConfigs: every key of every kind has a name, a description that stands in the reference, and none that belongs to the
// notifier. An empty configuration is a mistake with a key, never a channel.
func TestConfigs(t *testing.T) {
	doc := document(t)
	for _, k := range catalog.Kinds() {
		c := k.Config()
		kind := reflect.TypeOf(c).Elem()
		_, section, _ := strings.Cut(doc, "\n## "+k.Name)
		section, _, _ = strings.Cut(section, "\n## ")
		seen := map[string]bool{}
		for f := range kind.Fields() {
			name := f.Tag.Get("yaml")
			if name == "" || f.Tag.Get("doc") == "" || seen[name] || name == "type" || name == "limit" {
				t.Errorf("%s: the key %q of %s", k.Name, name, f.Name)
			}
			seen[name] = true
			if !strings.Contains(section, "`"+name+"`") {
				t.Errorf("docs/channels.md says nothing of the key %s of %s", name, k.Name)
			}
		}
		if !seen["timeout"] {
			t.Errorf("%s has no timeout", k.Name)
		}
		_, err := k.New(c, channel.Deps{})
		if e, ok := err.(*channel.ConfigError); !ok || e.Key == "" || e.Do == "" { //nolint:errorlint // it must not be wrapped
			t.Errorf("%s: an empty configuration is %v", k.Name, err)
		}
		if _, err := k.New(struct{}{}, channel.Deps{}); err == nil {
			t.Errorf("%s is made of anything", k.Name)
		}
	}
}

// TestDocument_Examples: every example of the documentation is a notify.yaml that is taken as it stands.
func TestDocument_Examples(t *testing.T) {
	used := map[string]bool{}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(document(t), -1)
	for _, e := range examples {
		file, faults := settings.Read([]byte(e[1]), settings.Options{
			Name: filepath.Join(t.TempDir(), "notify.yaml"), Kinds: notify.Kinds(),
			Deps: channel.Deps{Secret: func(written string) (string, error) {
				switch {
				case strings.Contains(written, "SLACK"):
					return "slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook", nil
				case strings.Contains(written, "telegram"):
					return "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1@telegram?chats=@soc", nil
				case strings.HasPrefix(written, "env:") || strings.HasPrefix(written, "file:"):
					return "a-long-secret", nil
				}
				return written, nil
			}},
		})
		if len(faults) > 0 {
			t.Errorf("%v in\n%s", faults, e[1])
			continue
		}
		for _, c := range file.Channels {
			used[c.Type] = true
		}
		file.Close()
	}
	for _, k := range catalog.Kinds() {
		if !used[k.Name] {
			t.Errorf("no example of %s", k.Name)
		}
	}
}

// TestDocument_Names: the table of names is that of the code.
func TestDocument_Names(t *testing.T) {
	doc := document(t)
	for _, n := range template.Names() {
		if row := "| `" + n.Name + "` | " + n.Doc + " |\n"; !strings.Contains(doc, row) {
			t.Errorf("docs/channels.md has no row %s", row)
		}
	}
	_, table, _ := strings.Cut(doc, "## Templates")
	if got, want := strings.Count(table, "\n| `"), len(template.Names()); got != want {
		t.Errorf("%d names in the table, %d in the code", got, want)
	}
}
