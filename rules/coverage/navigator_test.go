package coverage

import (
	"encoding/json"
	"regexp"
	"testing"
)

// TestNavigator holds the layer to the shape that the format 4.5 documents: what is required is there, colours are
// colours, and every technique has an id that ATT&CK could have.
func TestNavigator(t *testing.T) {
	t.Parallel()
	doc, err := Navigator(Compute(office()), "weir")
	if err != nil {
		t.Fatal(err)
	}
	var l struct {
		Name     string            `json:"name"`
		Versions map[string]string `json:"versions"`
		Domain   string            `json:"domain"`
		Sorting  int               `json:"sorting"`
		Gradient struct {
			Colors             []string
			MinValue, MaxValue *float64
		}
		LegendItems []struct{ Label, Color string }
		Metadata    []struct{ Name, Value string }
		Techniques  []struct {
			TechniqueID       string `json:"techniqueID"`
			Score             *int
			Color, Comment    string
			Enabled           *bool
			ShowSubtechniques *bool
			Metadata          []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(doc, &l); err != nil {
		t.Fatal(err)
	}
	if l.Name != "weir" || l.Domain != "enterprise-attack" || l.Versions["layer"] != "4.5" || l.Versions["navigator"] == "" || l.Sorting < 0 || l.Sorting > 3 {
		t.Errorf("%s", doc)
	}
	colour := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	for _, c := range l.Gradient.Colors {
		if !colour.MatchString(c) {
			t.Errorf("%q is no colour", c)
		}
	}
	if len(l.Gradient.Colors) < 2 || l.Gradient.MinValue == nil || *l.Gradient.MaxValue <= *l.Gradient.MinValue {
		t.Errorf("%+v", l.Gradient)
	}
	for _, x := range l.LegendItems {
		if x.Label == "" || !colour.MatchString(x.Color) {
			t.Errorf("%+v", x)
		}
	}
	id := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	got := map[string]int{}
	for i, x := range l.Techniques {
		if !id.MatchString(x.TechniqueID) || x.Score == nil || x.Enabled == nil || !*x.Enabled || x.ShowSubtechniques == nil || x.Comment == "" {
			t.Errorf("technique %d: %+v", i, x)
		}
		if (x.Color != "") != (*x.Score == 0) || x.Color != "" && !colour.MatchString(x.Color) {
			t.Errorf("%s with the score %d has the colour %q", x.TechniqueID, *x.Score, x.Color)
		}
		for _, m := range x.Metadata {
			if m.Name == "" || m.Value == "" {
				t.Errorf("%s: empty metadata %+v", x.TechniqueID, m)
			}
		}
		got[x.TechniqueID] = *x.Score
	}
	if len(got) != 3 || got["T1110.001"] != 1 || got["T1059"] != 0 {
		t.Errorf("%v", got)
	}
	empty, err := Navigator(&Report{}, "none")
	if err != nil || json.Unmarshal(empty, &l) != nil || l.Techniques == nil && len(l.Techniques) != 0 {
		t.Errorf("%s, %v", empty, err)
	}
}
