package schemas

import (
	"slices"
	"testing"
)

func TestFormats(t *testing.T) {
	got, err := Formats()
	if err != nil {
		t.Fatal(err)
	}
	for dataset, field := range map[string]string{
		"system.auth": "system.auth.ssh.method", "cisco_asa.log": "cisco.asa.*", "iptables.log": "iptables.*", "aws.cloudtrail": "aws.cloudtrail.flattened.request_parameters.*",
		"windows": "winlog.event_data.*", "ebpf.tcp": "destination.ip", "snmp.trap": "snmp.trap.oid",
	} {
		if !slices.Contains(got[dataset], field) {
			t.Errorf("%s has no %s", dataset, field)
		}
	}
	if len(got["json.log"]) > 0 {
		t.Error("events that come as JSON can have any field, so they must not be in the list")
	}
}
