package kibana

import (
	"strings"
	"testing"
)

// TestBoard_Grid: panels lie beside each other, none over another, in rows as wide as the grid.
func TestBoard_Grid(t *testing.T) {
	for _, o := range objects(t) {
		if o.Type != "dashboard" {
			continue
		}
		taken := map[[2]int]string{}
		deepest := 0
		for _, p := range panelsOf(t, o) {
			number := func(k string) int { return int(at(p, "gridData", k).(float64)) }
			id := p["panelIndex"].(string)
			if at(p, "gridData", "i") != id || number("x")+number("w") > gridWidth {
				t.Errorf("%s: panel %s: %v", o.ID, id, p["gridData"])
			}
			deepest = max(deepest, number("y")+number("h"))
			for x := range number("w") {
				for y := range number("h") {
					at := [2]int{number("x") + x, number("y") + y}
					if taken[at] != "" {
						t.Fatalf("%s: panel %s lies on panel %s", o.ID, id, taken[at])
					}
					taken[at] = id
				}
			}
		}
		if len(taken) != deepest*gridWidth {
			t.Errorf("%s: %d of %d places are taken", o.ID, len(taken), deepest*gridWidth)
		}
	}
}

// TestBoard_Menu: from every dashboard one comes to every other one.
func TestBoard_Menu(t *testing.T) {
	for _, b := range boards {
		text := at(menu(b.id), "embeddableConfig", "savedVis", "params", "markdown").(string)
		for _, other := range boards {
			link := strings.Contains(text, "(#/view/"+other.id+")")
			if link == (other.id == b.id) {
				t.Errorf("%s: link to %s: %v", b.id, other.id, link)
			}
		}
	}
}

// TestBoard_Time: a dashboard opens on a day of its own, whatever the last one was looked at with.
func TestBoard_Time(t *testing.T) {
	for _, o := range objects(t) {
		if o.Type == "dashboard" && (o.Attributes["timeRestore"] != true || o.Attributes["timeFrom"] != "now-24h") {
			t.Errorf("%s: %v from %v", o.ID, o.Attributes["timeRestore"], o.Attributes["timeFrom"])
		}
	}
}

func TestBoard_Mistakes(t *testing.T) {
	tests := []struct {
		name  string
		panel panel
		want  string
	}{
		{"too narrow", panel{title: "x", width: 24, figure: true}, "24 columns wide"},
		{"too wide", panel{title: "x", width: 50, figure: true}, "50 columns wide"},
		{"no form", panel{title: "x", width: 48}, "has no form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := board{id: "b", view: allEvents, rows: []row{{4, []panel{tt.panel}}}}.object()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestSearch_Query(t *testing.T) {
	o, err := searches[1].object()
	if err != nil {
		t.Fatal(err)
	}
	body := decode(t, at(o.Attributes["kibanaSavedObjectMeta"], "searchSourceJSON").(string))
	if at(body, "query", "query") != isLogin || at(body, "query", "language") != "kuery" || at(body, "indexRefName") != sourceIndex {
		t.Errorf("%v", body)
	}
	if o.References[0].Name != sourceIndex || o.References[0].ID != allEvents {
		t.Errorf("references: %v", o.References)
	}
}

func TestView(t *testing.T) {
	o := views[0].object(DefaultPrefix)
	if o.Attributes["title"] != "logs-weir.*" || o.Attributes["timeFieldName"] != "@timestamp" {
		t.Errorf("%v", o.Attributes)
	}
	hint := at(decode(t, o.Attributes["fieldAttrs"].(string)), "weir.class", "customDescription")
	if s, _ := hint.(string); !strings.Contains(s, "retention") {
		t.Errorf("hint %v", hint)
	}
}
