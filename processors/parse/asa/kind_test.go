package asa

import (
	"slices"
	"testing"

	"weir/event"
)

// allowedValues are ECS's lists of what event.category and event.type may be.
var (
	allowedCategories = []string{"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam", "intrusion_detection", "library", "malware", "network", "package", "process", "registry", "session", "threat", "vulnerability", "web"}
	allowedTypes      = []string{"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "end", "error", "group", "indicator", "info", "installation", "protocol", "start", "user"}
)

func TestKinds_UseAllowedWords(t *testing.T) {
	kinds := map[*kind]string{}
	for code, m := range messages().byCode {
		if m.kind != nil {
			kinds[m.kind] = code
		}
	}
	for code, k := range securityKinds {
		kinds[k] = code
	}
	for k, code := range kinds {
		for _, list := range []struct {
			v       event.Value
			allowed []string
		}{{k.categories, allowedCategories}, {k.types, allowedTypes}} {
			for i := range list.v.Len() {
				if w := list.v.Item(i).Str(); !slices.Contains(list.allowed, w) {
					t.Errorf("%s: ECS has no %q", code, w)
				}
			}
		}
		if !slices.Contains([]string{"", "success", "failure", "unknown"}, k.outcome) {
			t.Errorf("%s: outcome %q", code, k.outcome)
		}
	}
}

func TestDescribe_Verdict(t *testing.T) {
	tests := []struct {
		kind          *kind
		verdict, want string
	}{{ruled, "permitted", `["connection","allowed"]`}, {ruled, "est-allowed", `["connection","allowed"]`}, {ruled, "denied", `["connection","denied"]`}, {denied, "permitted", `["connection","denied"]`}}
	for _, tt := range tests {
		var e event.Event
		tt.kind.describe(&e, tt.verdict)
		if got := e.Get(event.EventType).Text(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.verdict, got, tt.want)
		}
	}
}
