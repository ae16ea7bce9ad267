package expression

import (
	"testing"
)

func TestCodeFunctions(t *testing.T) {
	evals(t, `{"_o":{"a":1}}`, [][2]string{
		{`hex(255)`, `"ff"`},
		{`hex("ab")`, `"6162"`},
		{`hex(1.5)`, `absent`},
		{`unhex("6C73002D6C")`, `"ls -l"`},
		{`unhex("0x6c")`, `"l"`},
		{`unhex("xyz")`, `absent`},
		{`unhex("ff")`, `"�"`},
		{`base64("hi?>")`, `"aGk/Pg=="`},
		{`unbase64("aGk/Pg==")`, `"hi?>"`},
		{`unbase64("aGk_Pg")`, `"hi?>"`},
		{`unbase64("a!")`, `absent`},
		{`urldecode("a%20b+c%zz%4")`, `"a b c%zz%4"`},
		{`urldecode("plain")`, `"plain"`},
		{`urldecode("%C3%A4%ff")`, `"ä�"`},
		{`unescape("a\\nb\\t\\\"\\\\")`, `"a\nb\t\"\\"`},
		{`unescape("\\u00e4\\x41")`, `"äA"`},
		{`unescape("\\ud83d\\ude00")`, `"😀"`},
		{`unescape("\\ud83dx")`, `"�x"`},
		{`unescape("C:\\dir\\")`, `"C:\\dir\\"`},
		{`unescape("\\u12")`, `"\\u12"`},
		{`unescape("\\uzzzz")`, `"\\uzzzz"`},
		{`sha256("abc")`, `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
		{`sha256(_o)`, `absent`},
	})
}
