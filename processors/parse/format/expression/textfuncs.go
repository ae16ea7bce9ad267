package expression

import (
	"errors"
	"path"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/event"
	"weir/internal/match/regexguard"
	"weir/internal/match/source"
	"weir/internal/match/texts"
	"weir/processors/parse/format/pattern"
)

// textFunctions are those of texts.
var textFunctions = map[string]function{
	"lower":     {`lower(_kv.action)`, 1, 1, ofText(func(s string) event.Value { return event.Str(strings.ToLower(s)) })},
	"upper":     {`upper(_kv.action)`, 1, 1, ofText(func(s string) event.Value { return event.Str(strings.ToUpper(s)) })},
	"trim":      {`trim(_kv.name), or trim(_kv.name, "[]")`, 1, 2, makeTrim},
	"snake":     {`snake(_json.eventName)`, 1, 1, ofText(func(s string) event.Value { return event.Str(snake(s)) })},
	"replace":   {`replace(_kv.name, "old", "new")`, 3, 3, makeReplace},
	"re":        {`re(_kv.name, "^a+$")`, 2, 2, makeRe},
	"find":      {`find(_kv.name, "user=(\\w+)")`, 2, 2, makeFind},
	"glob":      {`glob(_kv.path, "/etc/*", "/usr/*.d/?")`, 2, -1, makeGlob},
	"icontains": {`icontains(message, "denied", "refused")`, 2, -1, makeIContains},
	"ieq":       {`ieq(_kv.user, "root", "admin")`, 2, -1, makeIEq},
	"basename":  {`basename(file.path)`, 1, 1, ofText(func(s string) event.Value { return event.Str(basename(s)) })},
	"dirname":   {`dirname(file.path)`, 1, 1, ofText(func(s string) event.Value { return event.Str(dirname(s)) })},
	"ext":       {`ext(file.name)`, 1, 1, ofText(func(s string) event.Value { return event.Str(extension(s)) })},
	"string":    {`string(_json.code)`, 1, 1, ofOne(toText)},
	"int":       {`int(_kv.port), or int(_kv.mask, 16)`, 1, 2, makeInt},
	"float":     {`float(_kv.score)`, 1, 1, ofOne(toFloat)},
	"bool":      {`bool(_kv.ok)`, 1, 1, ofOne(toBool)},
}

// makeTrim takes blanks, or the letters of a second argument, from both ends.
func makeTrim(args []code) (code, error) {
	if len(args) == 1 {
		return ofText(func(s string) event.Value { return event.Str(strings.TrimSpace(s)) })(args)
	}
	set, err := constantText(args, 1, "what trim takes away")
	if err != nil {
		return code{}, err
	}
	return ofText(func(s string) event.Value { return event.Str(strings.Trim(s, set)) })(args)
}

// makeReplace replaces all places of a text, not of a pattern.
func makeReplace(args []code) (code, error) {
	x, from, to := args[0], args[1], args[2]
	return ofValue(func(f frame) event.Value {
		old, ok1 := textOf(from.value(f))
		fresh, ok2 := textOf(to.value(f))
		if !ok1 || !ok2 || old == "" {
			return x.value(f)
		}
		fn := func(s string) event.Value {
			n := strings.Count(s, old)
			if n == 0 {
				return event.Str(s)
			}
			if len(s)+n*(len(fresh)-len(old)) > maxText {
				return event.Value{}
			}
			return event.Str(strings.ReplaceAll(s, old, fresh))
		}
		v := x.value(f)
		if v.Kind() == event.String {
			return fn(v.Str())
		}
		return eachText(v, fn)
	}), nil
}

// makeRe is matches as a function.
func makeRe(args []code) (code, error) {
	p, err := constantText(args, 1, "the pattern")
	if err != nil {
		return code{}, err
	}
	match, err := matcher(p)
	if err != nil {
		return code{}, patternError(1, err)
	}
	return patternTest(args[0], match), nil
}

// matcher returns the quickest of what tells whether a text has a match.
func matcher(expr string) (func(string) bool, error) {
	guard, err := regexguard.Compile(expr)
	if err != nil {
		return nil, err
	}
	if m := pattern.NewMatcher(expr); m != nil {
		return m.Match, nil
	}
	return guard.MatchString, nil
}

// makeFind returns the first group of a pattern, or all that it matches if it has no group.
func makeFind(args []code) (code, error) {
	p, err := constantText(args, 1, "the pattern")
	if err != nil {
		return code{}, err
	}
	match, err := matcher(p)
	if err != nil {
		return code{}, patternError(1, err)
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return code{}, patternError(1, err)
	}
	return ofText(func(s string) event.Value {
		// Most texts do not match, which is found out without running the regexp package.
		if !match(s) {
			return event.Value{}
		}
		at := re.FindStringSubmatchIndex(s)
		switch {
		case at == nil:
			return event.Value{}
		case len(at) == 2:
			return event.Str(s[at[0]:at[1]])
		}
		for i := 2; i < len(at); i += 2 {
			// The first group that took part: a|b with a group on each side has one.
			if at[i] >= 0 {
				return event.Str(s[at[i]:at[i+1]])
			}
		}
		return event.Value{}
	})(args[:1])
}

// patternError says why a pattern is refused.
func patternError(arg int, err error) error {
	e := source.RegexFault(err)
	if se, ok := errors.AsType[*syntax.Error](err); ok && e.Why == "" {
		e.Why = se.Code.String()
	}
	return &argumentError{arg: arg, code: e.Code, what: e.Msg, why: e.Why, do: e.Do}
}

