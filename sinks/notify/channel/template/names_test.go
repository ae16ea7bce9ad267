package template_test

import (
	"strings"
	"testing"

	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/template"
)

// TestFill_labels: the message's own label goes before that of the alert.
func TestFill_labels(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].Labels = map[string]string{"team": "of the rule", "site": "seoul"}
	parsed, err := template.Parse("body", "{{label.team}} {{label.site}}")
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.Fill(template.Of(m, nil), template.Plain); got != "soc seoul" {
		t.Errorf("got %q", got)
	}
	m.Alerts = nil
	if got := parsed.Fill(template.Of(m, nil), template.Plain); got != "soc " {
		t.Errorf("without alerts: got %q", got)
	}
}

// TestNames: what the documentation lists can be used, and has a value in a message that has everything.
func TestNames(t *testing.T) {
	m := channeltest.Message()
	m.Ticket, m.Alerts[0].Verdict, m.Alerts[0].Assignee = "SOC-1", "benign", "ana"
	for _, n := range template.Names() {
		name := strings.NewReplacer("FIELD", "source.ip", "NAME", "team").Replace(n.Name)
		parsed, err := template.Parse("body", "{{"+name+"}}")
		if err != nil || n.Doc == "" {
			t.Errorf("%s (%s): %v", name, n.Doc, err)
			continue
		}
		if parsed.Fill(template.Of(m, nil), template.Plain) == "" || !parsed.Uses(name) || parsed.Uses("other") {
			t.Errorf("%s is empty", name)
		}
	}
}
