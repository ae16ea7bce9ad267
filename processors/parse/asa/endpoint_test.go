package asa

import (
	"testing"

	"weir/event"
)

func TestSetEndpoint(t *testing.T) {
	tests := []struct{ name, profile, maker, kind, model, os string }{
		{"a class only", "Workstation", "", "", "", ""},
		{"a workstation", "Workstation:Microsoft-Workstation:Windows11-Workstation", "Microsoft", "Microsoft", "Windows11", ""},
		{"with a release", "Workstation:Macintosh-Workstation:OS_X-Workstation:OS_X_Lion-Workstation", "Macintosh", "Macintosh", "OS X", "OS X Lion"},
		{"a device", "Cisco-Device:Cisco-Router", "Cisco", "Cisco Router", "", ""},
		{"a maker of two words", "Example-Power-Device", "Example Power", "", "", ""},
		{"a telephone", "Android:Android-Acme:Android-Acme-Phone:Android-Acme-Phone-2", "Android", "Android Acme", "Android Acme Phone", "Android Acme Phone 2"},
		{"no profile", "Invalid ID", "", "", "", ""},
		{"nothing", "", "", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			setEndpoint(&e, tt.profile)
			for f, want := range map[event.Field]string{event.DeviceManufacturer: tt.maker, event.HostType: tt.kind, event.DeviceModelName: tt.model, event.HostOSFull: tt.os} {
				if got := e.Str(f); got != want {
					t.Errorf("%v: got %q, want %q", f, got, want)
				}
			}
		})
	}
}
