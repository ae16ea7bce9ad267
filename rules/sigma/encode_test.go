package sigma

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// TestShifted: whatever stands before and behind a text, one of the three is in its base64, and all three are needed.
func TestShifted(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, text := range []string{"foo", "http://", "a longer text, of 31 bytes ....", "abcd", "abcde"} {
		shifts := shifted(text)
		if len(shifts) != 3 {
			t.Fatal(text, shifts)
		}
		for before := range 4 {
			for behind := range 4 {
				code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + text + strings.Repeat("y", behind)))
				found := false
				for i, ps := range shifts {
					if strings.Contains(code, ps[0].text) {
						found, used[fmt.Sprint(text, i)] = true, true
					}
				}
				if !found {
					t.Errorf("%s with %d before and %d behind: %s has none of %v", text, before, behind, code, shifts)
				}
			}
		}
	}
	if len(used) != 15 {
		t.Errorf("%d of 15 are ever needed", len(used))
	}
}

// TestShortTexts: of a letter or two little is left.
func TestShortTexts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", "ab"} {
		for _, ps := range shifted(s) {
			if ps[0].text == "" {
				t.Errorf("%q makes an empty text, which is in everything", s)
			}
		}
	}
}

func TestWidened(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ form, want string }{
		{"wide", "6300 6d00 3dd8 00de"}, {"utf16le", "6300 6d00 3dd8 00de"}, {"utf16be", "0063 006d d83d de00"}, {"utf16", "fffe 6300 6d00 3dd8 00de"},
	} {
		got := fmt.Sprintf("%x", widened("cm\U0001f600", tc.form))
		if got != strings.ReplaceAll(tc.want, " ", "") {
			t.Errorf("%s: %s", tc.form, got)
		}
	}
}

func TestWindash(t *testing.T) {
	t.Parallel()
	texts := func(value string) []string {
		var out []string
		for _, ps := range (&document{}).windash(&node{}, pieces(value)) {
			s := ""
			for _, p := range ps {
				if s += p.text; p.wild != 0 {
					s += "<" + string(p.wild) + ">"
				}
			}
			out = append(out, s)
		}
		return out
	}
	if got := fmt.Sprint(texts("a")); got != "[a]" {
		t.Error(got)
	}
	if got := fmt.Sprint(texts("-a*")); got != "[-a<*> /a<*> \u2013a<*> \u2014a<*> \u2015a<*>]" {
		t.Error(got)
	}
	got := texts(" -a \u2014b ")
	if len(got) != 25 || got[0] != " -a -b " || got[6] != " /a /b " || got[24] != " \u2015a \u2015b " {
		t.Error(len(got), got)
	}
	if got := texts("-*/"); len(got) != 25 || got[1] != "-<*>/" {
		t.Error(got)
	}
}

func TestWindashIsBounded(t *testing.T) {
	t.Parallel()
	got := parse(detection("selection: {CommandLine|windash: '------a'}", "condition: selection"), Options{})
	want := "6:36: error[sigma-value]: `windash` makes 5 values for each dash, and this value has more than 5\n"
	if len(got.rules) != 0 || !strings.HasPrefix(show(got.faults), want) {
		t.Error(show(got.faults))
	}
	// Many values of five dashes each come to more than a rule may have.
	var values []string
	for i := range 6 {
		values = append(values, fmt.Sprintf("'-----%d'", i))
	}
	got = parse(detection("selection: {CommandLine|windash: ["+strings.Join(values, ", ")+"]}", "condition: selection"), Options{})
	if len(got.rules) != 0 || len(got.faults) != 1 || got.faults[0].Code != "rule-too-large" {
		t.Error(show(got.faults))
	}
}

// TestEncodingsThatCannotBe checks whole messages.
func TestEncodingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]string{
		`CommandLine|base64: 'a*'`: "`base64` cannot encode a wildcard / write the letters without wildcards; `contains` finds them anywhere",
		`CommandLine|wide: 'a?'`:   "`wide` cannot encode a wildcard / write the letters without wildcards; `contains` finds them anywhere",
		`CommandLine|wide: ü`:      "`wide` makes bytes of this value that are no text, and fields hold texts / add `base64offset|contains` behind it",
		`CommandLine|utf16: a`:     "`utf16` makes bytes of this value that are no text, and fields hold texts / add `base64offset|contains` behind it",
	} {
		got := parse(detection("selection:\n    "+item, "condition: selection"), Options{})
		if len(got.rules) != 0 || len(got.faults) != 1 || got.faults[0].What+" / "+got.faults[0].Do != want {
			t.Errorf("%s: %s", item, show(got.faults))
		}
	}
}
