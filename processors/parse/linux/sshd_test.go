package linux

import (
	"testing"

	"weir/event"
)

func TestSshd(t *testing.T) {
	check(t, "sshd", Sshd, []row{
		{
			name: "accepted",
			msg:  "Accepted password for fztu from 119.137.62.142 port 49116 ssh2",
			want: `{"event":{"action":"ssh_login","category":["authentication","session"],"outcome":"success","type":["info"]},
			"source":{"address":"119.137.62.142","ip":"119.137.62.142","port":49116},
			"system":{"auth":{"ssh":{"event":"Accepted","method":"password"}}},"user":{"name":"fztu"}}`,
		},
		{
			name: "accepted with a key",
			msg:  "Accepted publickey for kim from 2001:db8::1 port 4 ssh2: RSA SHA256:abc",
			want: `{"event":{"action":"ssh_login","category":["authentication","session"],"outcome":"success","type":["info"]},
			"source":{"address":"2001:db8::1","ip":"2001:db8::1","port":4},
			"system":{"auth":{"ssh":{"event":"Accepted","method":"publickey","signature":"RSA SHA256:abc"}}},"user":{"name":"kim"}}`,
		},
		{
			name: "failed",
			msg:  "Failed password for root from 5.36.59.76 port 42393 ssh2",
			want: `{"event":{"action":"ssh_login","category":["authentication"],"outcome":"failure","type":["info"]},
			"source":{"address":"5.36.59.76","ip":"5.36.59.76","port":42393},
			"system":{"auth":{"ssh":{"event":"Failed","method":"password"}}},"user":{"name":"root"}}`,
		},
		{
			name: "failed from a name",
			msg:  "Failed password for root from attacker.example.com port 42393 ssh2",
			want: `{"event":{"action":"ssh_login","category":["authentication"],"outcome":"failure","type":["info"]},
			"source":{"address":"attacker.example.com","domain":"attacker.example.com","port":42393},
			"system":{"auth":{"ssh":{"event":"Failed","method":"password"}}},"user":{"name":"root"}}`,
		},
		{
			name: "invalid user",
			msg:  "Invalid user webmaster from 173.234.31.186",
			want: `{"event":{"action":"ssh_login","category":["authentication"],"outcome":"failure","type":["info"]},
			"source":{"address":"173.234.31.186","ip":"173.234.31.186"},
			"system":{"auth":{"ssh":{"event":"Invalid"}}},"user":{"name":"webmaster"}}`,
		},
		{
			name: "no identification",
			msg:  "Did not receive identification string from 103.207.39.212 port 5",
			want: `{"event":{"action":"ssh_dropped","category":["network"],"outcome":"failure","type":["connection","denied"]},
			"source":{"address":"103.207.39.212","ip":"103.207.39.212","port":5},
			"system":{"auth":{"ssh":{"dropped_ip":"103.207.39.212"}}}}`,
		},
	})
}

