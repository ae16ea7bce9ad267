package tools

import (
	"slices"
	"testing"

	"weir/rules"
	"weir/rules/pipelines"
)

func TestProduced(t *testing.T) {
	is := produced()
	for field, want := range map[string]bool{
		"process.name": true, "source.ip": true, "winlog.event_data.Anything": true, "weir.class": true, "host.name": true, "labels.team": true,
		"aws.cloudtrail.error_code": true, "okta.event_type": true, "user.nmae": false, "acme.event_type": false, "volume.nt_name": false,
	} {
		for range 2 { // the second answer is a kept one
			if got := is(nil, field); got != want {
				t.Errorf("%s: %v", field, got)
			}
		}
	}
}

func TestUnfilled(t *testing.T) {
	win, acme := rules.LogSource{Product: "windows", Category: "process_creation"}, rules.LogSource{Product: "acme", Service: "acme"}
	list := []*rules.Rule{
		{ID: "all", Sigma: true, LogSource: win, Asks: []string{"Image", "Hashes"}},
		{ID: "none", Sigma: true, LogSource: acme, Asks: []string{"eventType"}},
		{ID: "some", Sigma: true, LogSource: rules.LogSource{Product: "linux", Service: "sshd"}, Asks: []string{"SourceHostname", "pid", "s.computer"}},
	}
	is := unfilled(inputs{set: &rules.Set{Rules: list}, pipes: pipelines.Shipped()})
	for i, want := range []struct {
		names []string
		made  bool
	}{{nil, true}, {[]string{"eventType"}, false}, {[]string{"s.computer"}, true}} {
		for range 2 { // the second answer is a kept one
			names, made := is(list[i])
			if !slices.Equal(names, want.names) || made != want.made {
				t.Errorf("%s: %v %v, want %v %v", list[i].ID, names, made, want.names, want.made)
			}
		}
	}
	if unfilled(inputs{set: &rules.Set{}}) != nil {
		t.Error("without pipelines nothing is known")
	}
}
