package email_test

import (
	"errors"
	"testing"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/email"
)

// TestNew_Failure: each mistake of the configuration is found before anything is sent, under its key.
func TestNew_Failure(t *testing.T) {
	good := email.Config{Host: "mail.example.com", From: "weir@example.com", To: []string{"ops@example.com"}}
	if _, err := email.New(good, channel.Deps{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, key, code string
		change          func(c *email.Config)
	}{
		{"no host", "host", "notify-channel", func(c *email.Config) { c.Host = "" }},
		{"port in the host", "host", "notify-channel", func(c *email.Config) { c.Host = "mail.example.com:25" }},
		{"address as host", "host", "notify-channel", func(c *email.Config) { c.Host = "smtp://mail.example.com" }},
		{"no sender", "from", "notify-channel", func(c *email.Config) { c.From = "" }},
		{"a header in the sender", "from", "notify-channel", func(c *email.Config) { c.From = "weir@example.com\r\nBcc: x@example.com" }},
		{"no recipient", "to", "notify-channel", func(c *email.Config) { c.To = nil }},
		{"a recipient that is none", "to.1", "notify-channel", func(c *email.Config) { c.To = []string{"a@example.com", "ops"} }},
		{"answers to nobody", "reply_to", "notify-channel", func(c *email.Config) { c.ReplyTo = "x" }},
		{"no such encryption", "tls", "notify-channel", func(c *email.Config) { c.TLS = "ssl" }},
		{"no such port", "port", "notify-channel", func(c *email.Config) { c.Port = 70000 }},
		{"user without password", "password", "notify-channel", func(c *email.Config) { c.User = "u" }},
		{"password that is not there", "password", "notify-secret", func(c *email.Config) { c.User, c.Password = "u", "env:NOT_THERE_AT_ALL" }},
		{"no such mechanism", "auth", "notify-channel", func(c *email.Config) { c.User, c.Password, c.Auth = "u", "p", "ntlm" }},
		{"no such CA", "ca", "certificate-bad", func(c *email.Config) { c.CA = "/nowhere.pem" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := good
			tc.change(&c)
			_, err := email.New(c, channel.Deps{})
			if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key || e.Code != tc.code || e.Do == "" {
				t.Errorf("got %#v", err)
			}
		})
	}
}
