package header

import "testing"

func TestRead_RFC5424(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{
			name: "full",
			line: `<165>1 2022-01-11T22:14:15.003Z h app 1024 ID47 [a@1 b="c"] text here`,
			want: "165|1|2022-01-11T22:14:15.003Z|h|app|1024|ID47|text here",
		},
		{
			name: "nothing",
			line: "<1>1 - - - - - -",
			want: "1|1|-|||||",
		},
		{
			name: "byte order mark",
			line: "<1>1 - h a - - - \ufefftext",
			want: "1|1|-|h|a|||text",
		},
		{
			name: "no structured data",
			line: "<1>1 2022-01-11T22:14:15Z h a 1 - text here",
			want: "1|1|2022-01-11T22:14:15Z|h|a|1||text here",
		},
		{
			name: "broken structured data",
			line: `<1>1 2022-01-11T22:14:15Z h a 1 - [x y text`,
			want: "1|1|2022-01-11T22:14:15Z|h|a|1||[x y text",
		},
		{
			name: "cut short",
			line: "<1>1 2022-01-11T22:14:15Z h a",
			want: "1|1|2022-01-11T22:14:15Z|h|a|||",
		},
		{
			name: "message too early",
			line: `<1>1 2022-01-11T22:14:15Z h {"a":1}`,
			want: `1|1|2022-01-11T22:14:15Z|h||||{"a":1}`,
		},
		{
			name: "no time",
			line: "<1>1 apple a day",
			want: "1||-|||||1 apple a day",
		},
		{
			name: "message keeps its indent",
			line: "<1>1 - h a - - -   text",
			want: "1|1|-|h|a|||  text",
		},
	} {
		if got := show(c.line); got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.line, got, c.want)
		}
	}
}
