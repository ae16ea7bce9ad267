package auditd

import (
	"slices"
	"strings"
	"testing"
)

// scanned returns the fields of s as key=value, with a ! behind a quoted value and the word before the key in brackets.
func scanned(s string) []string {
	c := scanner{s: s}
	var f field
	var out []string
	for c.next(&f) {
		text := f.key + "=" + f.value
		if f.quoted {
			text += "!"
		}
		if f.before != "" {
			text = "[" + f.before + "]" + text
		}
		out = append(out, text)
	}
	return out
}

func TestScanner(t *testing.T) {
	tests := []struct {
		name, s string
		want    []string
	}{
		{"plain", "a=1 b=2", []string{"a=1", "b=2"}},
		{"quotes", `a="x y" b="="`, []string{"a=x y!", "b==!"}},
		{"quotes that never end", `a="x y`, []string{"a=x y!"}},
		{"empty values", `a= b="" c=`, []string{"a=", "b=!", "c="}},
		{"braces", "SADDR={ saddr_fam=inet lport=80 } a=1", []string{"SADDR={ saddr_fam=inet lport=80 }", "a=1"}},
		{"braces that never end", "a={ b=1", []string{"a={", "b=1"}},
		{"a message", "pid=1 msg='op=x y=2'", []string{"pid=1", "op=x", "y=2"}},
		{"a quote within a message stays", "msg='a=it's b=2'", []string{"a=it's", "b=2"}},
		{"an operation of words", "op=adding user to group id=4", []string{"op=adding user to group", "id=4"}},
		{"an operation at the end of a message", "msg='op=changing password'", []string{"op=changing password"}},
		{"an operation without a word", "op= id=4", []string{"op=", "id=4"}},
		{"an operation before a colon", "op=x : exe=y", []string{"op=x", "[:]exe=y"}},
		{"words before keys", "user old auid=1 new auid=2", []string{"[old]auid=1", "[new]auid=2"}},
		{"brackets", "exe=x (hostname=h, addr=1.2.3.4, res=failed)'", []string{"exe=x", "hostname=h", "addr=1.2.3.4", "res=failed"}},
		{"keys with brackets and hyphens", "a1[0]=x vm-ctx=y", []string{"a1[0]=x", "vm-ctx=y"}},
		{"nothing", " ,  ", nil},
		{"only words", "auditd normal halt", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := scanned(tt.s); !slices.Equal(got, tt.want) {
				t.Errorf("the fields of %q are %q, want %q", tt.s, got, tt.want)
			}
		})
	}
}

// FuzzScanner holds that scanning ends, and that no field has what did not stand in the text.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{"a=1 b=2", `msg='op=x y="z'`, "((a=b)", "op=a b c", `a={"`, "old auid=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := scanner{s: s}
		var x field
		for n := 0; c.next(&x); n++ {
			if n > len(s) {
				t.Fatal("more fields than bytes")
			}
			if !strings.Contains(s, x.key) || !strings.Contains(s, x.value) || x.key == "" {
				t.Fatalf("%q=%q is not in %q", x.key, x.value, s)
			}
		}
	})
}
