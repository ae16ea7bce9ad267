package auditd

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// allowed are the words that ECS has for event.category, and for event.type in any of them.
var (
	categories = strings.Fields("api authentication configuration database driver email file host iam intrusion_detection library malware network package process registry session threat vulnerability web")
	typesOfECS = strings.Fields("access admin allowed change connection creation deletion denied end error group indicator info installation protocol start user")
)

func TestKinds(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(kindsTable)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 190 {
		t.Errorf("%d types: some are missing", len(rows)-1)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		if seen[row[0]] || seen[row[1]] {
			t.Errorf("%s comes twice", row[1])
		}
		seen[row[0]], seen[row[1]] = true, true
		for w := range strings.FieldsSeq(row[3]) {
			if !slices.Contains(categories, w) {
				t.Errorf("%s: ECS has no category %q", row[1], w)
			}
		}
		for w := range strings.FieldsSeq(row[4]) {
			if !slices.Contains(typesOfECS, w) {
				t.Errorf("%s: ECS has no type %q", row[1], w)
			}
		}
		if row[5] != "" && kinds[row[1]].users == plain {
			t.Errorf("%s: nobody knows the users %q", row[1], row[5])
		}
		if (row[3] == "") != (row[4] == "") {
			t.Errorf("%s: a category without a type, or a type without a category", row[1])
		}
	}
	if k := kindOf("ADD_USER"); k == nil || k.action != "added-user-account" || k.users != account || k.types.Item(1).Str() != "creation" {
		t.Errorf("ADD_USER is %+v", k)
	}
}

func TestKindName(t *testing.T) {
	for number, want := range map[string]string{"1300": "SYSCALL", "1400": "AVC", "9999": "", "SYSCALL": "", "": "", "UNKNOWN[1300]": ""} {
		if got, ok := kindName(number); got != want || ok != (want != "") {
			t.Errorf("kindName(%q) is %q %v, want %q", number, got, ok, want)
		}
	}
}

func TestWords(t *testing.T) {
	if words("").Kind() != event.Absent || words("a b").Len() != 2 {
		t.Error("words makes no list of words")
	}
}
