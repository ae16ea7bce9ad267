package rules

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	t.Parallel()
	v := map[string]string{"source.ip": "203.0.113.5", "user.name": "{{host.name}}", "empty": ""}
	for tmpl, want := range map[string]string{
		"no reference": "no reference", "": "",
		"{{source.ip}} is {{ user.name }}'s": "203.0.113.5 is {{host.name}}'s",
		"{{host.name}}{{empty}}!":            "??!", "a {{source.ip": "a {{source.ip", "{{}}": "{{}}", "{{source.ip}}}}": "203.0.113.5}}",
	} {
		if got := Render(tmpl, v); got != want {
			t.Errorf("%q: %q, want %q", tmpl, got, want)
		}
	}
	r := &Rule{Explain: "{{a}} {{b}} {{a}}", ExplainKo: "{{c}} {{"}
	if got := strings.Join(r.ExplainFields(), " "); got != "a b c" {
		t.Error(got)
	}
}
