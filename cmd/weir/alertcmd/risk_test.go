package alertcmd

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control/alerting"
	"weir/internal/fault"
)

func risks() []alerting.Risk {
	part := func(id, rule, level string, points float64) alerting.Part {
		return alerting.Part{Alert: id + "0000000000", Rule: rule, Level: level, What: rule + " 김민수", At: noon.Add(-time.Hour), Points: points}
	}
	return []alerting.Risk{
		{Kind: "user", Value: "kim", Score: 119.7, At: noon, Alerts: 4, Rules: 2, Alert: "c0ffee0000000001", Parts: []alerting.Part{part("aaaaaa", "vpn-new-country", "high", 39.6), part("bbbbbb", "mass-download", "high", 50.2), part("cccccc", "vpn-new-country", "medium", 14.9)}},
		{Kind: "address", Value: "203.0.113.5", Score: 5, At: noon, Alerts: 1, Rules: 1, Parts: []alerting.Part{part("dddddd", "port-scan", "low", 5)}},
	}
}

func TestRisk_transcripts(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    terminal
		args []string
		out  string
		msg  string
	}{
		{"all", terminal{env: inC, b: &backend{risks: risks()}}, nil, "" +
			"KIND     ENTITY       SCORE  ALERTS  RULES  ALERT     MADE OF\n" +
			"user     kim            120       4      2  c0ffee00  vpn-new-country 54 (2), mass-download 50\n" +
			"address  203.0.113.5      5       1      1            port-scan 5\n",
			"Next: weir alerts risk kim\n"},
		{"a pipe", terminal{pipe: true, b: &backend{risks: risks()}}, nil, "" +
			"user\tkim\t119.7\t4\t2\tc0ffee0000000001\tvpn-new-country 54 (2), mass-download 50\n" +
			"address\t203.0.113.5\t5.0\t1\t1\t\tport-scan 5\n",
			"Next: weir alerts risk kim\n"},
		{"one", terminal{env: inKorean, b: &backend{risks: risks()[:1]}}, []string{"kim"}, "" +
			"ALERT     LEVEL   POINTS  RAISED   RULE             WHAT\n" +
			"aaaaaa00  high        40  1 h ago  vpn-new-country  vpn-new-country 김민수\n" +
			"bbbbbb00  high        50  1 h ago  mass-download    mass-download 김민수\n" +
			"cccccc00  medium      15  1 h ago  vpn-new-country  vpn-new-country 김민수\n",
			"user kim: 120 by 4 alerts of 2 rules, the largest 3 shown. Next: weir alerts list --all --entity kim\n"},
		{"none", terminal{b: &backend{}}, nil, "", "no risk; alerts: weir alerts list\n"},
		{"none of somebody", terminal{b: &backend{}}, []string{"a b"}, "", "a b has no risk; alerts about it: weir alerts list --all --entity 'a b'\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, msg, err := tc.s.run(t, append([]string{"risk"}, tc.args...)...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "stdout", out, tc.out)
			same(t, "stderr", msg, tc.msg)
		})
	}
}

func TestRisk_asks(t *testing.T) {
	b := &backend{risks: risks()}
	out, _, err := terminal{json: true, b: b}.run(t, "risk", "kim", "--at", "-1h", "--size", "5")
	if want := (alerting.RiskRequest{At: noon.Add(-time.Hour), Entity: "kim", Size: 5}); err != nil || b.asked[0] != want {
		t.Errorf("asked %+v, %v", b.asked, err)
	}
	if strings.Count(out, "\n") != 2 || !strings.HasPrefix(out, `{"kind":"user","value":"kim","score":119.7,`) {
		t.Errorf("--json: %s", out)
	}
	if _, _, err := (terminal{b: b}).run(t, "risk", "a", "b"); fault.Code(err) != "usage" {
		t.Errorf("got %v", err)
	}
}
