package email_test

import (
	"strings"
	"testing"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

// TestAuth: the mechanism that the server offers is used, and no password goes over a connection in the clear unless the
// configuration says by which mechanism.
func TestAuth(t *testing.T) {
	ca := channeltest.NewCA(t)
	for _, tc := range []struct{ name, offers, tls, auth, used string }{
		{"plain", "PLAIN", "starttls", "", "PLAIN"},
		{"login", "LOGIN", "starttls", "", "LOGIN"},
		{"cram-md5", "CRAM-MD5", "starttls", "", "CRAM-MD5"},
		{"plain before others", "CRAM-MD5 LOGIN PLAIN", "starttls", "auto", "PLAIN"},
		{"as told", "CRAM-MD5 LOGIN PLAIN", "starttls", "login", "LOGIN"},
		{"as told, cram", "CRAM-MD5 LOGIN PLAIN", "implicit", "cram-md5", "CRAM-MD5"},
		{"implicit TLS", "LOGIN", "implicit", "", "LOGIN"},
		{"in the clear: cram-md5 by itself", "PLAIN LOGIN CRAM-MD5", "none", "", "CRAM-MD5 in the clear"},
		{"in the clear: never plain by itself", "PLAIN LOGIN", "none", "", ""},
		{"in the clear: plain as told", "PLAIN LOGIN", "none", "plain", "PLAIN in the clear"},
		{"in the clear: login as told", "PLAIN LOGIN", "none", "login", "LOGIN in the clear"},
		{"the server does not offer what is told", "PLAIN", "starttls", "cram-md5", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &mailServer{t: t, auth: tc.offers}
			secure := ca.Server(t, "127.0.0.1")
			switch tc.tls {
			case "starttls":
				s.starttls, secure = secure, nil
			case "none":
				secure = nil
			}
			c := config(t, s.run(secure))
			c.TLS, c.Auth, c.User, c.Password, c.CA = tc.tls, tc.auth, user, password, ca.File
			_, err := start(t, c, channel.Deps{}).Send(t.Context(), channeltest.Message())
			if (err == nil) != (tc.used != "") {
				t.Fatalf("got %v", err)
			}
			if got := strings.Join(s.used, ","); got != tc.used {
				t.Errorf("used %q, want %q", got, tc.used)
			}
		})
	}
}
