package match

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf16"

	"weir/event"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// TestLowersTo names the tree that each form of source becomes: whatever is not source there can be indexed.
func TestLowersTo(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]tree.Test{
		`process.name == "a"`:                 {Kind: kind.Equal, Field: "process.name", Values: []string{"a"}},
		`"a" == process.name`:                 {Kind: kind.Equal, Field: "process.name", Values: []string{"a"}},
		`"a" in process.name`:                 {Kind: kind.Equal, Field: "process.name", Values: []string{"a"}},
		`process.name in ["a", 'b']`:          {Kind: kind.Equal, Field: "process.name", Values: []string{"a", "b"}},
		`process.name == b"\xff"`:             {Kind: kind.Equal, Field: "process.name", Values: []string{"\xff"}},
		`$env == "a"`:                         {Kind: kind.Equal, Field: tree.Any, Values: []string{"a"}},
		`$env in ["a", "b"]`:                  {Kind: kind.Equal, Field: tree.Any, Values: []string{"a", "b"}},
		`labels["a-b"] contains "a"`:          {Kind: kind.Contains, Field: "labels.a-b", Values: []string{"a"}},
		`$env["@timestamp"] startsWith "a"`:   {Kind: kind.StartsWith, Field: "@timestamp", Values: []string{"a"}},
		`$env endsWith "a"`:                   {Kind: kind.EndsWith, Field: tree.Any, Values: []string{"a"}},
		`user.name matches "a"`:               {Kind: kind.Regex, Field: "user.name", Operator: true, Values: []string{"a"}},
		`ieq(user.name, "a", ["b", "c"])`:     {Kind: kind.Equal, Field: "user.name", Fold: true, Values: []string{"a", "b", "c"}},
		`icontains($env, "a")`:                {Kind: kind.Contains, Field: tree.Any, Fold: true, Values: []string{"a"}},
		`istartswith(user.name, "a")`:         {Kind: kind.StartsWith, Field: "user.name", Fold: true, Values: []string{"a"}},
		`iendswith(user.name, "a")`:           {Kind: kind.EndsWith, Field: "user.name", Fold: true, Values: []string{"a"}},
		`ieq(user.name, host.name)`:           {Kind: kind.Equal, Field: "user.name", Fold: true, Other: "host.name"},
		`icontains(message, $env["a-b.c"])`:   {Kind: kind.Contains, Field: "message", Fold: true, Other: "a-b.c"},
		`glob(user.name, "a")`:                {Kind: kind.Glob, Field: "user.name", Values: []string{"a"}},
		`iglob(user.name, "a")`:               {Kind: kind.Glob, Field: "user.name", Fold: true, Values: []string{"a"}},
		`re(user.name, "a", "b")`:             {Kind: kind.Regex, Field: "user.name", Values: []string{"a", "b"}},
		`cidr(source.ip, "10.0.0.0/8")`:       {Kind: kind.CIDR, Field: "source.ip", Values: []string{"10.0.0.0/8"}},
		`in_list(source.ip, "list")`:          {Kind: kind.InList, Field: "source.ip", Values: []string{"list"}},
		`exists(user.name)`:                   {Kind: kind.Exists, Field: "user.name"},
		`user.name != nil`:                    {Kind: kind.Exists, Field: "user.name"},
		`user.name == nil`:                    {Kind: kind.Absent, Field: "user.name"},
		`event.severity < 5`:                  {Kind: kind.Less, Field: "event.severity", Values: []string{"5"}},
		`-5.0 <= event.severity`:              {Kind: kind.GreaterEqual, Field: "event.severity", Values: []string{"-5"}},
		`number(event.code) > 0x10`:           {Kind: kind.Greater, Field: "event.code", Form: form.Number, Values: []string{"16"}},
		`hour(file.created) in [1, 2]`:        {Kind: kind.Equal, Field: "file.created", Form: form.Hour, Values: []string{"1", "2"}},
		`age(file.created) <= 1.5`:            {Kind: kind.LessEqual, Field: "file.created", Form: form.Age, Values: []string{"1.5"}},
		`true`:                                {Kind: kind.Constant, Values: []string{"true"}},
		`event.severity == 5`:                 {Kind: kind.Code, Values: []string{"event.severity == 5"}},
		`user.name != "a"`:                    {Kind: kind.Code, Values: []string{`user.name != "a"`}},
		`user.name in ["a", 5]`:               {Kind: kind.Code, Values: []string{`user.name in ["a", 5]`}},
		`weir.time == "2026-01-01T00:00:00Z"`: {Kind: kind.Code, Values: []string{`weir.time == "2026-01-01T00:00:00Z"`}},
		`lower(user.name) == "a"`:             {Kind: kind.Code, Values: []string{`lower(user.name) == "a"`}},
		`user.name < "m"`:                     {Kind: kind.Code, Values: []string{`user.name < "m"`}},
		`tls.established`:                     {Kind: kind.Code, Values: []string{`tls.established`}},
		`source.ip == destination.ip`:         {Kind: kind.Code, Values: []string{`source.ip == destination.ip`}},
		`in_list("list")`:                     {Kind: kind.Code, Values: []string{`in_list("list")`}},
		`event.severity + 1 > 5`:              {Kind: kind.Code, Values: []string{`event.severity + 1 > 5`}},
		`number(event.code) != 5`:             {Kind: kind.Code, Values: []string{`number(event.code) != 5`}},
	} {
		c, err := Compiler{Lists: propertyLists}.Compile(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if n := c.Tree(); n.Op != tree.Leaf || !n.Test.Equal(&want) {
			t.Errorf("%s becomes %s, %+v", src, n, n.Test)
		}
		if c.Whole() != (want.Field == tree.Any) {
			t.Errorf("%s looks at everything: %v", src, c.Whole())
		}
	}
}

