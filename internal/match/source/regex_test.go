package source

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
)

func TestRegexFault(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"(?=x)": "write two conditions: one with matches, one with not matches", "(?<!x)": "write two conditions: one with matches, one with not matches", "(a)\\1": "", "a++": "", "(": "",
	} {
		_, err := regexp.Compile(pattern)
		e := RegexFault(fmt.Errorf("compiling: %w", err))
		if e.Code != "expr-regex" || e.Do != want || e.Why == "" || e.Line != 1 {
			t.Errorf("%s: %+v", pattern, e)
		}
	}
	if e := RegexFault(errors.New("something else")); e.Code != "expr-regex" || e.Why != "" {
		t.Errorf("%+v", e)
	}
}
