package cloudtrail

import (
	"fmt"
	"testing"
)

func TestIAM(t *testing.T) {
	for _, tc := range []struct{ action, params, types, target, group string }{
		{"CreateUser", `{"userName":"bob"}`, `["user","creation"]`, "bob", ""}, {"DeleteUser", `{"userName":"bob"}`, `["user","deletion"]`, "bob", ""},
		{"CreateAccessKey", `{"userName":"bob"}`, `["user","change"]`, "bob", ""}, {"DeleteLoginProfile", `{"userName":"bob"}`, `["user","change"]`, "bob", ""},
		{"AddUserToGroup", `{"userName":"bob","groupName":"g"}`, `["group","change"]`, "bob", "g"}, {"CreateGroup", `{"groupName":"g"}`, `["group","creation"]`, "", "g"},
		{"PutGroupPolicy", `{"groupName":"g"}`, `["group","change"]`, "", "g"}, {"CreateRole", `{"roleName":"r"}`, `["admin","creation"]`, "", ""},
		{"ListUsers", `null`, `["info","access"]`, "", ""}, {"GetUser", `{"userName":"bob"}`, `["info","access"]`, "bob", ""}, {"UpdateAccountPasswordPolicy", `{}`, `["admin","change"]`, "", ""},
	} {
		got := fields(t, read(t, fmt.Sprintf(`{"eventName":%q,"eventSource":"iam.amazonaws.com","requestParameters":%s}`, tc.action, tc.params)))
		if got["event.category"] != `["iam"]` || got["event.type"] != tc.types || got["user.target.name"] != tc.target || got["group.name"] != tc.group {
			t.Errorf("%s: %s %s target %q group %q", tc.action, got["event.category"], got["event.type"], got["user.target.name"], got["group.name"])
		}
	}
}

func TestVerbType(t *testing.T) {
	for name, want := range map[string]string{"CreateTrail": "creation", "TerminateInstances": "deletion", "Describe": "access", "PutBucketPolicy": "change", "": "", "x": "change", "Created": "change"} {
		if got := verbType(name, false); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := verbType("Decrypt", true); got != "access" {
		t.Errorf("what changes nothing is %q", got)
	}
	for name, want := range map[string]string{"ExitRole": "end", "AssumeRole": "start"} {
		if got := fields(t, read(t, fmt.Sprintf(`{"eventName":%q}`, name)))["event.type"]; got != `["`+want+`"]` {
			t.Errorf("%s is %s", name, got)
		}
	}
}
