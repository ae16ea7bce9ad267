package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// TestModifierMessages says what is told about modifiers that do not exist or do not go together, whole and with the caret.
func TestModifierMessages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ item, want string }{
		{`User|contain: a`, "7:5 12 the modifier `contain` does not exist / did you mean `contains`?"},
		{`User|xyzzy: a`, "7:5 10 the modifier `xyzzy` does not exist / there are: " + strings.Join(modifierNames(), ", ")},
		{`User|contains|startswith: a`, "7:5 24 `contains` and `startswith` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`User|re|contains: a`, "7:5 16 `re` and `contains` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`User|exists|contains: true`, "7:5 20 `exists` and `contains` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`User|lt|gt: 1`, "7:5 10 `lt` and `gt` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`Time|hour|contains: 5`, "7:5 18 `hour` and `contains` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`Time|hour|minute: 5`, "7:5 16 `hour` and `minute` cannot be combined / write a search of its own for each, and join them in the condition"},
		{`Time|hour|cased: 5`, "7:5 15 a part of a time is a number: only lt, lte, gt, gte and neq go with `hour` / "},
		{`User|base64|re: a`, "7:5 14 `base64` changes texts: it does not go with `re` / write it with contains, startswith, endswith, or alone"},
		{`User|windash|cidr: a`, "7:5 17 `windash` changes texts: it does not go with `cidr` / write it with contains, startswith, endswith, or alone"},
		{`User|base64|fieldref: a`, "7:5 20 `base64` changes texts: it does not go with `fieldref` / write it with contains, startswith, endswith, or alone"},
		{`User|i: a`, "7:5 6 `i` belongs to a regular expression / write `re|i`; without `re` texts compare without regard to case"},
		{`User|re|cased: a`, "7:5 13 `cased` does not go with `re` / leave it out; a regular expression without `i` is case-sensitive"},
		{`User|fieldref|cased: Name`, "7:5 19 fields are compared without regard to case: `cased` does not go with `fieldref` / leave `cased` out"},
		{`User|fieldref|re: Name`, "7:5 16 `fieldref` does not go with `re` / it goes with contains, startswith, endswith and neq"},
		{`User|fieldref|expand: Name`, "7:5 20 `fieldref` does not go with `expand` / it goes with contains, startswith, endswith and neq"},
		{`'|exists': true`, "7:5 9 `exists` needs a field / write the name of a field before the |"},
		{`'|fieldref': Name`, "7:5 11 `fieldref` needs a field / write the name of a field before the |"},
		{`'|gt': 5`, "7:5 5 `gt` needs a field / write the name of a field before the |"},
		{`User|exists: maybe`, "7:18 5 `exists` takes true or false / write true or false"},
		{`User|fieldref: ''`, "7:20 2 `fieldref` names no field / write the name of the other field"},
		{`Port|gt: many`, "7:14 4 `many` is no number, and `gt` compares numbers / write a number"},
		{`Port|lt: '0x10'`, "7:14 6 `0x10` is no number, and `lt` compares numbers / write a number"},
		{`Time|hour: noon`, "7:16 4 `noon` is no number, and `hour` compares numbers / write a number"},
		{`Ip|cidr: '192.168.*'`, "7:14 11 `192.168.*` is no network / write 192.168.0.0/16"},
		{`Ip|cidr: 10.0.0.0/33`, "7:14 11 `10.0.0.0/33` is no network / write a network such as 10.0.0.0/8"},
		{`User|re: '(?=a)b'`, "7:14 8 the pattern cannot be used / write two searches, and in the condition `and` or `and not` between them"},
		{`User|re: 'a++'`, "7:14 5 the pattern cannot be used / the syntax is that of RE2: without looking around, references to groups, and possessive repeats"},
		{`User|re: '(a)\1'`, "7:14 7 the pattern cannot be used / the syntax is that of RE2: without looking around, references to groups, and possessive repeats"},
		{`'|all': [null]`, "7:14 4 a keyword cannot be null / write the text to look for"},
		{`User|contains: null`, "7:20 4 null is no text: this asks that the field is not there / leave the modifiers out"},
	} {
		t.Run(tc.item, func(t *testing.T) {
			t.Parallel()
			got := parse(detection("selection:\n    "+tc.item, "condition: selection"), Options{})
			if len(got.faults) != 1 {
				t.Fatal(show(got.faults))
			}
			e := got.faults[0]
			s := fmt.Sprintf("%s %d %s / %s", strings.TrimPrefix(e.Where, "rules/a_rule.yml:"), e.Width, e.What, e.Do)
			if s != tc.want || e.Warn != (len(got.rules) == 1) {
				t.Errorf("got  %s\nwant %s", s, tc.want)
			}
		})
	}
}
