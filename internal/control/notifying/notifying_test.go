package notifying

import (
	"encoding/json"
	"testing"
)

// TestKeys: keys of the JSON that commands print are a contract; what is not known is left out.
func TestKeys(t *testing.T) {
	for _, tc := range []struct {
		name string
		v    any
		want string
	}{
		{"channel", Channel{Name: "mail", Type: "email", State: Up}, `{"name":"mail","type":"email","state":"up","waiting":0,"dead":0,"sent":0,"failed":0,"silenced":0}`},
		{"dead", Dead{ID: "x-1", Channel: "mail", Kind: "firing", Group: "rule=x", Error: "550"}, `{"id":"x-1","channel":"mail","kind":"firing","group":"rule=x","at":"0001-01-01T00:00:00Z","error":"550"}`},
		{"test", TestAnswer{Channel: "mail", Type: "email", TookMS: 3}, `{"channel":"mail","type":"email","took_ms":3}`},
		{"silence", Silence{ID: "s", Match: []string{"rule=x"}, Owner: "o", Reason: "r", Active: true, Held: 3},
			`{"id":"s","match":["rule=x"],"owner":"o","reason":"r","made":"0001-01-01T00:00:00Z","until":"0001-01-01T00:00:00Z","active":true,"held":3}`},
		{"route", Route{Steps: []Step{{Line: 3, Takes: true}}, To: []Target{{Channels: []string{"mail"}, Line: 3, Group: "g", WaitMS: 10}}},
			`{"steps":[{"line":3,"depth":0,"matched":false,"takes":true}],"to":[{"channels":["mail"],"line":3,"group":"g","group_wait_ms":10,"repeat_ms":0}]}`},
		{"retried", Retried{Messages: 2}, `{"messages":2}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := json.Marshal(tc.v)
			if err != nil || string(got) != tc.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tc.want)
			}
		})
	}
}
