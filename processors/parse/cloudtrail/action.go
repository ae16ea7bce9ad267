package cloudtrail

import (
	"strings"

	"weir/event"
)

// verbs say by the first word of an action what was done.
var verbs = map[string]string{
	"Create": "creation", "Run": "creation", "Import": "creation", "Register": "creation", "Allocate": "creation", "Generate": "creation",
	"Delete": "deletion", "Terminate": "deletion", "Deregister": "deletion", "Release": "deletion",
	"Get": "access", "List": "access", "Describe": "access", "Head": "access", "Lookup": "access", "Search": "access", "Query": "access", "Scan": "access", "Batch": "access",
}

// signIns are the actions by which somebody becomes somebody: a sign-in to the console, and every way to take a role.
var signIns = map[string]bool{
	"ConsoleLogin": true, "CheckMfa": true, "SwitchRole": true, "ExitRole": true, "AssumeRole": true, "AssumeRoleWithSAML": true, "AssumeRoleWithWebIdentity": true,
	"AssumeRoot": true, "GetSessionToken": true, "GetFederationToken": true, "GetSigninToken": true, "CredentialVerification": true, "CredentialChallenge": true, "UserAuthentication": true,
}

// action sets category and type, and on whom it was done where that is somebody. IAM has a category of its own in ECS; every
// other record is a call of an API, and more than its verb would be a guess: there are many thousand actions.
func (r *reader) action() {
	name, provider := r.e.Str(event.EventAction), r.e.Str(event.EventProvider)
	switch {
	case signIns[name]:
		r.kind("authentication", signInType(name))
	case provider == "iam.amazonaws.com":
		r.iam(name)
	default:
		r.kind("api", "info", verbType(name, r.v.Get("readOnly").Bool()))
	}
}

// signInType is that of a sign-in: leaving a role ends what taking it began.
func signInType(name string) string {
	if name == "ExitRole" {
		return "end"
	}
	return "start"
}

func (r *reader) kind(category string, types ...string) {
	r.e.Append(event.EventCategory, category)
	for _, t := range types {
		if t != "" {
			r.e.Append(event.EventType, t)
		}
	}
}

// verbType is the type of an action by its first word: CreateTrail is a creation.
func verbType(name string, readOnly bool) string {
	end := 1
	for end < len(name) && (name[end] < 'A' || name[end] > 'Z') {
		end++
	}
	switch t := verbs[name[:min(end, len(name))]]; {
	case t != "":
		return t
	case readOnly:
		return "access"
	case name == "":
		return ""
	}
	return "change"
}

// iam sets what was done to users and groups. What belongs to a user, a key or a device, changes the user when it comes and
// goes.
func (r *reader) iam(name string) {
	params := r.v.Get("requestParameters")
	user, group := params.Get("userName"), params.Get("groupName")
	change := verbType(name, false)
	switch {
	case change == "access":
		r.kind("iam", "info", change)
	case name == "AddUserToGroup" || name == "RemoveUserFromGroup":
		r.kind("iam", "group", "change")
	case strings.HasSuffix(name, "Group"):
		r.kind("iam", "group", change)
	case name == "CreateUser" || name == "DeleteUser":
		r.kind("iam", "user", change)
	case !empty(user):
		r.kind("iam", "user", "change")
	case !empty(group):
		r.kind("iam", "group", "change")
	default:
		r.kind("iam", "admin", change)
	}
	r.str(event.UserTargetName, user)
	r.str(event.UserTargetID, r.v.Get("responseElements").Get("user").Get("userId"))
	r.str(event.UserChangesName, params.Get("newUserName"))
	r.str(event.GroupName, group)
}
