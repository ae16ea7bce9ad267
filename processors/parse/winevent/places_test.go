package winevent

import (
	"testing"

	"weir/event"
	"weir/rules/pipelines"
)

// What rules can name of the head of an event is where the mapping of the pipelines says, in every shape: a rule for one
// finds the others too.
func TestPlaces_AgreeWithThePipelines(t *testing.T) {
	set := pipelines.Shipped()
	path := windows()
	lines := map[string]string{
		"flat": `{"EventID":"1","Channel":"C","Provider_Name":"P","Computer":"H","Level":"4","Keywords":"0x8","Opcode":"O","Task":"T","Message":"M"}`,
		"dump": `{"Event":{"System":{"EventID":1,"Channel":"C","Provider":{"@Name":"P"},"Computer":"H","Level":4,"Keywords":"0x8","Opcode":"O","Task":"T"},"RenderingInfo":{"Message":"M"}}}`,
	}
	want := map[string]string{"EventID": "1", "Channel": "C", "Provider_Name": "P", "Computer": "H", "Level": "4", "Keywords": "0x8", "Opcode": "O", "Task": "T", "Message": "M"}
	for shape, line := range lines {
		var e event.Event
		if err := New(path).Read([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			found := false
			for _, p := range set.Paths(pipelines.LogSource{Product: "windows", Service: "system"}, name) {
				found = found || e.GetPath(p).Text() == text
			}
			if !found {
				t.Errorf("%s: a rule that asks for %s looks at %q, and %s is at none of them: %s", shape, name, set.Paths(pipelines.LogSource{Product: "windows"}, name), text, e.AppendJSON(nil))
			}
		}
	}
}

func TestReader_Aim(t *testing.T) {
	r := New(paths)
	for path, want := range map[string]target{
		"process.command_line":           {known: true},
		"@timestamp":                     {known: true, date: true},
		"winlog.event_data.NobodyHasIt":  {open: true, key: "NobodyHasIt"},
		"winlog.event_data.Nobody.HasIt": {open: true, key: "Nobody.HasIt"},
		"labels.env":                     {open: true},
		"winlog.nobody_has_it":           {},
		"nobody has it":                  {},
	} {
		got := r.aim(path)
		if got.path != path || got.known != want.known || got.date != want.date || got.open != want.open || got.key != want.key {
			t.Errorf("%s: %+v, want %+v", path, *got, want)
		}
		if r.aim(path) != got {
			t.Errorf("%s has two targets", path)
		}
	}
}

func TestIsParam(t *testing.T) {
	for name, want := range map[string]bool{"param1": true, "param12": true, "param": false, "param1a": false, "Param1": false, "xparam1": false, "": false} {
		if isParam(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
