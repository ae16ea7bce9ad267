package template_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/template"
)

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
