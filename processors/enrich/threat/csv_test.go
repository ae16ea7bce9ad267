package threat

import (
	"slices"
	"strings"
	"testing"
)

// readCase is a feed and what must come of it.
type readCase struct {
	name, format, text string
	want               []string
	count              Counts
}

// checkRead reads feeds.
func checkRead(t *testing.T, cases []readCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			got, count, err := readAll(t, c.format, c.text)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, c.want)
			}
			if count != c.count {
				t.Errorf("counts %+v, want %+v", count, c.count)
			}
		})
	}
}

// TestReadCSV_Lists: plain lists of whatever values, with comments, blanks and ends of lines of all kinds.
func TestReadCSV_Lists(t *testing.T) {
	const md5 = "d41d8cd98f00b204e9800998ecf8427e"
	checkRead(t, []readCase{
		{"empty", FormatCSV, "", nil, Counts{}},
		{"nothing but comments", FormatCSV, "# a\n# b\n", nil, Counts{}},
		{"no end of the last line", FormatCSV, "192.0.2.1", []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1}},
		{"ends of lines of Windows", FormatCSV, "192.0.2.1\r\n192.0.2.2\r\n", []string{"ip-addr 192.0.2.1", "ip-addr 192.0.2.2"}, Counts{Taken: 2}},
		{"a mark at the begin", FormatAuto, "\ufeff192.0.2.1\n", []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1}},
		{"blanks", FormatCSV, "  192.0.2.1  \n\n\t\n evil.example \n", []string{"domain-name evil.example", "ip-addr 192.0.2.1"}, Counts{Taken: 2}},
		{"addresses of version 6", FormatCSV, "2001:db8::1\n[2001:db8::2]\n2001:db8:1::/48\n", []string{"ip-addr 2001:db8:1::/48", "ip-addr 2001:db8::1", "ip-addr 2001:db8::2"}, Counts{Taken: 3}},
		{"a network with bits of a host", FormatCSV, "192.0.2.77/24\n", []string{"ip-addr 192.0.2.0/24"}, Counts{Taken: 1}},
		{"URLs", FormatCSV, "http://a.example/x?y=1\na.example/z\n", []string{"url a.example/x?y=1", "url a.example/z"}, Counts{Taken: 2}},
		{"a hash in capital letters", FormatCSV, strings.ToUpper(md5) + "\n", []string{"file " + md5}, Counts{Taken: 1}},
		{"names with a star or a full stop", FormatCSV, "*.evil.example\nbad.example.\n", []string{"domain-name bad.example", "domain-name evil.example"}, Counts{Taken: 2}},
		{"an address with a port", FormatCSV, "192.0.2.1:8080\nevil.example:443\n", []string{"domain-name evil.example", "ip-addr 192.0.2.1"}, Counts{Taken: 2}},
		{"more columns without names", FormatCSV, "192.0.2.1,2024-01-01,botnet\n", []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1}},
		{"the first broken one is told", FormatCSV, "word\nother\n", nil, Counts{Broken: 2, Example: `"word" is no address, network, domain, URL or hash`}},
	})
}

// TestReadCSV_Tables: names of columns as feeds write them, in any order, quoted or in a comment.
func TestReadCSV_Tables(t *testing.T) {
	checkRead(t, []readCase{
		{"names in capital letters", FormatCSV, "Type,Indicator\nDOMAIN,evil.example\n", []string{"domain-name evil.example"}, Counts{Taken: 1}},
		{"a mark before the names", FormatCSV, "\ufefftype,value\nip,192.0.2.1\n", []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1}},
		{"a type that nobody knows is guessed", FormatCSV, "type,value\nsomething,192.0.2.1\n,evil.example\n", []string{"domain-name evil.example", "ip-addr 192.0.2.1"}, Counts{Taken: 2}},
		{"a value that is not of its type", FormatCSV, "type,value\nip,evil.example\nmd5,abc\n", nil, Counts{Broken: 2, Example: `"evil.example" is no address`}},
		{"an address that is a network, or has a port", FormatCSV, "type,value\nip,192.0.2.0/25\nip,192.0.2.200:80\n", []string{"ip-addr 192.0.2.0/25", "ip-addr 192.0.2.200"}, Counts{Taken: 2}},
		{"several kinds in a row", FormatCSV, "ip,domain,malware\n192.0.2.1,evil.example,Emotet\n,bad.example,\n", []string{"domain-name bad.example", "domain-name evil.example (Emotet)", "ip-addr 192.0.2.1 (Emotet)"}, Counts{Taken: 3}},
		{"a short row", FormatCSV, "description,type,value\nbotnet\nx,ip,192.0.2.1\n", []string{"ip-addr 192.0.2.1 (x)"}, Counts{Taken: 1}},
		{"ip as a value is no name behind the first row", FormatCSV, "value,type\n192.0.2.1,ip\nip,ip\n", []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1, Broken: 1, Example: `"ip" is no address`}},
		{"times of all kinds", FormatCSV, "value,expires\n192.0.2.1,2020-01-01\n192.0.2.2,2020-01-01 00:00:00\n192.0.2.3,2020-01-01T00:00:00Z\n192.0.2.4,2099-01-01\n192.0.2.5,never\n", []string{"ip-addr 192.0.2.4", "ip-addr 192.0.2.5"}, Counts{Taken: 2, Skipped: 3}},
		{"quotes with commas and lines", FormatCSV, "value,description\n192.0.2.1,\"one, two\nthree\"\n", []string{"ip-addr 192.0.2.1 (one, two\nthree)"}, Counts{Taken: 1}},
		{"comments between rows", FormatCSV, "value,description\n# \"half\n192.0.2.1,a\n#192.0.2.9,b\n192.0.2.2,c\n", []string{"ip-addr 192.0.2.1 (a)", "ip-addr 192.0.2.2 (c)"}, Counts{Taken: 2}},
	})
}

// TestReadCSV_Confidence: what a row says goes before what is known of the feed; words say nothing.
func TestReadCSV_Confidence(t *testing.T) {
	got := map[string]int{}
	s := source{name: "feed", confidence: 60, add: func(i Indicator) error { got[i.Value] = i.Confidence; return nil }}
	if err := s.read(FormatCSV, strings.NewReader("value,confidence\n192.0.2.1,90\n192.0.2.2,\n192.0.2.3,high\n192.0.2.4,0\n")); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]int{"192.0.2.1": 90, "192.0.2.2": 60, "192.0.2.3": 60, "192.0.2.4": 0} {
		if got[value] != want {
			t.Errorf("%s: %d, want %d", value, got[value], want)
		}
	}
}

// TestRead_Full: a table that is full ends the reading of every format.
func TestRead_Full(t *testing.T) {
	for format, text := range map[string]string{
		FormatCSV: "192.0.2.1\n192.0.2.2\n", "table": "ip,domain\n192.0.2.1,a.example\n",
		FormatMISP: `{"Event":{"Attribute":[{"type":"domain","value":"a.example"},{"type":"domain","value":"b.example"}]}}`,
		FormatSTIX: `{"objects":[{"type":"indicator","pattern":"[domain-name:value='a.example']"}]}`,
	} {
		n := 0
		s := source{name: "feed", add: func(Indicator) error { n++; return errFull }}
		if err := s.read(format, strings.NewReader(text)); err != errFull || n != 1 || s.count.Taken != 0 { //nolint:errorlint // the very error
			t.Errorf("%s: %v after %d indicators", format, err, n)
		}
	}
}