// TestSshd_Short has action, outcome, user, effective user, address and port of every other message.
func TestSshd_Short(t *testing.T) {
	for _, c := range []struct{ msg, want string }{
		{"Failed none for invalid user 0 from 5.188.10.180 port 49811 ssh2", "ssh_login failure 0 - 5.188.10.180 49811"},
		{"Failed password for 김민수 from 5.188.10.180 port 1 ssh2", "ssh_login failure 김민수 - 5.188.10.180 1"},
		{"Failed password for invalid user a b c from 5.188.10.180 port 1 ssh2", "ssh_login failure a b c - 5.188.10.180 1"},
		{"Failed password for invalid user  from 5.188.10.180 port 1 ssh2", "ssh_login failure - - 5.188.10.180 1"},
		{"Failed publickey for kim from 1.1.1.1 port 1 ssh2: RSA SHA256:x", "ssh_login failure kim - 1.1.1.1 1"},
		{"Invalid user  from 1.1.1.1 port 2", "ssh_login failure - - 1.1.1.1 2"},
		{"Invalid user x from 1.1.1.1 port 2", "ssh_login failure x - 1.1.1.1 2"},
		{"input_userauth_request: invalid user webmaster [preauth]", "- - webmaster - - -"},
		{"Connection closed by 194.190.163.22 [preauth]", "ssh_disconnect - - - 194.190.163.22 -"},
		{"Connection closed by authenticating user root 1.1.1.1 port 5 [preauth]", "ssh_disconnect - root - 1.1.1.1 5"},
		{"Connection closed by invalid user a b 1.1.1.1 port 5 [preauth]", "ssh_disconnect - a b - 1.1.1.1 5"},
		{"Disconnected from user kim 1.1.1.1 port 5", "ssh_disconnect - kim - 1.1.1.1 5"},
		{"Disconnected from 1.1.1.1 port 5", "ssh_disconnect - - - 1.1.1.1 5"},
		{"Disconnecting: Too many authentication failures for root [preauth]", "- - - - - -"},
		{"Disconnecting invalid user a b 1.1.1.1 port 5: Too many authentication failures [preauth]", "ssh_max_attempts failure a b - 1.1.1.1 5"},
		{"error: maximum authentication attempts exceeded for root from 1.1.1.1 port 5 ssh2 [preauth]", "ssh_max_attempts failure root - 1.1.1.1 5"},
		{"error: Received disconnect from 103.99.0.122: 14: No more user authentication methods available. [preauth]", "ssh_disconnect - - - 103.99.0.122 -"},
		{"Received disconnect from 1.1.1.1 port 5:11: Bye Bye [preauth]", "ssh_disconnect - - - 1.1.1.1 5"},
		{"error: PAM: Authentication failure for illegal user x from 1.1.1.1", "ssh_login failure x - 1.1.1.1 -"},
		{"User backup from 1.1.1.1 not allowed because not listed in AllowUsers", "ssh_login failure backup - 1.1.1.1 -"},
		{"ROOT LOGIN REFUSED FROM 1.1.1.1 port 5", "ssh_login failure root - 1.1.1.1 5"},
		{"Postponed publickey for kim from 1.1.1.1 port 5 ssh2 [preauth]", "ssh_postponed - kim - 1.1.1.1 5"},
		{"Starting session: shell on pts/0 for kim from 1.1.1.1 port 5 id 0", "ssh_session_start - kim - 1.1.1.1 5"},
		{"Close session: user kim from 1.1.1.1 port 5 id 0", "ssh_session_end - kim - 1.1.1.1 5"},
		{"Connection from 1.1.1.1 port 5 on 2.2.2.2 port 22", "ssh_connect - - - 1.1.1.1 5"},
		{"fatal: Timeout before authentication for 1.1.1.1 port 5", "ssh_disconnect - - - 1.1.1.1 5"},
		{"Bad protocol version identification 'GET / HTTP/1.1' from 1.1.1.1 port 5", "ssh_dropped failure - - 1.1.1.1 5"},
		{"Unable to negotiate with 1.1.1.1 port 5: no matching key exchange method found.", "ssh_dropped failure - - 1.1.1.1 5"},
		{"drop connection #10 from [1.1.1.1]:5 on [2.2.2.2]:22 past MaxStartups", "ssh_dropped failure - - 1.1.1.1 5"},
		{"reverse mapping checking getaddrinfo for ns.example.com [173.234.31.186] failed - POSSIBLE BREAK-IN ATTEMPT!", "ssh_warning - - - 173.234.31.186 -"},
		{"Address 1.1.1.1 maps to x.example.com, but this does not map back to the address", "ssh_warning - - - 1.1.1.1 -"},
		{"pam_unix(sshd:session): session closed for user kim", "logged-off - kim - - -"},
		{"PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.1.1.1  user=root", "authentication failure root - 1.1.1.1 -"},
		{"Server listening on 0.0.0.0 port 22.", "- - - - - -"},
	} {
		if got := short(Sshd, "sshd", c.msg); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.msg, got, c.want)
		}
	}
}

