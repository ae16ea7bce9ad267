package pipelines

import (
	"slices"
	"strings"
	"testing"
)

func TestPaths_Shipped(t *testing.T) {
	win := LogSource{Product: "windows", Category: "process_creation"}
	tests := []struct {
		name  string
		ls    LogSource
		field string
		want  string
	}{
		{"a name of Windows in ECS", win, "CommandLine", "process.command_line"},
		{"in other letters", win, "commandline", "process.command_line"},
		{"the name of Security for it", LogSource{Product: "windows", Service: "security"}, "NewProcessName", "process.executable"},
		{"and of Sysmon", win, "Image", "process.executable"},
		{"a name that stays", win, "Hashes", "winlog.event_data.Hashes"},
		{"one that nobody knows", win, "Contoso", "winlog.event_data.Contoso"},
		{"two in one category", win, "IntegrityLevel", "winlog.event_data.IntegrityLevel winlog.event_data.MandatoryLabel"},
		{"one in the others", LogSource{Product: "windows", Category: "file_event"}, "IntegrityLevel", "winlog.event_data.IntegrityLevel"},
		{"a product in capitals", LogSource{Product: "Windows", Category: "Process_Creation"}, "LogonId", "winlog.event_data.LogonId winlog.event_data.SubjectLogonId"},
		{"a field of ECS", win, "process.name", "process.name"},
		{"the same name on Linux", LogSource{Product: "linux", Category: "process_creation"}, "User", "user.name"},
		{"no product: those of all", LogSource{Category: "process_creation"}, "User", "user.name"},
		{"no product, and one that all have", LogSource{Category: "process_creation"}, "Image", "process.executable"},
		{"a category without a product", LogSource{Category: "proxy"}, "c-uri", "url.original"},
		{"members of an object", LogSource{Product: "aws", Service: "cloudtrail"}, "requestParameters.attribute", "aws.cloudtrail.flattened.request_parameters.attribute"},
		{"and all of it", LogSource{Product: "aws", Service: "cloudtrail"}, "requestParameters", "aws.cloudtrail.request_parameters"},
		{"a source that nobody knows", LogSource{Product: "contoso"}, "Image", "Image"},
		{"no log source", LogSource{}, "Image", "Image"},
		{"no log source, a field of ECS", LogSource{}, "source.ip", "source.ip"},
		{"a rule on flows", LogSource{Service: "netflow"}, "destination.port", "destination.port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(Shipped().Paths(tt.ls, tt.field), " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPaths_OwnFilesComeFirst(t *testing.T) {
	s := load(t, map[string]string{
		"a.yaml": `
name: mine
logsources:
  - {product: windows, category: [process_creation, file_event]}
fields: {Image: labels.image, Weird: [labels.weird, tags]}
categories:
  file_event: {Image: labels.file}
`,
		"b.yaml": "name: later\nlogsources: [{product: windows}]\nfields: {Image: labels.later, CommandLine: labels.line}\n",
	})
	tests := []struct{ category, field, want string }{
		{"process_creation", "Image", "labels.image"},
		{"file_event", "Image", "labels.file"},
		{"image_load", "Image", "labels.later"},
		{"process_creation", "CommandLine", "labels.line"},
		{"process_creation", "Weird", "labels.weird tags"},
		{"process_creation", "ParentImage", "process.parent.executable"},
		{"process_creation", "Contoso", "winlog.event_data.Contoso"},
	}
	for _, tt := range tests {
		if got := strings.Join(s.Paths(LogSource{Product: "windows", Category: tt.category}, tt.field), " "); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.category, tt.field, got, tt.want)
		}
	}
	if !slices.Equal(Shipped().Paths(LogSource{Product: "windows"}, "Image"), []string{"process.executable"}) {
		t.Error("the shipped set was changed")
	}
}

// A rule without a product takes the fields of every product, but those of the user's files alone where they have some.
func TestPaths_WithoutProduct(t *testing.T) {
	events := "\nevents: [{event.dataset: %, product: %, category: login}]\n"
	one := func(name, field string) string {
		return "name: " + name + "\nlogsources: [{product: " + name + "}]\nfields: {Who: " + field + "}" + strings.ReplaceAll(events, "%", name)
	}
	ls := LogSource{Category: "login"}
	s, faults := Load(folder("mine", map[string]string{"a.yaml": one("a", "user.name")}), folder("site", map[string]string{"b.yaml": one("b", "user.id"), "c.yaml": one("c", "user.email")}))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got := strings.Join(s.Paths(ls, "Who"), " "); got != "user.name" {
		t.Errorf("got %s", got)
	}
	s, _ = Load(folder("site", map[string]string{"a.yaml": one("a", "user.name"), "b.yaml": one("b", "user.id"), "c.yaml": one("c", "user.id")}))
	if got := strings.Join(s.Paths(ls, "Who"), " "); got != "user.name user.id" {
		t.Errorf("got %s", got)
	}
	if s.Has(LogSource{Category: "logout"}) || !s.Has(ls) || !s.Known(ls, "Who") || s.Known(ls, "Whom") {
		t.Error("which log sources and names there are")
	}
}
