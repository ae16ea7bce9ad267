package asa

import "testing"

func TestMessages_Vpn(t *testing.T) {
	testMessages(t, []messageCase{
		{
			`%ASA-6-716001: Group <g> User <alice> IP <192.0.2.1> WebVPN session started.`,
			[]string{
				"event.action=client-vpn-connected", "source.user.group.name=g",
			},
		},
		{
			`%ASA-6-716002: Group <g> User <alice> IP <192.0.2.1> WebVPN session terminated: User Requested.`,
			[]string{
				"event.reason=User Requested.", "event.action=client-vpn-disconnected",
			},
		},
		{
			`%ASA-6-716003: Group <g> User <bob> IP <192.0.2.1> WebVPN access "GRANTED: http://h.example/x"`,
			[]string{
				"url.domain=h.example", "user.name=bob",
			},
		},
		{
			`%ASA-6-716004: Group <g> User <bob> IP <192.0.2.1> WebVPN access "DENIED: http://h.example/x"`,
			[]string{
				"event.action=url-access",
			},
		},
		{
			`%ASA-6-716038: Group <g> User <bob> IP <192.0.2.1> Authentication: successful, Session Type: WebVPN.`,
			[]string{
				"event.outcome=success", "cisco.asa.session_type=WebVPN",
			},
		},
		{
			`%ASA-6-716039: Authentication: rejected, group = g user = alice, Session Type: WebVPN`,
			[]string{
				"event.outcome=failure", "cisco.asa.session_type=WebVPN",
			},
		},
		{
			`%ASA-6-716058: Group <g> User <bob> IP <192.0.2.1> AnyConnect session lost connection. Waiting to resume.`,
			[]string{
				"source.ip=192.0.2.1", "event.reason=AnyConnect session lost connection. Waiting to resume.",
			},
		},
		{
			`%ASA-4-717009: Certificate validation failed. Reason: certificate expired`,
			[]string{
				"event.reason=certificate expired", "event.outcome=failure",
			},
		},
		{
			`%ASA-6-717022: Certificate was successfully validated. serial number: 1F, subject name: cn=h,o=x.`,
			[]string{
				"tls.client.x509.serial_number=1F", "tls.client.x509.subject.distinguished_name=cn=h,o=x",
			},
		},
		{
			`%ASA-6-717028: Certificate chain was successfully validated with warning, revocation status was not checked.`,
			[]string{
				"event.outcome=success",
			},
		},
		{
			`%ASA-7-717029: Identified client certificate within certificate chain. serial number: 1F, subject name: cn=h.`,
			[]string{
				"tls.client.x509.serial_number=1F",
			},
		},
		{
			`%ASA-4-717037: Tunnel group search using certificate maps failed for peer certificate: serial number: 1F, subject name: cn=h, issuer_name: cn=ca.`,
			[]string{
				"tls.client.x509.issuer.distinguished_name=cn=ca",
			},
		},
		{
			`%ASA-6-721016: (WebVPN-Primary) WebVPN session for client user bob, IP 192.0.2.1 has been created.`,
			[]string{
				"user.name=bob", "source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-5-722037: Group <g> User <bob> IP <192.0.2.1> SVC closing connection: User Requested.`,
			[]string{
				"event.reason=SVC closing connection: User Requested.",
			},
		},
		{
			`%ASA-4-722041: TunnelGroup <tg> GroupPolicy <gp> User <bob> IP <192.0.2.1> No IPv6 address available for SVC connection`,
			[]string{
				"cisco.asa.group_policy=gp", "user.name=bob",
			},
		},
		{
			`%ASA-5-722051: Group <g> User <alice> IP <192.0.2.1> IPv4 Address <198.51.100.2> IPv6 address <::> assigned to session`,
			[]string{
				"cisco.asa.assigned_ip=198.51.100.2",
			},
		},
		{
			`%ASA-6-725001: Starting SSL handshake with client outside:192.0.2.1/5 to 198.51.100.2/443 for TLS session`,
			[]string{
				"source.ip=192.0.2.1", "destination.ip=198.51.100.2",
			},
		},
		{
			`%ASA-6-725002: Device completed SSL handshake with client outside:192.0.2.1/5 to 198.51.100.2/443 for TLSv1.2 session`,
			[]string{
				"tls.version_protocol=TLSv1.2", "source.port=5", "destination.port=443",
			},
		},
		{
			`%ASA-6-725003: SSL client outside:192.0.2.1/5 to 198.51.100.2/443 request to resume previous session`,
			[]string{
				"source.port=5", "destination.port=443",
			},
		},
		{
			`%ASA-6-725006: Device failed SSL handshake with client outside:192.0.2.1/5 to 198.51.100.2/443`,
			[]string{
				"event.outcome=failure", "destination.port=443",
			},
		},
		{
			`%ASA-6-725007: SSL session with client outside:192.0.2.1/5 to 198.51.100.2/443 terminated.`,
			[]string{
				"source.ip=192.0.2.1", "event.action=ssl-session-terminated",
			},
		},
		{
			`%ASA-7-725012: Device chooses cipher ECDHE-RSA-AES256-GCM-SHA384 for the SSL session with client outside:192.0.2.1/5 to 198.51.100.2/443`,
			[]string{
				"tls.cipher=ECDHE-RSA-AES256-GCM-SHA384",
			},
		},
		{
			`%ASA-6-725016: Device selects trust-point ASDM for client outside:192.0.2.1/5 to 198.51.100.2/443`,
			[]string{
				"source.ip=192.0.2.1",
			},
		},
		{
			`%ASA-6-734001: DAP: User a@b.example, Addr 192.0.2.1, Connection AnyConnect: The following DAP records were selected for this connection: x, y`,
			[]string{
				`cisco.asa.dap_records=["x","y"]`, "user.email=a@b.example",
			},
		},
		{
			`%ASA-6-734002: DAP: User bob, Addr 192.0.2.1: Connection terminated by the following DAP records: no-access`,
			[]string{
				"event.outcome=failure", "user.name=bob",
			},
		},
		{
			`%ASA-6-737026: IPAA: Session=0x1, Client assigned 198.51.100.2 from local pool p`,
			[]string{
				"cisco.asa.assigned_ip=198.51.100.2",
			},
		},
	})
}
