package check

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// language is Prometheus' own parser, as a server has it unless somebody switches on more.
func language() parser.Parser { return parser.NewParser(parser.Options{}) }

// rules reads rules as a server would at its start.
func rules(t *testing.T, text []byte) *rulefmt.RuleGroups {
	t.Helper()
	groups, errs := rulefmt.Parse(text, false, model.UTF8Validation, language(), slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	if len(errs) > 0 {
		t.FailNow()
	}
	return groups
}

// metricsOf returns the metrics that an expression asks for.
func metricsOf(t *testing.T, where, expr string) []string {
	t.Helper()
	// Grafana puts a span in before it asks.
	e, err := language().ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "1m"))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	var out []string
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v.Name)
		}
		return nil
	})
	if len(out) == 0 {
		t.Errorf("%s asks for no metric", where)
	}
	return out
}

func TestRules(t *testing.T) {
	groups := rules(t, read(t, "deploy", "prometheus", "weir.rules.yaml"))
	names := map[string]bool{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if !strings.HasPrefix(r.Alert, "Weir") || names[r.Alert] {
				t.Errorf("%q is no name, or there twice", r.Alert)
			}
			names[r.Alert] = true
			switch r.Labels["severity"] {
			case "critical", "warning", "info":
			default:
				t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
			}
			if r.Annotations["summary"] == "" || !strings.HasSuffix(r.Annotations["description"], ".") {
				t.Errorf("%s: says nothing", r.Alert)
			}
		}
	}
	if len(names) < 12 {
		t.Errorf("only %d alerts", len(names))
	}
}

// TestRules_Documented: whoever is woken up by an alert finds its name in the documentation.
func TestRules_Documented(t *testing.T) {
	page := string(read(t, "docs", "deploy.md"))
	for _, g := range rules(t, read(t, "deploy", "prometheus", "weir.rules.yaml")).Groups {
		for _, r := range g.Rules {
			if !strings.Contains(page, "`"+r.Alert+"`") {
				t.Errorf("docs/deploy.md does not name %s", r.Alert)
			}
		}
	}
}

// TestRules_InTheChart: rules are found again in the object that the chart makes of them.
func TestRules_InTheChart(t *testing.T) {
	o, ok := render(t, everything...)["PrometheusRule/weir"].(*rule)
	if !ok {
		t.Fatal("the chart makes no rules")
	}
	text, err := yaml.Marshal(o.Spec)
	if err != nil {
		t.Fatal(err)
	}
	if have, want := len(rules(t, text).Groups[0].Rules), len(rules(t, read(t, "deploy", "prometheus", "weir.rules.yaml")).Groups[0].Rules); have != want {
		t.Errorf("%d rules of %d", have, want)
	}
}
