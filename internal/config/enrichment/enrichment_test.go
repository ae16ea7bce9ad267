package enrichment

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// told collects what a check says.
func told(check func(func(key, what, why, do string))) (out []string) {
	check(func(key, what, _, do string) { out = append(out, fmt.Sprintf("%s: %s; %s", key, what, do)) })
	return out
}

func TestEnrich_Check(t *testing.T) {
	for _, tt := range []struct {
		name     string
		networks []string
		want     []string
	}{
		{"none", nil, nil},
		{"all kinds", []string{"private", "192.0.2.0/24", "2001:db8::/32", "203.0.113.7"}, nil},
		{"a name", []string{"office"}, []string{`enrich.internal_networks: "office" is no network; write networks such as 192.0.2.0/24, or private`}},
		{"too many bits", []string{"private", "192.0.2.0/33"}, []string{`enrich.internal_networks: "192.0.2.0/33" is no network; write networks such as 192.0.2.0/24, or private`}},
		{"each mistake", []string{"", "x"}, []string{
			`enrich.internal_networks: "" is no network; write networks such as 192.0.2.0/24, or private`,
			`enrich.internal_networks: "x" is no network; write networks such as 192.0.2.0/24, or private`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Enrich{InternalNetworks: tt.networks}
			if got := told(c.Check); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNormalise_Check(t *testing.T) {
	for version, ok := range map[string]bool{"8.11.0": true, "9.0.0": true, "": false, "1.12.0": false, "80": false} {
		c := Normalise{ECS: version}
		if got := told(c.Check); (len(got) == 0) != ok {
			t.Errorf("%q: %q", version, got)
		}
	}
}

// TestSections_Tags: reader, schema and documentation are made of the tags, so no field is without.
func TestSections_Tags(t *testing.T) {
	for _, section := range []reflect.Type{reflect.TypeFor[Normalise](), reflect.TypeFor[Enrich](), reflect.TypeFor[GeoIP]()} {
		for f := range section.Fields() {
			if name := f.Tag.Get("yaml"); name == "" || strings.ToLower(name) != name || f.Tag.Get("doc") == "" {
				t.Errorf("%s.%s: %s", section, f.Name, f.Tag)
			}
		}
	}
}
