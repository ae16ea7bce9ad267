package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"weir/internal/report/doc"
)

// sample is a report with everything that one can have, in the words of attackers.
func sample() *doc.Document {
	hostile := `<script>alert(1)</script>"'><img src=x onerror=y>` + "\x1b[31m\u202e"
	return &doc.Document{
		Kind: "sources", Lang: "ko", Title: "로그 소스 " + hostile, Period: "2026년 11월", Created: time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC),
		Meta: []doc.Pair{{Name: "작성", Value: hostile}}, Footer: `weir "} body { display: none } </style><script>` + hostile,
		Blocks: []doc.Block{
			{Heading: "1. 요약", Level: 1, Text: []string{hostile}, Notes: []string{"checked: never"}},
			{Heading: "1.1 추이", Level: 2, Bars: &doc.Bars{Title: hostile, Labels: []string{hostile, "2"}, Values: []int64{1204, 3}}},
			{Table: &doc.Table{Name: "sources", Columns: []doc.Column{{Head: hostile, Width: 0.5}, {Head: "건수", Right: true}}, Rows: [][]doc.Cell{
				{{Text: hostile, Link: "https://weir.example.org/search?q=%3Cb%3E"}, {Text: "1,204", Mark: "warn"}},
				{{Text: "x", Link: "javascript:alert(1)"}, {Text: "3", Mark: "bad"}},
			}}},
			{Table: &doc.Table{Name: "none", Columns: []doc.Column{{Head: "a"}}, Empty: "해당 사항 없음"}},
		},
	}
}

// tree returns the written page and its tree.
func tree(t testing.TB, d *doc.Document) (string, *xhtml.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	n, err := xhtml.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), n
}

// walk calls do for every element.
func walk(n *xhtml.Node, do func(*xhtml.Node)) {
	if n.Type == xhtml.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, do)
	}
}

// allowed are the elements that a report has. Others come from nobody but an attacker.
var allowed = strings.Fields("html head meta title style body header h1 h2 h3 p dl dt dd main section figure figcaption svg g rect text table colgroup col thead tbody tr th td a span footer")

// harmless fails on anything in a page that acts or asks somebody.
func harmless(t testing.TB, n *xhtml.Node) (elements int) {
	t.Helper()
	ok := map[string]bool{}
	for _, name := range allowed {
		ok[name] = true
	}
	walk(n, func(e *xhtml.Node) {
		elements++
		if !ok[e.Data] && e.Data != "title" {
			t.Errorf("a <%s> in the page", e.Data)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "https://weir.example.org/") {
				t.Errorf("<%s %s=%q>", e.Data, a.Key, a.Val)
			}
		}
	})
	return elements
}

