package template_test

import (
	"errors"
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
