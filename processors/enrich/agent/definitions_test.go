package agent

import (
	"regexp"
	"strings"
	"testing"
)

// TestDefinitions: all patterns are patterns of RE2, and what must be in a match is.
func TestDefinitions(t *testing.T) {
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Agents) < 200 || len(d.Systems) < 100 || len(d.Devices) < 500 {
		t.Fatalf("%d, %d, %d patterns", len(d.Agents), len(d.Systems), len(d.Devices))
	}
	for _, list := range [][]pattern{d.Agents, d.Systems, d.Devices} {
		for i := range list {
			if _, err := regexp.Compile(list[i].expr); err != nil {
				t.Error(err)
			}
		}
	}
	for _, text := range []string{chrome, firefox, iphone, safari, galaxy, "curl/8.4.0"} {
		for _, list := range [][]pattern{d.Agents, d.Systems, d.Devices} {
			for i := range list {
				if m := regexp.MustCompile(list[i].expr).MatchString(text); m && !list[i].may(text, strings.ToLower(text)) {
					t.Errorf("%s matches %s and is said not to", list[i].expr, text)
				}
			}
		}
	}
	if _, err := read([]byte("user_agent_parsers: 1")); err == nil {
		t.Error("a file that is none is read")
	}
	d, err = read([]byte("user_agent_parsers:\n- regex: '(?=x)'\n- regex: '(zzz)'\n"))
	if c := d.client("zzz"); err != nil || c.name != "zzz" {
		t.Errorf("a pattern that RE2 does not take spoils the others: %+v (%v)", c, err)
	}
}

func TestFill(t *testing.T) {
	g := []string{"whole", "a", "b", ""}
	for _, tt := range []struct {
		text  string
		alone int
		want  string
	}{{"", 1, "a"}, {"", 9, ""}, {"x", 1, "x"}, {"$2 $1x", 1, "b ax"}, {"$3", 1, ""}, {"$9", 1, ""}, {"x$", 1, "x$"}, {"$1 $3", 1, "a"}} {
		if got := fill(tt.text, g, tt.alone); got != tt.want {
			t.Errorf("%q: %q", tt.text, got)
		}
	}
	if version("1", "", "3") != "1" || version("") != "" || version("1", "2", "3", "4") != "1.2.3.4" {
		t.Error("version")
	}
}

func BenchmarkClient(b *testing.B) {
	d, err := load()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		d.client(chrome)
	}
}

func BenchmarkRead(b *testing.B) {
	text, err := load()
	if err != nil || text == nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range text.Devices {
			text.Devices[i].prepare()
		}
	}
}
