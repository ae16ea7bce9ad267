package fold

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/event/ecs"
)

// TestView_Reach: what the clouds write, as Elastic's agents store it.
func TestView_Reach(t *testing.T) {
	t.Parallel()
	e := decode(t, `{
		"okta":{"target":[{"display_name":"Kim","type":"User"},{"display_name":"Lee","detail":{"x":7}},null,"odd"],"actor":{"display_name":"Boss","odd":{"y":"Z"}}},
		"gcp":{"audit":{"authorization_info":[{"permission":"iam.Create","granted":true},{"permission":"iam.Delete"}]}},
		"azure":{"auditlogs":{"properties":{"category":"Policy","target_resources":{"0":{"display_name":"App","modified":[{"new":"V"}]}}}}},
		"labels":{"a.b":"one","a":{"b.c":"Two","c":["three",{"d":"four"}]}},
		"unheard":{"of":[{"a":{"b":"U"}},{"a.b":"W"},{"ab":"no"}],"ofx":"no"},
		"winlog":{"event_data":{"User":"Known","Contoso":"Open"},"extra":"E"}}`)
	var v View
	v.Reset(e)
	for _, tt := range []struct{ name, path, want string }{
		{"through a list of objects", "okta.target.display_name", "Kim Lee"},
		{"further down", "okta.target.detail.x", "7"},
		{"the list", "okta.target", "7 Kim Lee User odd"},
		{"a list and fields", "okta", "7 Boss Kim Lee User Z odd"},
		{"an object of known and unknown names", "okta.actor", "Boss Z"},
		{"truths", "gcp.audit.authorization_info.granted", "true"},
		{"permissions", "gcp.audit.authorization_info.permission", "iam.Create iam.Delete"},
		{"a whole flattened object", "azure.auditlogs.properties.target_resources", "App V"},
		{"its parent", "azure.auditlogs.properties", "App Policy V"},
		{"an index as a name", "azure.auditlogs.properties.target_resources.0.display_name", "App"},
		{"a list in an object", "azure.auditlogs.properties.target_resources.0.modified.new", "V"},
		{"a plain value ends the search", "labels.a.b", "one"},
		{"keys with full stops", "labels.a", "Two four one three"},
		{"members of an unknown list", "unheard.of.a.b", "U W"},
		{"an unknown list", "unheard.of", "U W no"},
		{"not what only begins alike", "unheard.of.a", "U W"},
		{"known and unknown names", "winlog.event_data", "Known Open"},
		{"nothing", "unheard.o", ""},
		{"absent", "user", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ref := event.MakeRef(tt.path)
			texts, folds := slices.Clone(v.Texts(ref)), v.Folded(ref)
			for i := range texts {
				if String(texts[i]) != folds[i] {
					t.Errorf("%q and %q", texts, folds)
				}
			}
			slices.Sort(texts)
			if got := strings.Join(texts, " "); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestView_ReachRegistered: it makes no difference whether a rule made the names known, nor when.
func TestView_ReachRegistered(t *testing.T) {
	t.Parallel()
	doc := `{"reachtest":{"list":[{"name":"A"},{"name":"B"}],"whole":{"x":"C","y":{"z":"D"}}}}`
	before := decode(t, doc)
	if _, err := event.Register(ecs.Keyword, "reachtest.list.name", "reachtest.list", "reachtest.whole", "reachtest.whole.x"); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*event.Event{before, decode(t, doc)} {
		var v View
		v.Reset(e)
		got := fmt.Sprint(v.Texts(event.MakeRef("reachtest.list.name")), v.Texts(event.MakeRef("reachtest.list")), v.Folded(event.MakeRef("reachtest.whole.y")))
		if got != "[A B] [A B] [d]" || len(v.Texts(event.MakeRef("reachtest.whole"))) != 2 {
			t.Errorf("got %s", got)
		}
	}
}

// TestView_ReachAllocatesNothing, and shows the next event alone.
func TestView_ReachAllocatesNothing(t *testing.T) {
	a, b := decode(t, `{"okta":{"target":[{"display_name":"Kim"},{"display_name":"Lee"}]},"labels":{"a":{"b":"X"}}}`), decode(t, `{"message":"m"}`)
	refs := []event.Ref{event.MakeRef("okta.target.display_name"), event.MakeRef("okta.target"), event.MakeRef("labels"), event.MakeRef("user.name"), event.MakeRef("process")}
	var v View
	n := 0
	once := func() {
		for _, e := range []*event.Event{a, b} {
			v.Reset(e)
			for _, r := range refs {
				n += len(v.Folded(r)) + len(v.Texts(r))
			}
			if e == b && n%10 != 0 {
				t.Error("something of the event before is still there")
			}
		}
	}
	once()
	if got := testing.AllocsPerRun(100, once); got != 0 || n%10 != 0 || n == 0 {
		t.Errorf("%v allocations, %d texts", got, n)
	}
}