// TestWrite: the page is harmless whatever is in it, has no outside request, and its one style is the one that it allows.
func TestWrite(t *testing.T) {
	text, n := tree(t, sample())
	harmless(t, n)
	for _, want := range []string{`<html lang="ko">`, `\x1b[31m\u202e`, "&lt;script&gt;alert(1)", "1. 요약", "△ 1,204", "▲ 3", "해당 사항 없음", `<col width="50%">`, `<th scope="col" class="right">`, `content="2026-12-03T08:00:00Z"`, "size: A4", "counter(pages)", "table-header-group"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, bad := range []string{"<script", "url(", "@import", "\x1b", "\u202e", "javascript:"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(text)[1]
	if strings.Contains(style, "body { display") {
		t.Error("the footer is a style of its own")
	}
	sum := sha256.Sum256([]byte(style))
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)[1]
	want := "default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;; style-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "&#39;"
	if policy != strings.ReplaceAll(want, "+", "&#43;") {
		t.Errorf("policy %s, want %s", policy, want)
	}
}

// TestWrite_golden: the page byte by byte. WEIR_GOLDEN=1 writes it anew.
func TestWrite_golden(t *testing.T) {
	text, _ := tree(t, sample())
	name := filepath.Join("testdata", "sample.html")
	if os.Getenv("WEIR_GOLDEN") != "" {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the page differs from %s; WEIR_GOLDEN=1 writes it anew", name)
	}
}

// TestFooter: the footer is a string of a style; nothing ends it.
func TestFooter(t *testing.T) {
	for in, want := range map[string]string{"": "", "weir 2026": `weir\0000202026`, `"}`: `\000022\00007d`, "가": `\00ac00`, "</style>": `\00003c\00002fstyle\00003e`, "\n": `\00005cn`} {
		if got := footer(in); got != "@page { @bottom-left { content: \""+want+"\"; } }\n" {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// TestClean: long texts are cut, hostile ones become visible.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{"가": "가", "\x00": `\x00`, strings.Repeat("가", maxText+1): strings.Repeat("가", maxText) + "…", strings.Repeat("a", 1<<20): strings.Repeat("a", maxText) + "…"} {
		if got := clean(in); got != want {
			t.Errorf("%.20q: %.40q", in, got)
		}
	}
}

// TestStamp: times are parted behind their day, and nothing else is.
func TestStamp(t *testing.T) {
	for in, want := range map[string]moment{"2026-11-03": {"2026-11-03", ""}, "2026-11-03 14:05": {"2026-11-03", " 14:05"}, "2026-11-03 14:05:09": {"2026-11-03", " 14:05:09"}} {
		if got := stamp(in); got == nil || *got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
	for _, in := range []string{"", "2026-11", "2026-11-03 <b>", "x2026-11-03", "2026-11-03\n"} {
		if stamp(in) != nil {
			t.Errorf("%q is a time", in)
		}
	}
}

// TestClass: how a cell is aligned, broken and marked; a mark that there is not is none.
func TestClass(t *testing.T) {
	table := &doc.Table{Columns: []doc.Column{{}, {Right: true}}}
	for _, c := range []struct {
		column int
		cell   doc.Cell
		want   string
	}{{0, doc.Cell{Text: "a"}, ""}, {1, doc.Cell{Text: "1", Mark: "bad"}, "right bad"}, {0, doc.Cell{Text: strings.Repeat("a", 30)}, "long wordy"}, {7, doc.Cell{Text: "x", Mark: "\" onload=x"}, ""}} {
		if got := class(table, c.column, c.cell); got != c.want {
			t.Errorf("%+v: %q, want %q", c.cell, got, c.want)
		}
	}
}

// TestLong: only what has a long word is broken anywhere.
func TestLong(t *testing.T) {
	for in, want := range map[string]bool{"": false, "1,204,331": false, "file/2001:db8::17 and": false, strings.Repeat("a ", 90): false, strings.Repeat("a", longWord): false, "x " + strings.Repeat("가", longWord+1): true} {
		if got := long(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// TestChart: bars stay in their drawing, and labels do not lie on each other.
func TestChart(t *testing.T) {
	for _, n := range []int{0, 1, 7, 24, 31, 744} {
		b := &doc.Bars{}
		for i := range n {
			b.Labels, b.Values = append(b.Labels, "31"), append(b.Values, int64(i-1))
		}
		last := -100.0
		for _, x := range chart(b).Bars {
			if x.X < 0 || x.X+x.W > 720.1 || x.Y < 0 || x.Y+x.H > 104.2 {
				t.Errorf("%d bars: %+v", n, x)
			}
			if x.Label != "" {
				if x.Mid-last < 20 {
					t.Errorf("%d bars: labels at %.1f and %.1f", n, last, x.Mid)
				}
				last = x.Mid
			}
		}
	}
}

// TestWrite_error: whoever cannot write learns it.
func TestWrite_error(t *testing.T) {
	r, w := io.Pipe()
	_ = r.Close() // so that writing fails
	if err := Write(w, sample()); err == nil {
		t.Error("no error")
	}
}

// FuzzWrite: whatever a report says, the page has the elements that it would have without.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"", "<b>", `"`, "</td></style>", "{{.}}", "\x00", "\xff", "가", "javascript:x", "https://x\"onclick=y"} {
		f.Add(s)
	}
	count := func(t testing.TB, s string) int {
		d := sample()
		d.Title, d.Footer, d.Blocks[0].Text[0], d.Blocks[1].Bars.Labels[0] = "t"+s, s, "x"+s, "l"+s
		d.Blocks[2].Table.Rows[0][0].Text, d.Blocks[2].Table.Rows[1][0].Link = "y"+s, "javascript:"+s
		_, n := tree(t, d)
		return harmless(t, n)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, b := count(t, ""), count(t, s); a != b {
			t.Errorf("%d elements, without it %d", b, a)
		}
	})
}
