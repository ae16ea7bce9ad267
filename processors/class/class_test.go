package class_test

import (
	"os"
	"path/filepath"
	"testing"

	"weir/event"
	"weir/internal/fault"
	"weir/processors/class"
)

func write(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "classes.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOf_Success(t *testing.T) {
	c, err := class.Load(write(t, `
- name: logons
  when: event.category == "authentication"
- name: firewall
  when: event.module == "cisco_asa"
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, category, module, want string
	}{
		{"first match wins", "authentication", "cisco_asa", "logons"},
		{"second class", "network", "cisco_asa", "firewall"},
		{"nothing matches", "process", "system", class.Standard},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var e event.Event
			e.Set(event.EventCategory, event.Strs(tc.category))
			e.SetStr(event.EventModule, tc.module)
			if got := c.Of(&e); got != tc.want {
				t.Errorf("class %s, want %s", got, tc.want)
			}
		})
	}
}

func TestLoadWithoutAFile(t *testing.T) {
	c, err := class.Load(filepath.Join(t.TempDir(), "none.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Of(&event.Event{}); got != class.Standard {
		t.Errorf("class %s", got)
	}
}

func TestShipped(t *testing.T) {
	dataset := func(name string) *event.Event {
		var e event.Event
		e.SetStr(event.EventDataset, name)
		return &e
	}
	for _, tc := range []struct{ name, file, dataset, want string }{
		{"access records", "", "privacy_access.log", "kr-pipa-access-1y"},
		{"rights records", "", "access_rights.log", "kr-pipa-rights-3y"},
		{"canaries", "", "weir.canary", "internal"},
		{"all else", "", "system.auth", class.Standard},
		{"the file comes first", "- {name: two-years, when: 'event.dataset == \"privacy_access.log\"'}", "privacy_access.log", "two-years"},
		{"and leaves the others", "- {name: two-years, when: 'event.dataset == \"privacy_access.log\"'}", "access_rights.log", "kr-pipa-rights-3y"},
		{"a name of the file replaces ours", "- {name: kr-pipa-rights-3y, when: 'event.dataset == \"nothing\"'}", "access_rights.log", class.Standard},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := class.Load(write(t, tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Of(dataset(tc.dataset)); got != tc.want {
				t.Errorf("class %s, want %s", got, tc.want)
			}
		})
	}
}

func TestLoad_Failure(t *testing.T) {
	for _, tc := range []struct{ name, text string }{
		{"unknown key", "- {name: a, when: 'true', keep: 3}"},
		{"name that is no folder", "- {name: ../x, when: event.kind == 'event'}"},
		{"same name twice", "- {name: a, when: event.kind == 'event'}\n- {name: a, when: event.kind == 'alert'}"},
		{"expr that is none", "- {name: a, when: 'event.kind =='}"},
		{"no list", "name: a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := class.Load(write(t, tc.text))
			if fault.Code(err) != "class-file" {
				t.Errorf("got %v", err)
			}
		})
	}
}
