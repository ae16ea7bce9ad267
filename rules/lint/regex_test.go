package lint

import (
	"strings"
	"testing"
)

func TestRegexCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, src string
		guarded   bool
		want      string
	}{
		{"a fixed text guards it", `cmd\.exe /c`, false, ""},
		{"a fixed text in each way of a choice", `(?:powershell|cmd\.exe)`, false, ""},
		{"a short one of a choice does not", `(?:powershell|sh)`, false, "no fixed text"},
		{"nothing fixed", `[a-z]{4,}\d+`, false, "no fixed text"},
		{"nothing fixed, but something beside it is", `[a-z]{4,}\d+`, true, ""},
		{"what may be absent guards nothing", `(?:powershell)?\d+`, false, "no fixed text"},
		{"what must come at least once does", `(?:powershell){1,3}\d+`, false, ""},
		{"leading star", `.*password=`, true, "begins with `.*`"},
		{"leading star in a group", `(?i)(.*)password=`, true, "begins with `.*`"},
		{"leading plus", `.+password=`, true, "begins with `.+`"},
		{"leading star in a choice", `abc|.*def`, true, "begins with `.*`"},
		{"anchored star", `^.*password=`, true, ""},
		{"star in the middle", `user=.*password=`, true, ""},
		{"counted repeat", `a[a-z]{900}b{200}[c-x]{900}z`, true, "a program of"},
		{"repeats within one another", `pass((ab?){20}x){40}word`, true, "a program of"},
		{"what RE2 refuses is told elsewhere", `(?<=a)b`, false, ""},
	} {
		why, do := regexCost(c.src, c.guarded)
		if !strings.Contains(why, c.want) || c.want == "" && why != "" || (why == "") != (do == "") {
			t.Errorf("%s: %q, %q", c.name, why, do)
		}
	}
	if _, do := regexCost(`pass((ab?){20}x){40}word`, true); !strings.Contains(do, "two repeats") {
		t.Errorf("nested repeats: %s", do)
	}
	if _, do := regexCost(`a[a-z]{900}b{200}[c-x]{900}z`, true); !strings.Contains(do, "counted repeat") {
		t.Errorf("a long repeat: %s", do)
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		`process.name == "a"`:                                             true,
		`icontains(message, "abc")`:                                       true,
		`icontains(message, "ab")`:                                        false,
		`icontains(message, "abc", "d")`:                                  false,
		`re(message, "abc\\d")`:                                           true,
		`re(message, "\\d+")`:                                             false,
		`re(message, "\\d+") and process.name == "a"`:                     true,
		`re(message, "\\d+") or process.name == "a"`:                      false,
		`not (process.name == "a")`:                                       false,
		`exists(user.name)`:                                               false,
		`source.port > 5`:                                                 false,
		`process.name == "a" or icontains(message, "abc")`:                true,
		`not (process.name == "a") and icontains(message, "abc", "defg")`: true,
	} {
		if got := guards(parsed(t, src)); got != want {
			t.Errorf("%s: %v", src, got)
		}
	}
}
