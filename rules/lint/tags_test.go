package lint

import (
	"strings"
	"testing"
)

func TestTagFault(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"attack.t1110": "", "attack.t1110.001": "", "attack.T1110": "", "attack.g0016": "", "attack.s0154": "", "attack.ds0005": "", "attack.ta0001": "", "attack.m1036": "",
		"attack.credential_access": "", "attack.credential-access": "", "attack.stealth": "", "attack.defense-impairment": "", "attack.defense_evasion": "",
		"cve.2021-44228": "", "detection.threat-hunting": "", "car.2013-05-002": "", "tlp.red": "", "anything": "",
		"attack.t111":             "t1110.001",
		"attack.t1110.1":          "t1110.001",
		"attack.t1110.001.2":      "t1110.001",
		"attack.g0016.001":        "t1110.001",
		"attack.q1234":            "t1110.001",
		"attack.credential-acess": "did you mean `attack.credential-access`?",
		"attack.":                 "tactics: ",
		"attack.brute force":      "tactics: ",
		"attack_t1110":            "write attack.t1110.001",
	} {
		why, do := tagFault(tag)
		if (why != "") != (want != "") || !strings.Contains(do+why, want) {
			t.Errorf("%s: %q, %q", tag, why, do)
		}
	}
}
