package template_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/template"
)

// TestFill_Success: every name has its value.
func TestFill_Success(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"no names":                       "no names",
		"{{alert.level}}":                "high",
		"{{ alert.level }}!":             "high!",
		"a {{kind}} b {{count}} c":       "a firing b 5 c",
		"{{group.source.ip}}":            "203.0.113.5",
		"{{group.host.name}}":            "", // of the first alert, whose rule does not group by it
		"{{label.team}}":                 "soc",
		"{{label.none}}":                 "",
		"{{alert.first}}":                "2026-11-21T16:50:03+09:00",
		"{{alert.count}}":                "17",
		"{{alert.tags}}":                 "attack.credential_access,attack.t1110.001",
		"{{id}} {{lang}} {{group}}":      "m-0001 en team=soc",
		"{{recipient}}":                  "me",
		"{{alert.id}}{{alert.rule}}":     "3f9c12ab77e04d51a1b2c3d4e5f60718ssh-brute-force",
		"} {{url}} { }} {":               "} https://weir.example.com/alerts/3f9c { }} {",
		"{{group.a-name_of.the_rule-1}}": "",
	} {
		parsed, err := template.Parse("body", text, "recipient")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := parsed.Fill(template.Of(channeltest.Message(), map[string]string{"recipient": "me"}), template.Plain); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

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

// TestParse_Failure: a mistake is found when the template is read, with its place and the nearest name.
func TestParse_Failure(t *testing.T) {
	for _, tc := range []struct {
		name, text, what, do, line string
		mark, width                int
	}{
		{"a slip", "x {{alert.levle}}", "no message has `alert.levle`", "did you mean `alert.level`?", "x {{alert.levle}}", 5, 11},
		{"in the third line", "a\nb\n한 {{ knid }} c\nd", "no message has `knid`", "did you mean `kind`?", "한 {{ knid }} c", 6, 4},
		{"a field", "{{group.source.pi}}", "no message has `group.source.pi`", "did you mean `group.source.ip`?", "{{group.source.pi}}", 3, 15},
		{"of the caller", "{{recipent}}", "no message has `recipent`", "did you mean `recipient`?", "{{recipent}}", 3, 8},
		{"nothing like it", "{{exec}}", "no message has `exec`", "docs/channels.md", "{{exec}}", 3, 4},
		{"code", "{{alert.level | upper}}", "no message has `alert.level | upper`", "", "{{alert.level | upper}}", 3, 19},
		{"never closed", "a {{alert.level", "`{{` is never closed", "close it", "a {{alert.level", 3, 2},
		{"closed in the next line", "a {{alert.level\n}}", "`{{` is never closed", "close it", "a {{alert.level", 3, 2},
		{"no name", "{{ }}", "there is no name", "name a value", "{{ }}", 1, 4},
		{"opened twice", "{{{{id}}}}", "`{{` is never closed", "close it", "{{{{id}}}}", 1, 2},
		{"a field without a name", "{{group.}}", "no message has `group.`", "", "{{group.}}", 3, 6},
		{"a label without a name", "{{label.}}", "no message has `label.`", "", "{{label.}}", 3, 6},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := template.Parse("body", tc.text, "recipient")
			e, ok := errors.AsType[*channel.ConfigError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if e.Code != "notify-template" || e.Key != "body" || !strings.Contains(e.What, tc.what) || !strings.Contains(e.Do, tc.do) {
				t.Errorf("got %+v", e)
			}
			if e.Text != tc.line || e.Mark != tc.mark || e.Width != tc.width {
				t.Errorf("the place: %q, column %d, %d wide", e.Text, e.Mark, e.Width)
			}
		})
	}
	if _, err := template.Parse("body", strings.Repeat("x", 100<<10)); err == nil {
		t.Error("a template of 100 KiB is taken")
	}
}