// makeGlob compares the whole text with wildcards.
func makeGlob(args []code) (code, error) {
	patterns, _, err := constantTexts(args, 1, "a pattern of glob")
	if err != nil {
		return code{}, err
	}
	return patternTest(args[0], texts.Globs(patterns)), nil
}

// makeIContains looks for texts without regard to case.
func makeIContains(args []code) (code, error) {
	subs, _, err := constantTexts(args, 1, "what icontains looks for")
	if err != nil {
		return code{}, err
	}
	return patternTest(args[0], func(s string) bool {
		for _, sub := range subs {
			if _, _, ok := texts.Index(s, sub, true); ok {
				return true
			}
		}
		return false
	}), nil
}

// makeIEq compares without regard to case. What it compares with may be a place.
func makeIEq(args []code) (code, error) {
	x, others := args[0], args[1:]
	return ofTest(func(f frame) bool {
		return anyOf(x.value(f), func(v event.Value) bool {
			s, ok := textOf(v)
			if !ok {
				return false
			}
			for _, o := range others {
				if anyOf(o.value(f), func(v event.Value) bool {
					t, ok := textOf(v)
					return ok && strings.EqualFold(s, t)
				}) {
					return true
				}
			}
			return false
		})
	}), nil
}

// snake writes camelCase, Title Case and dotted-names as words with underscores.
func snake(s string) string {
	var b strings.Builder
	var before rune
	for i, r := range s {
		switch {
		case unicode.IsUpper(r):
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			// A word begins after a small letter or digit, and with the last capital of a run: HTTPServer is http_server.
			if b.Len() > 0 && before != '_' && (!unicode.IsUpper(before) || unicode.IsLower(next)) {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
			b.WriteRune(r)
			before = unicode.ToUpper(r)
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			if b.Len() > 0 && before != '_' {
				b.WriteByte('_')
			}
			r = '_'
		}
		before = r
	}
	return strings.TrimRight(b.String(), "_")
}

// separator returns the last place of what parts the folders of a path: / or, as on Windows, \.
func separator(s string) int { return strings.LastIndexAny(s, `/\`) }

// basename returns the last part of a path.
func basename(s string) string {
	s = strings.TrimRight(s, `/\`)
	return s[separator(s)+1:]
}

// dirname returns what stands before the last part; a root stays one.
func dirname(s string) string {
	at := separator(strings.TrimRight(s, `/\`))
	switch {
	case at < 0:
		return ""
	case at == 0:
		return s[:1]
	case at == 2 && s[1] == ':':
		return s[:3]
	}
	return s[:at]
}

// extension returns the letters after the last full stop of the last part, as file.extension has them. A name that begins
// with its only full stop has none.
func extension(s string) string {
	base := basename(s)
	if e := path.Ext(base); e != "" && len(e) < len(base) {
		return e[1:]
	}
	return ""
}

// toText writes a value as text; lists and objects as JSON.
func toText(v event.Value) event.Value {
	if missing(v) {
		return event.Value{}
	}
	s := v.Text()
	if len(s) > maxText {
		return event.Value{}
	}
	return event.Str(s)
}

// makeInt makes whole numbers: fractions are cut off. A second argument is the base of a text.
func makeInt(args []code) (code, error) {
	if len(args) == 1 {
		return ofOne(toInt)(args)
	}
	base, ok := numberOf(args[1].konst)
	if !args[1].constant || !ok || !base.whole || base.i < 2 || base.i > 36 {
		return code{}, &argumentError{arg: 1, code: "expr-type", what: "the base must be a number from 2 to 36"}
	}
	return ofText(func(s string) event.Value {
		s = strings.TrimSpace(s)
		if base.i == 16 {
			s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
		}
		n, err := strconv.ParseInt(s, int(base.i), 64)
		if err != nil {
			return event.Value{}
		}
		return event.Num(n)
	})(args[:1])
}

// toInt returns the whole number of a value; a text may have blanks around it or be hexadecimal with 0x.
func toInt(v event.Value) event.Value {
	switch v.Kind() {
	case event.Bool:
		return event.Num(int64(count(v.Bool())))
	case event.Time:
		return event.Num(v.Int())
	case event.String:
		s := strings.TrimSpace(v.Str())
		if len(s) > 2 && len(s) <= 18 && s[0] == '0' && s[1]|0x20 == 'x' {
			n, err := strconv.ParseInt(s[2:], 16, 64)
			if err != nil {
				return event.Value{}
			}
			return event.Num(n)
		}
		v = event.Str(s)
	}
	n, ok := numberOf(v)
	switch {
	case !ok:
		return event.Value{}
	case n.whole:
		return event.Num(n.i)
	case n.f >= -9.2e18 && n.f <= 9.2e18:
		return event.Num(int64(n.f))
	}
	return event.Value{}
}

// toFloat returns the number of a value.
func toFloat(v event.Value) event.Value {
	if v.Kind() == event.String {
		v = event.Str(strings.TrimSpace(v.Str()))
	}
	n, ok := numberOf(v)
	if !ok {
		return event.Value{}
	}
	return realValue(n.float())
}

// toBool reads the words that devices write for yes and no.
func toBool(v event.Value) event.Value {
	switch v.Kind() {
	case event.Bool:
		return v
	case event.Int:
		return event.Truth(v.Int() != 0)
	}
	s, ok := textOf(v)
	if !ok {
		return event.Value{}
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "on", "1", "t", "enabled", "enable":
		return event.Truth(true)
	case "false", "no", "n", "off", "0", "f", "disabled", "disable":
		return event.Truth(false)
	}
	return event.Value{}
}
