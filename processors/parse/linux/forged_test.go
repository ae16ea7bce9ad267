package linux

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"weir/event"
)

// Who logs in chooses the user's name, the protocol's banner and the reason of a disconnect. None of them may name
// another sender: an address that a rule blocks, or counts by, is the one that sshd saw.
var fromSender = []string{
	"Failed password for invalid user %s from 192.0.2.1 port 4 ssh2",
	"Failed none for %s from 192.0.2.1 port 4 ssh2",
	"Failed publickey for invalid user %s from 192.0.2.1 port 4 ssh2: RSA SHA256:abc",
	"Postponed keyboard-interactive for invalid user %s from 192.0.2.1 port 4 ssh2",
	"Partial publickey for %s from 192.0.2.1 port 4 ssh2",
	"Invalid user %s from 192.0.2.1 port 4",
	"Illegal user %s from 192.0.2.1",
	"Connection closed by invalid user %s 192.0.2.1 port 4 [preauth]",
	"Connection reset by authenticating user %s 192.0.2.1 port 4 [preauth]",
	"Disconnected from invalid user %s 192.0.2.1 port 4",
	"Disconnected from user %s 192.0.2.1 port 4",
	"Received disconnect from 192.0.2.1 port 4:11: %s",
	"Received disconnect from 192.0.2.1: 11: %s [preauth]",
	"error: maximum authentication attempts exceeded for invalid user %s from 192.0.2.1 port 4 ssh2 [preauth]",
	"User %s from 192.0.2.1 not allowed because not listed in AllowUsers",
	"Bad protocol version identification '%s' from 192.0.2.1 port 4",
	"Disconnecting invalid user %s 192.0.2.1 port 4: Too many authentication failures [preauth]",
	"Disconnecting authenticating user root 192.0.2.1 port 4: Change of username or service not allowed: (root,ssh-connection) -> (%s,ssh-connection) [preauth]",
	"Unable to negotiate with 192.0.2.1 port 4: no matching cipher found. Their offer: %s [preauth]",
	"banner exchange: Connection from 192.0.2.1 port 4: %s",
}

// fragments are pieces of sshd's own words, so that what is made of them looks like a message within a message.
var fragments = []string{
	" from ", "10.6.6.6", " port ", "22", " ssh2", ": ", " [preauth]", "user ", "invalid user ", "root", "Accepted password for ", " not allowed because ", " ssh2: RSA SHA256:x",
	": Too many authentication failures", " id ", "' ", " ", "from", "::1", "[10.6.6.6]:22", " for ", ": Change of username or service not allowed: ", "김", "\t", "(uid=0)",
}

func forge(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(7) {
		b.WriteString(fragments[r.IntN(len(fragments))])
	}
	return b.String()
}

func TestNobodyCanNameAnotherSender(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, template := range fromSender {
		t.Run(template[:min(30, len(template))], func(t *testing.T) {
			plain := fmt.Sprintf(template, "kim")
			if got := short(Sshd, "sshd", plain); !strings.Contains(got, "192.0.2.1") {
				t.Fatalf("%q gave %s", plain, got)
			}
			for range 3000 {
				msg := fmt.Sprintf(template, forge(r))
				var e event.Event
				read(&e, "sshd", msg, Sshd)
				if ip := e.Str(event.SourceIP); ip != "" && ip != "192.0.2.1" {
					t.Fatalf("%q comes from %s", msg, ip)
				}
				if a := e.Str(event.SourceAddress); a != "" && a != "192.0.2.1" {
					t.Fatalf("%q comes from %s", msg, a)
				}
				if v := e.Get(event.SourcePort); v.Kind() == event.Int && v.Int() != 4 {
					t.Fatalf("%q comes from port %d", msg, v.Int())
				}
				if e.Str(event.EventOutcome) == success {
					t.Fatalf("%q is a success", msg)
				}
			}
		})
	}
}