// TestCheckJSON: texts stand in quotes, so that no value can be more than a value.
func TestCheckJSON(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"a": "{{alert.what}}"}`: true, `{"a": {{alert.count}}}`: true, `"{{alert.count}}"`: true, `{"{{alert.rule}}": [{{count}}]}`: true,
		`{"a": {{alert.what}}}`: false, `{"a": "x}`: false, `{"a": "\{{alert.what}}"}`: false, ``: false, `{{alert.what}}`: false,
		`{"a": tru{{alert.rule}}}`: false, `{"a": {{group.source.ip}}}`: false,
	} {
		parsed, err := template.Parse("json", text)
		if err != nil {
			t.Fatal(err)
		}
		if err := parsed.CheckJSON(); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, tc := range []struct {
		name   string
		escape func(string) string
		want   string
	}{
		{"JSON", template.JSON, `a\"b\\\n\u003cé\ufffd/?\u0026=%+ ..`},
		{"URL", template.URL, `a%22b%5C%0A%3C%C3%A9%FF%2F%3F%26%3D%25%2B%20..`},
		{"header", template.Header, `a"b\ <é /?&=%+ ..`},
	} {
		if got := tc.escape("a\"b\\\n<é\xff/?&=%+ .."); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// FuzzJSON: whatever a value is, a template that was accepted makes JSON, and the value is read back as it was.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{"", `"`, `\`, "\n", "\x00", "\xff", "가", `","x":"`, "\u2028", "{{alert.what}}"} {
		f.Add(seed)
	}
	parsed, err := template.Parse("body", `{"a": "x{{alert.what}}y", "n": {{count}}, "{{kind}}": ["{{recipient}}"]}`, "recipient")
	if err != nil || parsed.CheckJSON() != nil {
		f.Fatal(err, parsed.CheckJSON())
	}
	f.Fuzz(func(t *testing.T, value string) {
		m := channeltest.Message()
		m.Alerts[0].What = value
		var out struct {
			A      string
			N      int
			Firing []string
		}
		filled := parsed.Fill(template.Of(m, map[string]string{"recipient": value}), template.JSON)
		if err := json.Unmarshal([]byte(filled), &out); err != nil {
			t.Fatalf("%v: %s", err, filled)
		}
		if out.N != 5 || len(out.Firing) != 1 || out.Firing[0] != strings.ToValidUTF8(value, "\ufffd") && !strings.Contains(out.Firing[0], "\ufffd") {
			t.Errorf("%q came back as %q", value, out.Firing)
		}
	})
}

// FuzzURL: a value stays in its place of an address, whatever it is.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{"", "/", "../x", "?a=b", "#", "&", "%2e", "\x00", "가", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		u, err := url.Parse("https://host/a/" + template.URL(value) + "/b?q=" + template.URL(value) + "&r=1")
		if err != nil {
			t.Fatal(err)
		}
		if u.Host != "host" || u.Path != "/a/"+value+"/b" || u.Query().Get("q") != value || u.Query().Get("r") != "1" || u.Fragment != "" {
			t.Errorf("%q became %s", value, u)
		}
	})
}

// FuzzParse: a template is refused, or filled with nothing it is its own text without the names.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "{{id}}", "{{", "}}", "a{{ id }}b{{kind}}", "{{{id}}}", "{{group.x}}", "{{id}", "한{{knid}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := template.Parse("body", text)
		if err != nil {
			e, ok := errors.AsType[*channel.ConfigError](err)
			if !ok || e.Mark < 0 || e.Text != "" && (e.Width < 1 || e.Mark < 1 || e.Mark > len(e.Text)+1) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		var want strings.Builder
		rest := text
		for {
			before, after, ok := strings.Cut(rest, "{{")
			want.WriteString(before)
			if !ok {
				break
			}
			_, rest, _ = strings.Cut(after, "}}")
		}
		if got := parsed.Fill(func(string) string { return "" }, template.Plain); got != want.String() {
			t.Errorf("%q: got %q, want %q", text, got, want.String())
		}
	})
}

func BenchmarkFill(b *testing.B) {
	parsed, err := template.Parse("body", `{"summary": "{{subject}}", "source": "{{group.source.ip}}", "level": "{{alert.level}}"}`)
	if err != nil {
		b.Fatal(err)
	}
	values := template.Of(channeltest.Message(), nil)
	b.ReportAllocs()
	for b.Loop() {
		parsed.Fill(values, template.JSON)
	}
}
