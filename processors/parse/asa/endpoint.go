package asa

import (
	"strings"

	"weir/event"
)

// An endpoint profile is the path of a device through the classes of the identity services, from the widest to the exact:
//
//	Workstation:Microsoft-Workstation:Windows10-Workstation
//	Cisco-Device:Cisco-Access-Point:Cisco-AP-Aironet-2800
//
// The second class is the type, the third the model, the fourth the release of an operating system. The maker is the
// first class but for workstations, whose maker is the second one.
func setEndpoint(e *event.Event, profile string) {
	if profile == "" || strings.Contains(profile, " ") { // "Invalid ID", "Unknown Device"
		return
	}
	var class [4]string
	for i := range class {
		part, rest, _ := strings.Cut(profile, ":")
		class[i], profile = className(part), rest
	}
	maker := class[0]
	if maker == "Workstation" {
		maker = class[1]
	}
	e.SetStr(event.DeviceManufacturer, maker)
	e.SetStr(event.HostType, class[1])
	e.SetStr(event.DeviceModelName, class[2])
	e.SetStr(event.HostOSFull, class[3])
}

// className writes a class as one reads it: Konica-Minolta-Printer, OS_X-Workstation and Dell-Device become Konica Minolta
// Printer, OS X and Dell.
func className(s string) string {
	if short, ok := strings.CutSuffix(s, "-Workstation"); ok {
		s = short
	} else {
		s = strings.TrimSuffix(s, "-Device")
	}
	if !strings.ContainsAny(s, "-_") {
		return s
	}
	return strings.NewReplacer("-", " ", "_", " ").Replace(s)
}
