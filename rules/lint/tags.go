package lint

import (
	"slices"
	"strings"

	"weir/internal/nearest"
)

// tactics are those of ATT&CK as tags name them, those of older versions among them: rules keep the tag that they were
// given. They are written with - or _.
var tactics = []string{
	"reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion", "stealth", "defense-impairment",
	"credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
	"inhibit-response-function", "impair-process-control", "evasion", // of industrial control systems
}

// tagFault says what is wrong with an ATT&CK tag, "" for one that is right and for tags of other name spaces.
func tagFault(tag string) (why, do string) {
	name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
	if !ok {
		if strings.HasPrefix(strings.ToLower(tag), "attack") {
			return "a tag of ATT&CK begins with `attack.`", "write attack.t1110.001 or attack.credential-access"
		}
		return "", ""
	}
	if id, ok := numbered(name); ok {
		if id {
			return "", ""
		}
		return "ids of ATT&CK are t1110, t1110.001, g0016, s0154, m1036 and ds0005", "write attack.t1110.001"
	}
	plain := strings.ReplaceAll(name, "_", "-")
	if slices.Contains(tactics, plain) {
		return "", ""
	}
	do = "tactics: " + strings.Join(tactics[:len(tactics)-3], ", ")
	if near := nearest.Name(plain, tactics); near != "" {
		do = "did you mean `attack." + near + "`?"
	}
	return "ATT&CK has no such tactic", do
}

// numbered tells whether a name looks like an id, and whether it is one: a letter or two, four digits, and for a
// technique a point and three more.
func numbered(name string) (right, looks bool) {
	head := strings.TrimRight(name, "0123456789.")
	digits := name[len(head):]
	if digits == "" || len(head) > 2 {
		return false, false
	}
	base, sub, dotted := strings.Cut(digits, ".")
	right = len(base) == 4 && slices.Contains([]string{"t", "g", "s", "m", "ta", "ds", "c"}, head)
	if dotted {
		right = right && head == "t" && len(sub) == 3 && !strings.Contains(sub, ".")
	}
	return right, true
}
