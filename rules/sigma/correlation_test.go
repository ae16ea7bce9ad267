package sigma

import (
	"fmt"
	"strings"
	"testing"

	"weir/rules/yamlfile"
)

// correlate reads the keys below `correlation`.
func correlate(t *testing.T, keys string) (*Correlation, string) {
	t.Helper()
	f, docs := yamlfile.Open("f.yml", []byte("title: T\nid: t\nlevel: high\ncorrelation:\n    "+strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n    ")+"\n"))
	c := New(f, Options{}).Read(f.Body(docs[0])).Correlation
	var b strings.Builder
	for _, e := range f.Faults() {
		fmt.Fprintf(&b, "%s %s: %s\n", strings.TrimPrefix(e.Where, "f.yml:"), e.Code, e.What)
	}
	return c, b.String()
}

func words(list []Name) string {
	var out []string
	for _, n := range list {
		out = append(out, n.Text)
	}
	return strings.Join(out, ",")
}

func TestCorrelation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, keys, want string }{
		{"count", "type: event_count\nrules: [a, b]\ngroup-by: [User, c-ip]\ntimespan: 90m\ncondition: {gte: 10, lt: 1000}", "event_count a,b by User,c-ip 1h30m0s sliding [gte 10 lt 1000]"},
		{"one name", "type: EVENT_COUNT\nrules: a\ngroup-by: User\ntimespan: 1w\ncondition: {gt: 10}", "event_count a by User 168h0m0s sliding [gt 10]"},
		{"no group", "type: event_count\nrules: a\ntimeframe: 1d\ncondition: {eq: 3}", "event_count a by  24h0m0s sliding [eq 3]"},
		{"values", "type: value_count\nrules: a\ngroup-by: [User]\ntimespan: 1s\ncondition: {field: [Image, c], neq: 2}", "value_count a by User 1s sliding [neq 2] of Image,c"},
		{"sum", "type: value_sum\nrules: a\ntimespan: 1M\ncondition: {field: bytes, gt: 1_000_000}", "value_sum a by  720h0m0s sliding [gt 1e+06] of bytes"},
		{"avg", "type: value_avg\nrules: a\ntimespan: 1h\ncondition: {field: bytes, lte: 0.5}", "value_avg a by  1h0m0s sliding [lte 0.5] of bytes"},
		{"median", "type: value_median\nrules: a\ntimespan: 1h\ncondition: {field: bytes, gt: -3}", "value_median a by  1h0m0s sliding [gt -3] of bytes"},
		{"percentile", "type: value_percentile\nrules: a\ntimespan: 1h\ncondition: {field: bytes, gt: 3, percentile: 95.5}", "value_percentile a by  1h0m0s sliding [gt 3] of bytes percent 95.5"},
		{"temporal", "type: temporal\nrules: [a, b]\ntimespan: 1h", "temporal a,b by  1h0m0s sliding []"},
		{"some of them", "type: temporal\nrules: [a, b, c]\ntimespan: 1h\ncondition: {gte: 2}", "temporal a,b,c by  1h0m0s sliding [gte 2]"},
		{"a text", "type: temporal_ordered\ntimespan: 1h\ncondition: a and not b", "temporal_ordered  by  1h0m0s sliding [] if a and not b"},
		{"a text under another type", "type: temporal_extended\nrules: [a, b]\ntimespan: 1h\ncondition: a or b", "temporal a,b by  1h0m0s sliding [] if a or b"},
		{"aliases", "type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 1h\naliases: {ip: {a: src_ip, b: dst_ip}}", "temporal a,b by ip 1h0m0s sliding [] ip(a=src_ip b=dst_ip)"},
		{"generate", "type: temporal\nrules: [a, b]\ntimespan: 1h\ngenerate: true", "temporal a,b by  1h0m0s sliding [] generate"},
		{"windows", "type: event_count\nrules: a\ntimespan: 1h\nwindow: tumbling\ncondition: {gte: 2}", "event_count a by  1h0m0s tumbling [gte 2]"},
		{"a session", "type: event_count\nrules: a\ntimespan: 1h\nwindow: session\ngap: 5m\ncondition: {gte: 2}", "event_count a by  5m0s session [gte 2]"},
		{"a name with blanks", "type: event_count\nrules: a\ngroup-by: ['User Name']\ntimespan: 1h\ncondition: {gte: 2}", "event_count a by UserName 1h0m0s sliding [gte 2]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, faults := correlate(t, tc.keys)
			if c == nil {
				t.Fatal(faults)
			}
			got := fmt.Sprintf("%s %s by %s %s %s [", c.Type, words(c.Rules), words(c.GroupBy), c.Within, c.Window)
			for i, b := range c.Bounds {
				got += strings.Repeat(" ", min(i, 1)) + fmt.Sprintf("%s %v", b.Op, b.Value)
			}
			got += "]"
			if c.Fields != nil {
				got += " of " + words(c.Fields)
			}
			if c.Percent >= 0 {
				got += fmt.Sprintf(" percent %v", c.Percent)
			}
			if c.Text != nil {
				got += " if " + c.Text.String()
			}
			for _, a := range c.Aliases {
				var of []string
				for _, p := range a.Of {
					of = append(of, p[0].Text+"="+p[1].Text)
				}
				got += " " + a.Text + "(" + strings.Join(of, " ") + ")"
			}
			if c.Generate {
				got += " generate"
			}
			if got != tc.want || c.Title != "T" || c.ID != "t" || c.Level != "high" {
				t.Errorf("got\n%s\nwant\n%s\n%s", got, tc.want, faults)
			}
			if tc.name != "a session" && faults != "" {
				t.Error(faults)
			}
		})
	}
}

func TestCorrelationMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, keys, want string }{
		{"no type", "rules: a\ntimespan: 1h", "5:5 sigma-correlation: the correlation has no `type`"},
		{"unknown type", "type: even_count\nrules: a\ntimespan: 1h\ncondition: {gte: 1}", "5:11 sigma-correlation: there is no correlation of type `even_count`"},
		{"no rules", "type: event_count\ntimespan: 1h\ncondition: {gte: 1}", "5:5 sigma-correlation: the correlation names no rules"},
		{"no timespan", "type: event_count\nrules: a\ncondition: {gte: 1}", "5:5 sigma-correlation: the correlation has no `timespan`"},
		{"no time", "type: event_count\nrules: a\ntimespan: soon\ncondition: {gte: 1}", "7:15 sigma-correlation: `timespan` is no time"},
		{"nothing", "type: event_count\nrules: a\ntimespan: 0m\ncondition: {gte: 1}", "7:15 sigma-correlation: `timespan` is no time"},
		{"two years", "type: event_count\nrules: a\ntimespan: 2y\ncondition: {gte: 1}", "7:15 sigma-correlation: `timespan` is longer than 400 days"},
		{"no condition", "type: event_count\nrules: a\ntimespan: 1h", "5:5 sigma-correlation: the correlation has no `condition`"},
		{"a text for a count", "type: event_count\nrules: a\ntimespan: 1h\ncondition: a and b", "8:16 sigma-correlation: the condition is no number"},
		{"no number", "type: event_count\nrules: a\ntimespan: 1h\ncondition: {field: x}", "8:16 sigma-correlation: the condition has no number"},
		{"no such number", "type: event_count\nrules: a\ntimespan: 1h\ncondition: {gte: many}", "8:22 sigma-correlation: `gte` needs a number"},
		{"not a number", "type: event_count\nrules: a\ntimespan: 1h\ncondition: {gte: .nan}", "8:22 sigma-correlation: `gte` needs a number"},
		{"no field", "type: value_count\nrules: a\ntimespan: 1h\ncondition: {gte: 1}", "8:16 sigma-correlation: a correlation of type value_count needs a field"},
		{"two fields", "type: value_sum\nrules: a\ntimespan: 1h\ncondition: {gte: 1, field: [a, b]}", "8:16 sigma-correlation: value_sum computes with one field"},
		{"no field for a count", "type: event_count\nrules: a\ntimespan: 1h\ncondition: {gte: 1, field: a}", "8:16 sigma-correlation: `field` is not used by a correlation of type event_count"},
		{"no percentile", "type: value_percentile\nrules: a\ntimespan: 1h\ncondition: {gte: 1, field: a}", "8:16 sigma-correlation: the condition says no percentile"},
		{"too many percent", "type: value_percentile\nrules: a\ntimespan: 1h\ncondition: {gte: 1, field: a, percentile: 200}", "8:47 sigma-correlation: `percentile` needs a number"},
		{"a key that is none", "type: event_count\nrules: a\ntimespan: 1h\ncondition: {gte: 1}\ngroupby: [a]", "9:5 rule-unknown-key: the key `groupby` of `correlation` is none of Sigma's"},
		{"a name that is none", "type: event_count\nrules: [[a]]\ntimespan: 1h\ncondition: {gte: 1}", "6:13 sigma-correlation: an entry of `rules` is no name"},
		{"twice", "type: event_count\nrules: [a, a]\ntimespan: 1h\ncondition: {gte: 1}", "6:16 sigma-correlation: `rules` names a twice"},
		{"no field name", "type: event_count\nrules: a\ngroup-by: [a..b]\ntimespan: 1h\ncondition: {gte: 1}", "7:16 sigma-field: \"a..b\" is no name of a field"},
		{"aliases of nothing", "type: temporal\nrules: a\ntimespan: 1h\naliases: {ip: x}", "8:19 sigma-correlation: the alias `ip` has no fields"},
		{"an alias of a list", "type: temporal\nrules: a\ntimespan: 1h\naliases: {ip: {a: [x]}}", "8:23 sigma-correlation: `a` is no name of a field"},
		{"no such window", "type: temporal\nrules: a\ntimespan: 1h\nwindow: jumping", "8:13 sigma-correlation: there is no window `jumping`"},
		{"a gap of nothing", "type: temporal\nrules: a\ntimespan: 1h\nwindow: sliding\ngap: 5m", "9:10 sigma-correlation: `gap` is of sessions"},
		{"generate what", "type: temporal\nrules: a\ntimespan: 1h\ngenerate: perhaps", "8:15 sigma-correlation: `generate` is taken for false"},
		{"a key twice", "type: temporal\nrules: a\ntimespan: 1h\ntimespan: 2h", "8:5 rule-duplicate-key: the key `timespan` is there twice"},
	} {
		_, faults := correlate(t, tc.keys)
		if !strings.HasPrefix(faults, tc.want) || strings.Count(faults, "\n") != 1 {
			t.Errorf("%s: got\n%swant\n%s", tc.name, faults, tc.want)
		}
	}
	f, docs := yamlfile.Open("f.yml", []byte("title: T\nid: t\ncorrelation: x\n"))
	if c := New(f, Options{}).Read(f.Body(docs[0])).Correlation; c != nil || len(f.Faults()) != 1 {
		t.Error(c, f.Faults())
	}
}

// TestCorrelationPlaces: names and letters of the text know where they stand.
func TestCorrelationPlaces(t *testing.T) {
	t.Parallel()
	c, _ := correlate(t, "type: temporal\nrules:\n- a\n-   bb\ntimespan: 1h\ncondition: |\n  a and\n  not bb")
	if n := c.Rules[1]; n.At != (yamlfile.Place{Line: 8, Col: 9}) || n.Width != 2 {
		t.Error(n)
	}
	if p := c.Text.Place(strings.Index(c.Text.String(), "bb")); p != (yamlfile.Place{Line: 12, Col: 11}) {
		t.Error(p)
	}
}

func TestPeek(t *testing.T) {
	t.Parallel()
	f, docs := yamlfile.Open("f.yml", []byte("title: x\nid: ' 5 '\nname: n\nlevel: [id, name]\n"))
	if got := strings.Join(Peek(f.Body(docs[0])), ","); got != "5,n" {
		t.Error(got)
	}
}