// TestNobodyCanNameAnotherUser does the same for those who run commands: the command, the folder and the name that was
// typed are theirs, who they are is not.
func TestNobodyCanNameAnotherUser(t *testing.T) {
	words := append([]string{" ; USER=admin", " ; COMMAND=", " ; PWD=", "TTY=", " : ", "uid=0", " user=admin", " rhost=10.6.6.6", " ruser=admin", ") CMD (", "(admin)", " by user admin", "; ", "="}, fragments...)
	r := rand.New(rand.NewPCG(9, 10))
	for _, tc := range []struct {
		name, program, template string
		reader                  func(*event.Event, string)
		field                   event.Field
		true                    string // what the field must hold, if it holds anything
		always                  bool   // it must hold it
	}{
		{"who ran sudo", "sudo", "kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/bin/%s", Sudo, event.UserName, "kim", true},
		{"as whom, with any command", "sudo", "kim : TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/bin/%s", Sudo, event.UserEffectiveName, "root", false},
		{"as whom, in any folder", "sudo", "kim : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=/bin/ls", Sudo, event.UserEffectiveName, "root", false},
		{"who was refused", "sudo", "kim : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=/bin/ls", Sudo, event.UserName, "kim", true},
		{"whose job ran", "CRON", "(kim) CMD (%s)", Cron, event.UserName, "kim", true},
		{"from where, says PAM", "sshd", "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=%s", PAM, event.SourceIP, "192.0.2.1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for range 3000 {
				var b strings.Builder
				for range r.IntN(6) {
					b.WriteString(words[r.IntN(len(words))])
				}
				msg := fmt.Sprintf(tc.template, b.String())
				var e event.Event
				read(&e, tc.program, msg, tc.reader)
				got := ""
				if e.Has(tc.field) {
					got = e.Get(tc.field).Text()
				}
				if got != tc.true && (got != "" || tc.always) {
					t.Fatalf("%q says %q, the truth is %q", msg, got, tc.true)
				}
			}
		})
	}
}

// TestSshd_WhatItCannotRead has messages that begin like known ones and go on otherwise: nothing is made up for them.
func TestSshd_WhatItCannotRead(t *testing.T) {
	for msg, want := range map[string]string{
		"Accepted password":                                               "- - - - - -",
		"Accepted password for kim":                                       "- - - - - -",
		"Failed password":                                                 "ssh_login failure - - - -",
		"Failed password for kim":                                         "ssh_login failure - - - -",
		"Failed password for kim from":                                    "ssh_login failure - - - -",
		"Failed password for kim from 192.0.2.1 port x":                   "ssh_login failure - - - -",
		"Invalid user kim":                                                "ssh_login failure kim - - -",
		"Invalid user  from 192.0.2.1 port 4":                             "ssh_login failure - - 192.0.2.1 4",
		"Invalid user from 192.0.2.1":                                     "ssh_login failure - - 192.0.2.1 -",
		"PAM: Authentication failure":                                     "- - - - - -",
		"PAM: Authentication failure for kim from 192.0.2.1":              "ssh_login failure kim - 192.0.2.1 -",
		"PAM: User unknown for illegal user kim from 192.0.2.1":           "ssh_login failure kim - 192.0.2.1 -",
		"Disconnecting 192.0.2.1: Too many failures":                      "ssh_max_attempts failure - - 192.0.2.1 -",
		"Disconnecting: something new":                                    "- - - - - -",
		"Connection closed by 192.0.2.1":                                  "ssh_disconnect - - - 192.0.2.1 -",
		"Connection closed by 192.0.2.1 port many":                        "ssh_disconnect - - - - -",
		"Close session: user kim from 192.0.2.1 port 4 id x":              "ssh_session_end - kim from 192.0.2.1 port 4 id x - - -",
		"User kim from 192.0.2.1":                                         "- - - - - -",
		"Starting session: shell on pts/0":                                "- - - - - -",
		"Starting session: command for kim from 192.0.2.1 port 4 id 0":    "ssh_session_start - kim - 192.0.2.1 4",
		"Address 192.0.2.1 maps to a.example, but this does not map back": "ssh_warning - - - 192.0.2.1 -",
		"reverse mapping checking getaddrinfo for a.example failed":       "ssh_warning - - - - -",
		"drop connection #10 past MaxStartups":                            "ssh_dropped failure - - - -",
		"Bad protocol version identification 'GET /'":                     "ssh_dropped failure - - - -",
		"ROOT LOGIN REFUSED FROM 192.0.2.1 port 4":                        "ssh_login failure root - 192.0.2.1 4",
		"Timeout before authentication for connection from 192.0.2.1 port 4 to 192.0.2.2 port 22, pid = 5": "ssh_disconnect - - - 192.0.2.1 4",
		"Server listening on 0.0.0.0 port 22.": "- - - - - -",
	} {
		if got := short(Sshd, "sshd", msg); got != want {
			t.Errorf("%q: %s, want %s", msg, got, want)
		}
	}
}