// TestSshd_Hostile: no text that a client chooses puts another address into source.ip. The true one is 1.1.1.1, or
// none where two readings are possible.
func TestSshd_Hostile(t *testing.T) {
	names := []string{
		"root from 6.6.6.6 port 22 ssh2", "root from 6.6.6.6 port 22", "from 6.6.6.6", "x from 6.6.6.6 port 22 ssh2: RSA SHA256:abc",
		"x 6.6.6.6 port 7", "a 6.6.6.6 port 7: Too many authentication failures", "a 6.6.6.6 port 7: Change of username or service not allowed: (a,b) -> (c,d)",
		"x from 6.6.6.6 port 22 ssh2 [preauth]", "a  user=root rhost=6.6.6.6", "a rhost=6.6.6.6", "invalid user x from 6.6.6.6 port 1 ssh2",
		"a not allowed because of 6.6.6.6", "for root from 6.6.6.6 port 1 ssh2", "[6.6.6.6]", "' from 6.6.6.6 port 1",
		"x from 6.6.6.6 port 22 ssh2: RSA-CERT SHA256:f ID k (serial 1) CA RSA SHA256:g",
	}
	for _, line := range []func(user string) string{
		func(u string) string { return "Failed password for invalid user " + u + " from 1.1.1.1 port 5 ssh2" },
		func(u string) string {
			return "Failed publickey for invalid user " + u + " from 1.1.1.1 port 5 ssh2: RSA SHA256:real"
		},
		func(u string) string {
			return "Failed publickey for invalid user x from 1.1.1.1 port 5 ssh2: RSA-CERT SHA256:r ID " + u + " (serial 1) CA RSA SHA256:q"
		},
		func(u string) string {
			return "Accepted publickey for kim from 1.1.1.1 port 5 ssh2: RSA-CERT SHA256:r ID " + u + " (serial 1) CA RSA SHA256:q"
		},
		func(u string) string { return "Invalid user " + u + " from 1.1.1.1 port 5" },
		func(u string) string { return "Invalid user " + u + " from 1.1.1.1" },
		func(u string) string { return "Connection closed by invalid user " + u + " 1.1.1.1 port 5 [preauth]" },
		func(u string) string { return "Disconnected from invalid user " + u + " 1.1.1.1 port 5 [preauth]" },
		func(u string) string {
			return "Disconnecting invalid user " + u + " 1.1.1.1 port 5: Too many authentication failures [preauth]"
		},
		func(u string) string {
			return "Disconnecting invalid user x 1.1.1.1 port 5: Change of username or service not allowed: (x,ssh-connection) -> (" + u + ",ssh-connection) [preauth]"
		},
		func(u string) string {
			return "Disconnecting invalid user " + u + " 1.1.1.1 port 5: Change of username or service not allowed: (x,ssh-connection) -> (y,ssh-connection) [preauth]"
		},
		func(u string) string {
			return "error: maximum authentication attempts exceeded for invalid user " + u + " from 1.1.1.1 port 5 ssh2 [preauth]"
		},
		func(u string) string { return "Received disconnect from 1.1.1.1 port 5:11: " + u + " [preauth]" },
		func(u string) string { return "Bad protocol version identification '" + u + "' from 1.1.1.1 port 5" },
		func(u string) string { return "banner exchange: Connection from 1.1.1.1 port 5: " + u },
		func(u string) string {
			return "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.1.1.1  user=" + u
		},
		func(u string) string {
			return "error: PAM: Authentication failure for illegal user " + u + " from 1.1.1.1"
		},
		func(u string) string { return "input_userauth_request: invalid user " + u + " [preauth]" },
	} {
		for _, name := range names {
			var e event.Event
			read(&e, "sshd", line(name), Sshd)
			if ip := e.Str(event.SourceIP); ip != "1.1.1.1" && ip != "" {
				t.Errorf("%q: source.ip is %s", line(name), ip)
			}
			if ip := e.Str(event.SourceIP); ip == "" && !e.Has(event.WeirParseErrors) && line("x") != "input_userauth_request: invalid user x [preauth]" {
				t.Errorf("%q: no address, and nothing says why", line(name))
			}
		}
	}
}

func FuzzSshd(f *testing.F) {
	fuzz(f, "sshd", Sshd, "Failed password for invalid user a from 1.1.1.1 port 5 ssh2", "Accepted publickey for kim from 1.1.1.1 port 4 ssh2: RSA SHA256:abc",
		"Disconnecting invalid user x 1.1.1.1 port 5: Change of username or service not allowed: (x,y) -> (z,y) [preauth]", "Connection closed by 1.1.1.1 [preauth]",
		"drop connection #10 from [1.1.1.1]:5 on [2.2.2.2]:22 past MaxStartups", "User a from b not allowed because c", "Starting session: shell on pts/0 for kim from 1.1.1.1 port 5 id 0")
}
