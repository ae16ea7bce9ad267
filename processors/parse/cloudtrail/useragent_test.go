package cloudtrail

import (
	"testing"

	"weir/event"
)

func TestUserAgent(t *testing.T) {
	for _, tc := range []struct{ text, name, version, os string }{
		{"aws-cli/1.3.2 Python/2.7.5 Windows/7", "aws-cli", "1.3.2", "Windows"},
		{"signin.amazonaws.com", "Other", "", ""},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome", "131.0.0.0", "Windows"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari", "18.0", "Mac OS X"},
		{"Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36 Edg/131.0.2", "Edge", "131.0.2", "Linux"},
		{"Mozilla/5.0 (something)", "Other", "", ""},
		{"[aws-sdk-go/1.44 (go1.20; linux; amd64)]", "aws-sdk-go", "1.44", "Linux"},
		{"Boto3/1.26.0-beta_1 md/x", "Boto3", "1.26.0-beta_1", ""}, {"a program/1.0", "Other", "", ""}, {"x/", "Other", "", ""}, {"/1", "Other", "", ""},
	} {
		var e event.Event
		userAgent(&e, tc.text)
		got := fields(t, &e)
		if got["user_agent.name"] != tc.name || got["user_agent.version"] != tc.version || got["user_agent.os.name"] != tc.os || got["user_agent.original"] != tc.text || got["user_agent.device.name"] != "Other" {
			t.Errorf("%s: %v", tc.text, got)
		}
	}
}
