package pipelines

import (
	"fmt"
	"testing"

	"weir/event"
)

// given makes an event of field paths and values.
func given(t testing.TB, kv ...string) *event.Event {
	t.Helper()
	e := new(event.Event)
	for i := 0; i < len(kv); i += 2 {
		e.SetPath(kv[i], event.Str(kv[i+1]))
	}
	return e
}

func TestClass_Given(t *testing.T) {
	s := Shipped()
	tests := []struct{ product, category, service, want string }{
		{"", "", "", "//"},
		{"windows", "", "", "windows//"},
		{"windows", "process_creation", "", "windows/process_creation/"},
		{"Windows", "Process_Creation", "Sysmon", "windows/process_creation/sysmon"},
		{"windows", "registry_set", "", "windows/registry_event+registry_set/"},
		{"", "registry_rename", "", "/registry_event+registry_rename/"},
		{"windows", "registry_event", "", "windows/registry_event/"},
		{"windows", "file_delete", "", "windows/file_delete/"},
		{"contoso", "registry_set", "x", "contoso/registry_event+registry_set/x"},
		{"contoso", "nothing", "x", "contoso/nothing/x"},
	}
	for _, tt := range tests {
		c := s.Class(tt.product, tt.category, tt.service)
		if got := s.Describe(c); got != tt.want {
			t.Errorf("%s/%s/%s: got %s, want %s", tt.product, tt.category, tt.service, got, tt.want)
		}
		if again := s.Class(tt.product, tt.category, tt.service); again != c {
			t.Errorf("%s: one class has two numbers, %d and %d", tt.want, c, again)
		}
	}
	if s.Class("", "", "") != 0 {
		t.Error("nothing known is not class 0")
	}
}

func TestCovers(t *testing.T) {
	s := Shipped()
	registry := s.Classify(given(t, "winlog.channel", "Microsoft-Windows-Sysmon/Operational", "event.code", "13"))
	tests := []struct {
		name string
		c    Class
		rule LogSource
		want bool
	}{
		{"a rule without a log source", 0, LogSource{}, true},
		{"and of a class", registry, LogSource{}, true},
		{"a rule of a source, nothing known", 0, LogSource{Product: "windows"}, false},
		{"the product", registry, LogSource{Product: "windows"}, true},
		{"in capitals", registry, LogSource{Product: "Windows", Category: "REGISTRY_SET"}, true},
		{"one category", registry, LogSource{Product: "windows", Category: "registry_set"}, true},
		{"another category of the same event", registry, LogSource{Product: "windows", Category: "registry_event"}, true},
		{"a category that it is not of", registry, LogSource{Product: "windows", Category: "registry_add"}, false},
		{"the category without the product", registry, LogSource{Category: "registry_set"}, true},
		{"the service", registry, LogSource{Product: "windows", Service: "sysmon"}, true},
		{"another service", registry, LogSource{Product: "windows", Service: "security"}, false},
		{"another product", registry, LogSource{Product: "linux", Category: "registry_set"}, false},
		{"a class of nobody", Class(1 << 20), LogSource{Product: "windows"}, false},
	}
	for _, tt := range tests {
		if got := s.Covers(tt.c, tt.rule); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Made up sources do not fill the memory: beyond a bound nothing is known of them.
func TestClass_Bounded(t *testing.T) {
	s, _ := Load()
	for i := range maxClasses + 10 {
		s.Class("p", "", fmt.Sprint(i))
	}
	if n := len(*s.classes.list.Load()); n != maxClasses {
		t.Errorf("%d classes", n)
	}
	if c := s.Class("p", "", "one more"); c != 0 || s.Covers(c, LogSource{Product: "p"}) {
		t.Errorf("the one too many is class %d", c)
	}
	if c := s.Class("p", "", "1"); s.Describe(c) != "p//1" {
		t.Errorf("an earlier one is %s", s.Describe(c))
	}
}
