package channeltest

import (
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
)

// Seoul is the zone of the message.
var Seoul = time.FixedZone("KST", 9*3600)

// Escape begins a sequence that a terminal acts on. It is no literal, since only one package of the
// program has such.
var Escape = string(rune(0x1b))

// Message is a message about two alerts, with what attackers write into logs. It is made anew with each
// call.
func Message() *channel.Message {
	at := time.Date(2026, 11, 21, 16, 50, 3, 120_000_000, Seoul)
	first := channel.Alert{State: alert.Open, Alert: alert.Alert{
		ID: "3f9c12ab77e04d51a1b2c3d4e5f60718", Revision: 2, Rule: "ssh-brute-force", Version: 3, Title: "Many failed SSH logins, then one that works",
		Level: "high", Tags: []string{"attack.credential_access", "attack.t1110.001"}, Author: "ana",
		Group: map[string]string{"source.ip": "203.0.113.5", "user.name": "root"},
		What:  "203.0.113.5 guessed root's password on web-1", WhatKo: "203.0.113.5에서 web-1의 root 비밀번호를 알아냈습니다",
		First: at, Last: at.Add(55 * time.Second), Created: at.Add(6 * time.Second), Count: 17, Within: 10 * time.Minute,
		Evidence: []alert.Evidence{
			{EventID: "e1", Time: at, When: "failed", Values: map[string]string{"message": "Failed password for root from 203.0.113.5 port 40117 ssh2"}},
			{EventID: "e2", Time: at.Add(6 * time.Second), When: "login", Values: map[string]string{"user.name": "<script>alert(1)</script>" + Escape + "[31m\r\nBcc: all@example.com", "host.name": "web-1"}},
		},
		Labels: map[string]string{"team": "soc"},
	}}
	second := channel.Alert{State: alert.Acknowledged, Assignee: "김민수", Alert: alert.Alert{
		ID: "b07e00000000000000000000000000aa", Revision: 1, Rule: "asa-config-change", Version: 1, Title: "Configuration changed", Level: "medium",
		Group: map[string]string{"host.name": "fw-1"}, What: "admin changed the configuration of fw-1", First: at.Add(-time.Minute), Last: at.Add(-time.Minute), Created: at, Count: 1,
	}}
	return &channel.Message{
		ID: "m-0001", Kind: channel.Firing, Group: "team=soc", Labels: map[string]string{"team": "soc"}, Alerts: []channel.Alert{first, second}, More: 3,
		Lang: "en", URL: "https://weir.example.com/alerts/3f9c", Time: at.Add(time.Minute),
	}
}
