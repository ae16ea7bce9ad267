package pairs

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// collect returns the pairs of a text as key=value.
func collect(t testing.TB, o Options, s string) []string {
	t.Helper()
	p, err := Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	if err := p.Each(s, func(k, v string) bool { out = append(out, k+"="+v); return true }); err != nil {
		out = append(out, "error: "+err.Error())
	}
	return out
}

func TestEach(t *testing.T) {
	fortigate := Options{Quote: '"', Escape: '\\'}
	checkpoint := Options{Pairs: []string{"; ", ";"}, Values: []string{":"}, Quote: '"', Escape: '\\', Trim: " "}
	for _, c := range []struct {
		name string
		o    Options
		text string
		want []string
	}{
		{"firewall with quotes", fortigate, `date=2024-05-01 time=10:00:00 devname="fw 1" msg="a \"b\" c" srcip=192.0.2.1`,
			[]string{"date=2024-05-01", "time=10:00:00", "devname=fw 1", `msg=a "b" c`, "srcip=192.0.2.1"}},
		{"backslashes of paths stay", fortigate, `file="C:\dir\x.exe" n=1`, []string{`file=C:\dir\x.exe`, "n=1"}},
		{"colons and semicolons", checkpoint, `action:"Accept"; ifdir:"inbound"; rule:"a; b"; time:"10:00:00"; `,
			[]string{"action=Accept", "ifdir=inbound", "rule=a; b", "time=10:00:00"}},
		{"colons without quotes", checkpoint, `action:Accept; src:192.0.2.1;dst:192.0.2.2`,
			[]string{"action=Accept", "src=192.0.2.1", "dst=192.0.2.2"}},
		{"bracket at the end", checkpoint, `a:"1"; b:"2"]`, []string{"a=1", "b=2"}},
		{"addresses with ports and zones", fortigate, `id=firewall sn=00AA time="2024-05-01 10:00:00" src=192.0.2.1:53:X1 m=537`,
			[]string{"id=firewall", "sn=00AA", "time=2024-05-01 10:00:00", "src=192.0.2.1:53:X1", "m=537"}},
		{"words before pairs", fortigate, `Allow 1-Trusted 0-External tcp 192.0.2.1 msg="ok" n=1`, []string{"msg=ok", "n=1"}},
		{"words behind pairs", fortigate, `a=1 b=2 done now`, []string{"a=1", "b=2"}},
		{"audit", Options{Quote: '\''}, `type=USER_AUTH msg=audit(1.2:3): pid=1 msg='op=x acct="root" res=failed'`,
			[]string{"type=USER_AUTH", "msg=audit(1.2:3):", "pid=1", `msg=op=x acct="root" res=failed`}},
		{"separator in a value", fortigate, `url=http://h/?a=b&c=d n=1`, []string{"url=http://h/?a=b&c=d", "n=1"}},
		{"empty values", fortigate, `a= b="" c=`, []string{"a=", "b=", "c="}},
		{"many blanks", fortigate, `  a=1   b=2  `, []string{"a=1", "b=2"}},
		{"never closed", fortigate, `a=1 msg="cut off he`, []string{"a=1", "msg=cut off he"}},
		{"quotes inside quotes", fortigate, `msg="user "bob", in" n=1`, []string{`msg=user "bob", in`, "n=1"}},
		{"a quote before the end of one of several", fortigate, `msg="say "hello"" n="1" z=2`, []string{`msg=say "hello"`, "n=1", "z=2"}},
		{"doubled quotes before a blank", Options{Quote: '"'}, `msg="say ""hello"" now" n="1"`, []string{`msg=say "hello" now`, "n=1"}},
		{"a quote before the end", fortigate, `msg="say "hello"" n=1`, []string{`msg=say "hello"`, "n=1"}},
		{"doubled quotes", Options{Pairs: []string{","}, Quote: '"'}, `a="x ""y"" z",b=1`, []string{`a=x "y" z`, "b=1"}},
		{"quoted keys", Options{Pairs: []string{","}, Values: []string{":"}, Quote: '"'}, `"a b":"1","c":2`, []string{"a b=1", "c=2"}},
		{"trimmed", Options{Pairs: []string{","}, Quote: '"', Trim: " "}, `a = 1 , b = "x, y" , c=3`, []string{"a=1", "b=x, y", "c=3"}},
		{"lazy", Options{Quote: '"', Lazy: true}, `msg=link is down port=3 state="a b" why=no carrier`,
			[]string{"msg=link is down", "port=3", "state=a b", "why=no carrier"}},
		{"lazy with an address", Options{Lazy: true}, `url=see http://h/?q=1 for more n=2`, []string{"url=see http://h/?q=1 for more", "n=2"}},
		{"not lazy", Options{}, `msg=link is down port=3`, []string{"msg=link", "port=3"}},
		{"patterns", Options{PairsRegex: `\s*[,;]\s*`, ValuesRegex: `\s*[:=]\s*`, Quote: '"'}, `a : 1 ; b = "x;y",c=3`,
			[]string{"a=1", "b=x;y", "c=3"}},
		{"lazy patterns", Options{PairsRegex: `\s+`, Lazy: true}, "a=1 2\t3 b=4", []string{"a=1 2\t3", "b=4"}},
		{"several separators", Options{Pairs: []string{"|", ", "}}, `a=1|b=2, c=3`, []string{"a=1", "b=2", "c=3"}},
		{"no pair", fortigate, `just some words`, []string{"error: no key with a value in the text"}},
		{"nothing", fortigate, `  `, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := collect(t, c.o, c.text); !slices.Equal(got, c.want) {
				t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
			}
		})
	}
}

