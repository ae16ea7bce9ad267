package lint

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"weir/internal/testkit"
	"weir/rules"
)

// reviewed are the findings about conditions that can never hold in the rules of SigmaHQ, each looked at by a person, and
// why it is right. A new one is either a fault of the rule, of a pipeline, or of the lint: look before adding it.
var reviewed = map[string]string{
	"kubernetes_audit_potential_enumeration_activity.yml":                           "responseStatus.code is a number of HTTP, and the rule asks for the word ALLOW",
	"aws_cloudtrail_imds_malicious_usage.yml":                                       "source.ip is an address; CloudTrail's words for its own services are kept elsewhere",
	"proc_creation_lnx_exploit_cve_2025_55182_susp_nodejs_server_child_process.yml": "an image cannot end with both /sh and -c: the second was meant for the command line",
	"azure_guest_to_member.yml":                                                     "two names of Azure's log mean one field here",
}

// TestReal_SigmaHQ: over thousands of rules that others wrote, whatever is called impossible is, and nothing is called
// certain that is not.
func TestReal_SigmaHQ(t *testing.T) {
	if testing.Short() {
		t.Skip("reads thousands of rules")
	}
	files := testkit.SigmaHQ(t)
	set := rules.Load(rules.Options{}, rules.Source{Name: "sigma", FS: files})
	if len(set.Rules) < 3000 {
		t.Fatalf("%d rules", len(set.Rules))
	}
	found := Check(set.Rules, Options{Read: func(name string) ([]byte, error) {
		f, ok := files[strings.TrimPrefix(name, "sigma/")]
		if !ok {
			return nil, os.ErrNotExist
		}
		return f.Data, nil
	}})
	dead := map[string]bool{}
	for _, f := range found {
		switch f.Code {
		case "rule-always":
			t.Errorf("%v: %s", f.Error, f.Why)
		case "rule-never":
			name := path.Base(f.Rule.File)
			dead[name] = true
			if reviewed[name] == "" {
				t.Errorf("nobody has looked at: %v: %s", f.Error, f.Why)
			}
		}
		if f.Text != "" && (f.Mark < 1 || f.Mark > len([]rune(f.Text))+1) {
			t.Errorf("%v points at column %d", f.Error, f.Mark)
		}
	}
	t.Logf("%d findings about %d rules; parts that can never hold in %q", len(found), len(set.Rules), slices.Sorted(maps.Keys(dead)))
}
