package threat

import (
	"bufio"
	"slices"
	"strings"
	"testing"
	"time"
)

// readAll reads a feed and returns its indicators as KIND VALUE.
func readAll(t *testing.T, format, text string) ([]string, Counts, error) {
	t.Helper()
	var out []string
	s := source{name: "feed", confidence: -1, now: time.Unix(1_700_000_000, 0)}
	s.add = func(i Indicator) error {
		key, err := appendKey(nil, i.Kind, i.Value)
		if err != nil {
			return err
		}
		line := i.Kind.String() + " " + keyText(i.Kind, key)
		if i.Description != "" {
			line += " (" + i.Description + ")"
		}
		out = append(out, line)
		return nil
	}
	err := s.read(format, bufio.NewReader(strings.NewReader(text)))
	slices.Sort(out)
	return out, s.count, err
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		count      Counts
	}{
		{
			"a plain list", "# bad hosts\n192.0.2.1\nevil.example # seen in May\n\n10.0.0.0/8\nword\n192.0.2.9:443\n",
			[]string{"domain-name evil.example", "ip-addr 10.0.0.0/8", "ip-addr 192.0.2.1", "ip-addr 192.0.2.9"},
			Counts{Taken: 4, Broken: 1, Example: `"word" is no address, network, domain, URL or hash`},
		},
		{
			"a table with types", "type,value,description,expires\nip,192.0.2.1,botnet,\ndomain,evil.example,,2020-01-01\nurl,http://a.example/x,\"gate, two\",2030-01-01\n",
			[]string{"ip-addr 192.0.2.1 (botnet)", "url a.example/x (gate, two)"}, Counts{Taken: 2, Skipped: 1},
		},
		{
			"types and values without names", "ip,203.0.113.0/24\ndomain,evil.example\n",
			[]string{"domain-name evil.example", "ip-addr 203.0.113.0/24"}, Counts{Taken: 2},
		},
		{
			"a column for each kind", "md5,sha256,name\nd41d8cd98f00b204e9800998ecf8427e,,Emotet\n",
			[]string{"file d41d8cd98f00b204e9800998ecf8427e (Emotet)"}, Counts{Taken: 1},
		},
		{
			"names in a comment", "#########\n# \"a feed's comment\n# \"first_seen\", \"ioc_value\", \"ioc_type\", \"malware\"\n\"2023\", \"192.0.2.7:8080\", \"ip\", \"Qakbot\"\n",
			[]string{"ip-addr 192.0.2.7 (Qakbot)"}, Counts{Taken: 1},
		},
		{
			"an event of MISP", `{"Event":{"info":"May","Attribute":[{"type":"ip-dst|port","value":"192.0.2.1|80","to_ids":true},
				{"type":"domain|ip","value":"evil.example|192.0.2.2","to_ids":true},{"type":"comment","value":"x"},
				{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e","to_ids":false},{"type":"domain|ip","value":"half.example"}],
				"Object":[{"Attribute":[{"type":"filename|md5","value":"a.exe|d41d8cd98f00b204e9800998ecf8427e","to_ids":true}]},{"deleted":true,"Attribute":[{"type":"domain","value":"gone.example"}]}]}}`,
			[]string{"domain-name evil.example (May)", "domain-name half.example (May)", "file d41d8cd98f00b204e9800998ecf8427e (May)", "ip-addr 192.0.2.1 (May)", "ip-addr 192.0.2.2 (May)"},
			Counts{Taken: 5, Skipped: 2, Broken: 1, Example: `"half.example" is no domain|ip`},
		},
		{
			"what a search of MISP returns", `{"response":[{"Event":{"Attribute":[{"type":"domain","value":"evil.example"}]}}]}`,
			[]string{"domain-name evil.example"}, Counts{Taken: 1},
		},
		{
			"attributes of a search", `{"response":{"Attribute":[{"type":"url","value":"http://a.example/"}]}}`,
			[]string{"url a.example/"}, Counts{Taken: 1},
		},
		{
			"a list of events", ` [{"Attribute":[{"type":"domain","value":"evil.example"}]},{"Event":{"Attribute":[]}}]`,
			[]string{"domain-name evil.example"}, Counts{Taken: 1},
		},
		{
			"a bundle of STIX", `{"type":"bundle","id":"bundle--1","objects":[{"type":"malware","name":"x"},
				{"type":"indicator","name":"C2","pattern_type":"stix","pattern":"[ipv4-addr:value = '192.0.2.1' OR domain-name:value='evil.example']"},
				{"type":"indicator","name":"net","pattern":"[ipv4-addr:value = '198.51.100.0/24']"},
				{"type":"indicator","pattern":"[file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' AND file:name = 'a']"},
				{"type":"indicator","pattern":"[url:value IN ('http://a.example/it\\'s', 'http://b.example')]","valid_until":"2030-01-01T00:00:00.000Z"},
				{"type":"indicator","pattern":"[url:value = 'http://c.example']","valid_until":"2020-01-01T00:00:00Z"},
				{"type":"indicator","pattern":"[domain-name:value = 'x.example']","revoked":true},
				{"type":"indicator","pattern":"[file:size > 10]"},
				{"type":"indicator","pattern":"[domain-name:value = 'open]"},
				{"type":"indicator","pattern":"rule x {}","pattern_type":"yara"}]}`,
			[]string{"domain-name evil.example (C2)", "ip-addr 192.0.2.1 (C2)", "ip-addr 198.51.100.0/24 (net)", "url a.example/it's", "url b.example/"},
			Counts{Taken: 5, Skipped: 5, Broken: 1, Example: "pattern [domain-name:value = 'open]: a text without its end"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, count, err := readAll(t, FormatAuto, c.text)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, c.want)
			}
			if count != c.count {
				t.Errorf("counts %+v, want %+v", count, c.count)
			}
		})
	}
}

func TestRead_Faults(t *testing.T) {
	for name, text := range map[string]string{
		"half a bundle": `{"type":"bundle","objects":[{"type":"indicator",`, "half an event": `{"Event":{"info":`, "other JSON": `{"a":1}`,
		"STIX without a list": `{"type":"bundle","objects":1}`, "a list of texts": `["a"]`, "broken attributes": `{"response":{"Attribute":1}}`,
	} {
		if got, _, err := readAll(t, FormatAuto, text); err == nil {
			t.Errorf("%s: no error, %q", name, got)
		}
	}
}

// A feed never stops weir, and what is counted adds up to what was added.
func FuzzRead(f *testing.F) {
	f.Add("csv", "type,value\nip,1.2.3.4\n")
	f.Add("misp", `{"Event":{"Attribute":[{"type":"domain","value":"a.example"}]}}`)
	f.Add("stix", `{"objects":[{"type":"indicator","pattern":"[ipv4-addr:value = '1.2.3.4']"}]}`)
	f.Add("auto", "#\"a\n\"")
	f.Fuzz(func(t *testing.T, format, text string) {
		b := newBuilder()
		s := source{name: "feed", now: time.Now(), add: b.add}
		_ = s.read(format, bufio.NewReader(strings.NewReader(text))) // a broken feed is an error, that is all
		if s.count.Taken != len(b.t.entries) {
			t.Fatalf("%d counted, %d added", s.count.Taken, len(b.t.entries))
		}
		if table := b.build(); table.Len() > s.count.Taken {
			t.Fatalf("%d of %d in the table", table.Len(), s.count.Taken)
		}
	})
}
