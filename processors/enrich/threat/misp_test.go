package threat

import "testing"

// TestReadMISP_Forms: events alone, in lists, in answers of the API, one after the other.
func TestReadMISP_Forms(t *testing.T) {
	const event = `{"info":"May","Attribute":[{"type":"domain","value":"evil.example","to_ids":true}]}`
	want := []string{"domain-name evil.example (May)"}
	checkRead(t, []readCase{
		{"an event", FormatMISP, `{"Event":` + event + `}`, want, Counts{Taken: 1}},
		{"without its wrapping", FormatMISP, event, want, Counts{Taken: 1}},
		{"a list", FormatMISP, `[{"Event":` + event + `}]`, want, Counts{Taken: 1}},
		{"an answer", FormatMISP, `{"response":[{"Event":` + event + `}]}`, want, Counts{Taken: 1}},
		{"one after the other", FormatMISP, `{"Event":` + event + `}` + "\n" + `{"Event":` + event + `}`, append(want, want...), Counts{Taken: 2}},
		{"a mark before it", FormatAuto, "\ufeff" + `{"Event":` + event + `}`, want, Counts{Taken: 1}},
		{"blanks before it", FormatAuto, "\n\t [" + event + "] \n", want, Counts{Taken: 1}},
		{"an event without attributes", FormatMISP, `{"Event":{"info":"x"}}`, nil, Counts{}},
		{"an empty list", FormatMISP, `[]`, nil, Counts{}},
		{"an answer without events", FormatMISP, `{"response":[]}`, nil, Counts{}},
	})
}

// TestReadMISP_Types: which attributes are taken, and what of values with two parts.
func TestReadMISP_Types(t *testing.T) {
	attribute := func(s string) string { return `{"Event":{"Attribute":[` + s + `]}}` }
	checkRead(t, []readCase{
		{"to_ids left out counts as meant", FormatMISP, attribute(`{"type":"url","value":"http://a.example/x"}`), []string{"url a.example/x"}, Counts{Taken: 1}},
		{"not meant for detection", FormatMISP, attribute(`{"type":"url","value":"http://a.example/x","to_ids":false}`), nil, Counts{Skipped: 1}},
		{"deleted", FormatMISP, attribute(`{"type":"url","value":"http://a.example/x","deleted":true}`), nil, Counts{Skipped: 1}},
		{"a type that no event has", FormatMISP, attribute(`{"type":"yara","value":"rule x {}"}`), nil, Counts{Skipped: 1}},
		{"a network", FormatMISP, attribute(`{"type":"ip-src","value":"192.0.2.0/24"}`), []string{"ip-addr 192.0.2.0/24"}, Counts{Taken: 1}},
		{"an address and a port", FormatMISP, attribute(`{"type":"ip-dst|port","value":"192.0.2.1|443"}`), []string{"ip-addr 192.0.2.1"}, Counts{Taken: 1}},
		{"a name and an address", FormatMISP, attribute(`{"type":"domain|ip","value":"evil.example|192.0.2.1"}`), []string{"domain-name evil.example", "ip-addr 192.0.2.1"}, Counts{Taken: 2}},
		{"a file and its hash", FormatMISP, attribute(`{"type":"filename|sha1","value":"a.exe|da39a3ee5e6b4b0d3255bfef95601890afd80709"}`), []string{"file da39a3ee5e6b4b0d3255bfef95601890afd80709"}, Counts{Taken: 1}},
		{"a file without its hash", FormatMISP, attribute(`{"type":"filename|md5","value":"a.exe"}`), nil, Counts{Broken: 1, Example: `"a.exe" is no filename|md5`}},
		{"a hash of another length", FormatMISP, attribute(`{"type":"md5","value":"abc"}`), nil, Counts{Broken: 1, Example: `"abc" is no hash: it has 3 characters`}},
		{"in an object", FormatMISP, `{"Event":{"Object":[{"Attribute":[{"type":"domain","value":"a.example"}]},{"deleted":true,"Attribute":[{"type":"domain","value":"b.example"}]}]}}`, []string{"domain-name a.example"}, Counts{Taken: 1}},
	})
}
