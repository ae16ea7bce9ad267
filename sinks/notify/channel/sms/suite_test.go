package sms_test

import (
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/sms"
)

// TestSuite holds the gateway to what every channel must do.
func TestSuite(t *testing.T) {
	channeltest.Run(t, channeltest.Subject{
		HTTP: `{"result_code":"1"}`, Plain: true, TLS: true, Secrets: []string{"kEy-of-the-gateway", "tOkEn-7f3a"},
		Make: func(t testing.TB, to channeltest.Target, d channel.Deps, timeout time.Duration) channel.Channel {
			scheme := "http://"
			if to.Secure() {
				scheme = "https://"
			}
			c, err := sms.New(sms.Config{
				URL: unit.Secret(scheme + to.Addr + "/send?key=tOkEn-7f3a"), CA: to.CA, Timeout: unit.Duration(timeout), To: []string{"01012345678", "01087654321"},
				Secrets: map[string]unit.Secret{"key": "kEy-of-the-gateway"}, Expect: `"result_code":"1"`, Charset: "euc-kr",
				Form: map[string]string{"receiver": "{{recipient}}", "msg": "{{message}}", "key": "{{secret.key}}"},
			}, d)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	})
}
