package coverage

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// layer is a layer of ATT&CK Navigator, in the format 4.5.
type layer struct {
	Name     string `json:"name"`
	Versions struct {
		Layer     string `json:"layer"`
		Navigator string `json:"navigator"`
	} `json:"versions"`
	Domain      string           `json:"domain"`
	Description string           `json:"description"`
	Sorting     int              `json:"sorting"` // 3: by score, the highest first
	Techniques  []layerTechnique `json:"techniques"`
	Gradient    struct {
		Colors   []string `json:"colors"`
		MinValue int      `json:"minValue"`
		MaxValue int      `json:"maxValue"`
	} `json:"gradient"`
	LegendItems []layerLegend   `json:"legendItems"`
	Metadata    []layerMetadata `json:"metadata"`
}

type layerTechnique struct {
	ID                string          `json:"techniqueID"`
	Score             int             `json:"score"`
	Color             string          `json:"color"`
	Comment           string          `json:"comment"`
	Enabled           bool            `json:"enabled"`
	ShowSubtechniques bool            `json:"showSubtechniques"`
	Metadata          []layerMetadata `json:"metadata"`
}

type layerLegend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

type layerMetadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Colours of a technique without a rule that can run, and the ends of the scale of those with one.
const (
	colourBlind = "#ff9c9c"
	colourFew   = "#e3f4e3"
	colourMany  = "#2f8f46"
)

// Navigator returns the report as a layer that ATT&CK Navigator loads: the score of a technique is how many of its rules
// can run; where rules exist and none can, the technique is red and the comment says what is missing.
func Navigator(r *Report, name string) ([]byte, error) {
	l := layer{Name: name, Domain: "enterprise-attack", Sorting: 3, Techniques: []layerTechnique{}}
	l.Versions.Layer, l.Versions.Navigator = "4.5", "5.1.0"
	l.Description = fmt.Sprintf("%d rules of the set %s, from %s to %s", len(r.Rules), r.Set, r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339))
	most := 1
	parents := map[string]bool{}
	for _, t := range r.Techniques {
		most = max(most, t.CanRun)
		if parent, _, sub := strings.Cut(t.ID, "."); sub {
			parents[parent] = true
		}
	}
	for _, t := range r.Techniques {
		x := layerTechnique{ID: t.ID, Score: t.CanRun, Enabled: true, ShowSubtechniques: parents[t.ID], Comment: comment(t), Metadata: []layerMetadata{
			{"rules", fmt.Sprint(t.Rules)}, {"can run here", fmt.Sprint(t.CanRun)}, {"fired", fmt.Sprint(t.Fired)},
		}}
		if t.CanRun == 0 {
			x.Color = colourBlind
		}
		if len(t.MissingSources) > 0 {
			x.Metadata = append(x.Metadata, layerMetadata{"log sources missing", strings.Join(t.MissingSources, ", ")})
		}
		if len(t.MissingFields) > 0 {
			x.Metadata = append(x.Metadata, layerMetadata{"fields missing", strings.Join(t.MissingFields, ", ")})
		}
		l.Techniques = append(l.Techniques, x)
	}
	l.Gradient.Colors, l.Gradient.MinValue, l.Gradient.MaxValue = []string{colourFew, colourMany}, 0, most
	l.LegendItems = []layerLegend{{"rules, and none can run: what they look at is missing", colourBlind}, {"one rule can run", colourFew}, {"the most rules can run", colourMany}}
	l.Metadata = []layerMetadata{{"rule set", r.Set}}
	out, err := json.MarshalIndent(&l, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the layer: %w", err)
	}
	return append(out, '\n'), nil
}

// comment says in a sentence what the score means.
func comment(t Technique) string {
	text := fmt.Sprintf("%d of %d rules can run here, %d fired", t.CanRun, t.Rules, t.Fired)
	if len(t.MissingSources) > 0 {
		text += "; nothing was received of " + strings.Join(t.MissingSources, ", ")
	}
	return text
}
