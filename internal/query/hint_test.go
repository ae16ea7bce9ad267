package query

import (
	"strings"
	"testing"
)

func TestShorten(t *testing.T) {
	if got := shorten(strings.Repeat("김", 40)); got != strings.Repeat("김", 30)+"…" {
		t.Errorf("a long piece is shown as %s", got)
	}
	if got := shorten(strings.Repeat("김", 30)); got != strings.Repeat("김", 30) {
		t.Errorf("what fits is shown as %s", got)
	}
}

// What people write who know another language, or forget quotes and keywords.
func TestHint_Mistakes(t *testing.T) {
	mistakes{
		{"no and before not", `user.name: root not source.ip: 10.0.0.1`, `
'and' or 'or' is missing before 'not'
user.name: root not source.ip: 10.0.0.1
                ^^^
write 'and not', or '\not' if you mean the word`},
		{"no and between quotes", `user.name: "root" "admin"`, `
'and' or 'or' is missing before '"admin"'
user.name: "root" "admin"
                  ^^^^^^^
write 'and' or 'or' between the two`},
		{"no and after a quote", `user.name: "root" source.ip: 10.0.0.1`, `
'and' or 'or' is missing before 'source.ip'
user.name: "root" source.ip: 10.0.0.1
                  ^^^^^^^^^
write 'and' or 'or' between the two`},
		{"no and between conditions", `user.name: root source.ip: 10.0.0.1`, `
'and' or 'or' is missing before 'source.ip'
user.name: root source.ip: 10.0.0.1
                ^^^^^^^^^
write 'and' between the two conditions`},
		{"no and after free text", `failed password source.ip: 10.0.0.1`, `
'and' or 'or' is missing before 'source.ip'
failed password source.ip: 10.0.0.1
                ^^^^^^^^^
write 'and' between the two conditions`},
		{"no and after Korean", `이름 user.name: 김민수`, `
'and' or 'or' is missing before 'user.name'
이름 user.name: 김민수
   ^^^^^^^^^
write 'and' between the two conditions`},
		{"quote not closed", `message: "Failed password`, `
the quote opened here is never closed
message: "Failed password
         ^
add '"' where the text ends`},
		{"quote not opened", `message: Failed password" and x`, `
the quote opened here is never closed
message: Failed password" and x
                        ^
add '"' where the text ends`},
		{"IPv6 without quotes", `source.ip: 2001:db8::1`, `
a value with ':' in it must be in quotes
source.ip: 2001:db8::1
           ^^^^^^^^^^^
write '"2001:db8::1"'`},
		{"address of the web without quotes", `url.full: http://example.com/a?b=c`, `
a value with ':' in it must be in quotes
url.full: http://example.com/a?b=c
          ^^^^^^^^^^^^^^^^^^^^^^^^
write '"http://example.com/a?b=c"'`},
		{"time without quotes", `@timestamp >= 2026-11-21T16:50:08`, `
a value with ':' in it must be in quotes
@timestamp >= 2026-11-21T16:50:08
              ^^^^^^^^^^^^^^^^^^^
write '"2026-11-21T16:50:08"'`},
		{"path of Windows", `process.executable: C:\Windows\cmd.exe`, `
a value with ':' in it must be in quotes
process.executable: C:\Windows\cmd.exe
                    ^^^^^^^^^^^^^^^^^^
write '"C:\Windows\cmd.exe"'`},
		{"backslash", `process.executable: Windows\cmd.exe`, `
a backslash must be written twice outside quotes
process.executable: Windows\cmd.exe
                           ^
write '\\', or put the value in quotes`},
		{"backslash at the end", `user.name: a\`, `
a backslash must be written twice outside quotes
user.name: a\
            ^
write '\\', or put the value in quotes`},
		{"range of Lucene", `source.port: [1 TO 1024]`, `
a range in brackets is not KQL
source.port: [1 TO 1024]
             ^^^^^^^^^^^
write 'field >= 1 and field <= 5', or put the text in quotes`},
		{"range of Lucene in braces", `source.port: {1 TO 1024}`, `
inside braces every value needs the full name of its field
source.port: {1 TO 1024}
              ^^^^^^^^^
write '{ name: value }'`},
		{"equals", `user.name = root`, `
'=' is not KQL
user.name = root
          ^
write 'user.name: ...'`},
		{"equals twice", `user.name == "root"`, `
'==' is not KQL
user.name == "root"
          ^^
write 'user.name: ...'`},
		{"not equal", `user.name != root`, `
'!=' is not KQL
user.name != root
          ^^
write 'not user.name: ...'`},
		{"match by an expression", `user.name =~ ro.*`, `
'=~' is not KQL
user.name =~ ro.*
          ^^
write 'user.name: ...'`},
		{"ampersands", `failed && root`, `
'&&' is not KQL
failed && root
       ^^
write 'and', or put the text in quotes`},
		{"ampersands between conditions", `event.outcome: failure && user.name: root`, `
'&&' is not KQL
event.outcome: failure && user.name: root
                       ^^
write 'and', or put the text in quotes`},
		{"bars after free text", `failed || user.name: root`, `
'||' is not KQL
failed || user.name: root
       ^^
write 'or', or put the text in quotes`},
		{"exclamation mark", `! failed`, `
'!' is not KQL
! failed
^
write 'not', or put the text in quotes`},
		{"operator first", `> 5`, `
no field stands before '>'
> 5
^
write 'field > value'`},
		{"colon first", `: root`, `
no field stands before this colon
: root
^
write 'field: value', or put text with a colon in quotes`},
		{"brace first", `{ name: root }`, `
no field stands before '{'
{ name: root }
^
write 'field:{ ... }', or put text with a brace in quotes`},
		{"a long word", `aaaaaaaaaaaaaaaaaaaa "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"`, `
'and' or 'or' is missing before '"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb…'
aaaaaaaaaaaaaaaaaaaa "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
write 'and' or 'or' between the two`},
	}.check(t)
}
