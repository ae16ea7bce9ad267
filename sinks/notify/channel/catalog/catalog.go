// Package catalog lists the kinds of channels, by the word that names them in notify.yaml.
package catalog

import (
	"fmt"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/alertmanager"
	"weir/sinks/notify/channel/chat"
	"weir/sinks/notify/channel/email"
	"weir/sinks/notify/channel/sms"
	"weir/sinks/notify/channel/snmptrap"
	"weir/sinks/notify/channel/syslog"
	"weir/sinks/notify/channel/ticket"
	"weir/sinks/notify/channel/webhook"
)

// Kind is a kind of channel.
type Kind struct {
	Name string // as `type:` has it
	Doc  string
	// Config returns a pointer to an empty configuration. Every key that stays as it is has its
	// default.
	Config func() any
	// New makes a channel from such a configuration. A mistake in it is a *channel.ConfigError. It asks
	// no server.
	New func(config any, d channel.Deps) (channel.Channel, error)
}

// kinds is the one table. There is no registration: what stands here exists.
var kinds = []Kind{
	kind("email", "e-mail by SMTP, in plain text and HTML", email.New),
	kind("webhook", "JSON over HTTP, signed", webhook.New),
	kind("alertmanager", "Prometheus Alertmanager", alertmanager.New),
	kind("chat", "Slack, Teams, Discord, Telegram, Mattermost and what else shoutrrr knows", chat.New),
	kind("sms", "text messages through a provider's HTTP gateway", sms.New),
	kind("ticket", "tickets in another system: made, commented, closed", ticket.New),
	kind("syslog", "syslog over UDP, TCP or TLS, also CEF and LEEF", syslog.New),
	kind("snmptrap", "SNMP traps and informs, v2c and v3", snmptrap.New),
}

// kind ties a type of configuration to what takes it.
func kind[C any](name, doc string, make func(C, channel.Deps) (channel.Channel, error)) Kind {
	return Kind{
		Name: name, Doc: doc,
		Config: func() any { return new(C) },
		New: func(config any, d channel.Deps) (channel.Channel, error) {
			c, ok := config.(*C)
			if !ok {
				return nil, fmt.Errorf("making a channel of type %s: its configuration is a %T", name, config)
			}
			return make(*c, d)
		},
	}
}

// Kinds returns all kinds, in the order of the documentation. The slice is the caller's.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// Find returns the kind of a name.
func Find(name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
