package reviewing

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"weir/internal/review"
	"weir/internal/review/store"
)

// TestForm: what goes over the socket comes back as it was, and names in JSON are those that scripts know.
func TestForm(t *testing.T) {
	for _, x := range []struct {
		name string
		v    any
		want string
	}{
		{"a view", &View{View: store.View{Version: 3, Facts: &review.Facts{ID: "2026-10", State: review.Open, Systems: []review.System{}}}, Overdue: true}, `"version":3,"facts":{"v":0,"id":"2026-10"`},
		{"a row", &Row{Period: "2026-10", State: "missing", Waits: []string{"crm"}}, `"period":"2026-10"`},
		{"a comment", &CommentRequest{ID: "2026-10", Finding: "off-hours", Text: "x"}, `{"id":"2026-10","finding":"off-hours","text":"x"}`},
		{"a decision", &ExplainRequest{ID: "2026-10", Download: "e1", Kind: "ask", Whom: "kim"}, `{"id":"2026-10","download":"e1","kind":"ask","whom":"kim"}`},
		{"an opening", &OpenRequest{Month: "2026-10", Redraft: true}, `{"month":"2026-10","redraft":true}`},
	} {
		t.Run(x.name, func(t *testing.T) {
			b, err := json.Marshal(x.v)
			if err != nil || !strings.Contains(string(b), x.want) {
				t.Fatalf("%s, %v", b, err)
			}
			back := reflect.New(reflect.TypeOf(x.v).Elem()).Interface()
			if err := json.Unmarshal(b, back); err != nil || !reflect.DeepEqual(back, x.v) {
				t.Errorf("%+v, %v", back, err)
			}
		})
	}
}

// TestNames: each question has a name of its own, below review/ or keys/.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{AskOpen, AskShow, AskStatus, AskComment, AskExplain, AskPrepare, AskSign, AskHere, AskKeyAdd, AskKeys, AskRevoke} {
		if seen[name] || !strings.HasPrefix(name, "review/") && !strings.HasPrefix(name, "keys/") {
			t.Errorf("%s", name)
		}
		seen[name] = true
	}
}