func TestEachStops(t *testing.T) {
	p, _ := Compile(Options{})
	calls := 0
	if err := p.Each("a=1 b=2", func(string, string) bool { calls++; return false }); err != nil || calls != 1 {
		t.Errorf("%d calls after the first said no, %v", calls, err)
	}
	if err := p.Each("words", func(string, string) bool { return true }); !errors.Is(err, ErrNone) {
		t.Errorf("error %v, want ErrNone", err)
	}
}

// FuzzEach: pairs that were written by the rules are read back; any text ends, and makes no letters.
func FuzzEach(f *testing.F) {
	f.Add("user", `a "b" c`, `x="y" z=`)
	f.Add("k", `C:\`, `a=1 b="`)
	f.Add("k", "=", `"a"="b" =`)
	plain := regexp.MustCompile(`^[a-z]+$`)
	var splitters []*Splitter
	for _, o := range []Options{
		{Quote: '"', Escape: '\\'},
		{Quote: '"', Lazy: true, Trim: " "},
		{Pairs: []string{"; ", ","}, Values: []string{":", "="}, Quote: '"'},
		{PairsRegex: `[ ,]+`, ValuesRegex: `\s?=`, Lazy: true},
	} {
		p, err := Compile(o)
		if err != nil {
			f.Fatal(err)
		}
		splitters = append(splitters, p)
	}
	f.Fuzz(func(t *testing.T, key, value, raw string) {
		for _, p := range splitters {
			total := 0
			_ = p.Each(raw, func(k, v string) bool { total += len(k) + len(v); return true })
			if total > len(raw) {
				t.Errorf("%d bytes of pairs in %d bytes %q", total, len(raw), raw)
			}
		}
		if !plain.MatchString(key) {
			return
		}
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
		got := collect(t, Options{Quote: '"', Escape: '\\'}, "x=1 "+key+`="`+escaped+`" y=2`)
		if want := []string{"x=1", key + "=" + value, "y=2"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func BenchmarkEach(b *testing.B) {
	p, _ := Compile(Options{Quote: '"', Escape: '\\'})
	line := `date=2024-05-01 time=10:00:00 devname="fw1" devid="FG100" logid="0000000013" type="traffic" subtype="forward" ` +
		`level="notice" vd="root" srcip=192.0.2.10 srcport=51234 srcintf="port1" dstip=198.51.100.7 dstport=443 ` +
		`policyid=12 sessionid=112233 proto=6 action="close" service="HTTPS" sentbyte=1200 rcvdbyte=4300 sentpkt=12`
	n := 0
	each := func(k, v string) bool { n += len(k) + len(v); return true }
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		_ = p.Each(line, each)
	}
}
