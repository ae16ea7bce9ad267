package pipelines

import "testing"

func TestLogSource(t *testing.T) {
	tests := []struct {
		ls    LogSource
		text  string
		empty bool
	}{
		{LogSource{}, "*/*/*", true},
		{LogSource{Product: "windows"}, "windows/*/*", false},
		{LogSource{Category: "proxy"}, "*/proxy/*", false},
		{LogSource{"windows", "process_creation", "sysmon"}, "windows/process_creation/sysmon", false},
	}
	for _, tt := range tests {
		if got := tt.ls.String(); got != tt.text || tt.ls.Empty() != tt.empty {
			t.Errorf("%+v: %s, empty %v", tt.ls, got, tt.ls.Empty())
		}
	}
}
