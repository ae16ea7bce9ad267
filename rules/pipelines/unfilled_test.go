package pipelines

import (
	"strings"
	"testing"

	"weir/schemas"
)

func TestUnfilled(t *testing.T) {
	formats := Formats{
		"system.auth":    {"event.dataset", "process.name", "user.name", "message"},
		"aws.cloudtrail": {"event.action", "aws.cloudtrail.flattened.request_parameters.*"},
		"windows":        {"winlog.channel", "winlog.event_data.*", "event.code", "process.executable"},
	}
	tests := []struct {
		name  string
		ls    LogSource
		names string
		want  string
		made  bool
	}{
		{"all are filled", LogSource{Product: "windows", Category: "process_creation"}, "Image Hashes EventID", "", true},
		{"one is not", LogSource{Product: "windows", Category: "process_creation"}, "Image CommandLine", "CommandLine", true},
		{"one of several fields is enough", LogSource{Product: "windows", Category: "process_creation"}, "IntegrityLevel", "", true},
		{"another source's fields do not count", LogSource{Product: "linux", Service: "sshd"}, "EventID comm TargetFilename", "EventID TargetFilename", true},
		{"keys of an open field", LogSource{Product: "aws", Service: "cloudtrail"}, "eventName requestParameters.x responseElements.y", "responseElements.y", true},
		{"nobody makes such events", LogSource{Product: "zeek", Service: "dns"}, "query", "query", false},
		{"nor such ones of the product", LogSource{Product: "linux", Service: "auditd"}, "comm", "comm", false},
		{"no log source: any format", LogSource{}, "event.action process.name source.ip source.ip", "source.ip", true},
		{"no names", LogSource{Product: "linux", Service: "sshd"}, "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, made := Shipped().Unfilled(tt.ls, strings.Fields(tt.names), formats)
			if strings.Join(got, " ") != tt.want || made != tt.made {
				t.Errorf("got %q, %v; want %q, %v", strings.Join(got, " "), made, tt.want, tt.made)
			}
		})
	}
}

// With the formats that there are: what weir reads, and what it does not.
func TestUnfilled_OwnFormats(t *testing.T) {
	list, err := schemas.Formats()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ls   LogSource
		made bool
	}{
		{LogSource{Product: "windows", Category: "process_creation"}, true},
		{LogSource{Product: "windows", Service: "security"}, true},
		{LogSource{Product: "linux", Service: "sudo"}, true},
		{LogSource{Product: "aws", Service: "cloudtrail"}, true},
		{LogSource{Category: "firewall"}, true},
		{LogSource{Product: "zeek", Service: "dns"}, true},
		{LogSource{Product: "okta", Service: "okta"}, true},
		{LogSource{Product: "bitbucket", Service: "audit"}, false},
	} {
		if _, made := Shipped().Unfilled(tt.ls, nil, list); made != tt.made {
			t.Errorf("%s: %v", tt.ls, made)
		}
	}
	if got, _ := Shipped().Unfilled(LogSource{Product: "windows", Category: "process_creation"}, strings.Fields("Image CommandLine ParentImage OriginalFileName Hashes User"), list); len(got) > 0 {
		t.Errorf("%v have no format", got)
	}
}