// TestEncodings looks for texts in Base64 that holds them at every place, as UTF-8 and as UTF-16.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "Invoke-Expression"
	var units []byte
	for _, u := range utf16.Encode([]rune(text)) {
		units = append(units, byte(u), byte(u>>8))
	}
	anywhere, first := mustCompile(t, `base64offset(message, "x-Expression", "oke-Expre")`), mustCompile(t, `base64(message, "Invoke")`)
	widely := mustCompile(t, `base64offset(message, wide("oke-Expre"))`)
	for before := range 7 {
		for after := range 5 {
			pre, post := strings.Repeat("p", before), strings.Repeat("q", after)
			var e, w event.Event
			e.SetPath("message", event.Str("cmd "+base64.StdEncoding.EncodeToString([]byte(pre+text+post))))
			w.SetPath("message", event.Str("cmd "+base64.StdEncoding.EncodeToString([]byte(pre+string(units)+post))))
			if !anywhere.Match(&e) || first.Match(&e) != (before%3 == 0) || widely.Match(&e) {
				t.Errorf("%d before and %d after: anywhere %v, first %v, wide %v", before, after, anywhere.Match(&e), first.Match(&e), widely.Match(&e))
			}
			if !widely.Match(&w) || anywhere.Match(&w) {
				t.Errorf("wide, %d before and %d after: %v, %v", before, after, widely.Match(&w), anywhere.Match(&w))
			}
			e.SetPath("message", event.Str(strings.ToLower(e.GetPath("message").Str())))
			if anywhere.Match(&e) {
				t.Error("Base64 is compared without regard to case")
			}
		}
	}
	if got, want := strings.Join(encodedAnywhere("http://"), " "), "aHR0cDovL h0dHA6Ly odHRwOi8v"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if encodedAnywhere("") != nil || encoded("") != nil {
		t.Error("no text is looked for")
	}
}

func TestAnyValueIsText(t *testing.T) {
	t.Parallel()
	for _, src := range []string{`$env == 5`, `$env != "x"`, `$env`, `not $env`, `exists($env)`, `absent($env)`, `$env == nil`, `$env == user.name`, `$env > "x"`, `$env in [1]`, `"x" in $env`, `len($env) == 5`, `lower($env) == "x"`,
		`ieq(user.name, $env)`, `wide("x")`, `ieq(user.name, wide("x", 5))`, `base64(user.name)`, `in_list($env)`} {
		c, err := Compile(src)
		if err == nil {
			t.Errorf("%s is taken as %s", src, c.Tree())
		}
	}
}
