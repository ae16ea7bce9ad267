package demo

import (
	"fmt"
	"time"
)

// Moments of the attack. The first guess is within the first three seconds and the right one after six, so that the
// first alert comes within ten.
const (
	scanAt    = 300 * time.Millisecond
	guessAt   = 2400 * time.Millisecond
	loginAt   = 6200 * time.Millisecond
	persistAt = 9 * time.Second
	secondAt  = 14 * time.Second // guessing of other accounts goes on
	beaconAt  = 21 * time.Second
)

// attack is the one attack of the minute: a scan of web-1, guessing of passwords over SSH until root's is found, an
// account and a cron entry to come back, and a connection out.
func attack(b *builder) {
	scan(b)
	port := guess(b)
	login(b, port)
	persist(b)
	guessMore(b)
	beacon(b)
}

// scan knocks on ports that the firewall keeps closed: enough of them to be told from noise.
func scan(b *builder) {
	at := scanAt
	for i := range 120 {
		port := 20 + 61*i // many that mean something to somebody, and no order that would be one
		if port == 22 || port == 443 {
			continue // those are open
		}
		b.add(at, fw1, 4, "106023", 0, fmt.Sprintf(`Deny tcp src outside:%s/%d dst dmz:%s/%d by access-group "outside_in" [0x0, 0x0]`,
			Attacker, b.some(49152, 65535), web1.public, port))
		at += b.moment(8, 18)
	}
}

// guess tries passwords of root and of one other name and returns the port from which the last try will come.
func guess(b *builder) int {
	port := 40101
	for at := guessAt; at < loginAt-200*time.Millisecond; at += b.moment(120, 260) {
		user := "root"
		if port%5 == 0 {
			user = "김민수"
		}
		failure(b, at, user, user != "root", port)
		port++
	}
	return port
}

// failure is one wrong password, as the firewall and sshd tell it. sshd names an account that does not exist in words of its
// own, and PAM says nothing of it.
func failure(b *builder, at time.Duration, user string, unknown bool, port int) {
	pid := b.pid(at)
	connection(b, at-60*time.Millisecond, port, 1100*time.Millisecond, 2846)
	if unknown {
		b.add(at-20*time.Millisecond, web1, 6, "sshd", pid, fmt.Sprintf("Invalid user %s from %s port %d", user, Attacker, port))
		b.add(at, web1, 6, "sshd", pid, fmt.Sprintf("Failed password for invalid user %s from %s port %d ssh2", user, Attacker, port))
		return
	}
	b.add(at-20*time.Millisecond, web1, 5, "sshd", pid, fmt.Sprintf(
		"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%s  user=%s", Attacker, user))
	b.add(at, web1, 6, "sshd", pid, fmt.Sprintf("Failed password for %s from %s port %d ssh2", user, Attacker, port))
}

// connection is the attacker's connection to sshd as the firewall sees it.
func connection(b *builder, at time.Duration, port int, lasts time.Duration, bytes int) {
	id := connectionID(b, at)
	b.add(at, fw1, 6, "302013", 0, fmt.Sprintf("Built inbound TCP connection %d for outside:%s/%d (%s/%d) to dmz:%s/22 (%s/22)",
		id, Attacker, port, Attacker, port, web1.address, web1.public))
	b.add(at+lasts, fw1, 6, "302014", 0, fmt.Sprintf("Teardown TCP connection %d for outside:%s/%d to dmz:%s/22 duration %s bytes %d TCP FINs",
		id, Attacker, port, web1.address, clock(lasts), bytes))
}

// login is the guess that works.
func login(b *builder, port int) {
	pid := b.pid(loginAt)
	connection(b, loginAt-60*time.Millisecond, port, 48*time.Second, 91_207)
	b.add(loginAt, web1, 6, "sshd", pid, fmt.Sprintf("Accepted password for root from %s port %d ssh2", Attacker, port))
	b.add(loginAt+15*time.Millisecond, web1, 6, "sshd", pid, "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)")
	b.add(loginAt+30*time.Millisecond, web1, 6, "systemd-logind", 612, "New session 4711 of user root.")
}

// persist makes a way to come back: an account that may use sudo, and a cron entry.
func persist(b *builder) {
	at, pid := persistAt, b.pid(persistAt)
	sudo := func(after time.Duration, command string) {
		b.add(at+after, web1, 5, "sudo", 0, "    root : TTY=pts/1 ; PWD=/root ; USER=root ; COMMAND="+command)
		b.add(at+after+4*time.Millisecond, web1, 6, "sudo", 0, "pam_unix(sudo:session): session opened for user root(uid=0) by root(uid=0)")
		b.add(at+after+90*time.Millisecond, web1, 6, "sudo", 0, "pam_unix(sudo:session): session closed for user root")
	}
	sudo(0, "/usr/sbin/useradd -m -s /bin/bash svc-backup")
	b.add(at+30*time.Millisecond, web1, 6, "useradd", pid, "new group: name=svc-backup, GID=1007")
	b.add(at+40*time.Millisecond, web1, 6, "useradd", pid,
		"new user: name=svc-backup, UID=1007, GID=1007, home=/home/svc-backup, shell=/bin/bash, from=/dev/pts/1")
	sudo(1200*time.Millisecond, "/usr/sbin/usermod -aG sudo svc-backup")
	b.add(at+1230*time.Millisecond, web1, 6, "usermod", pid+3, "add 'svc-backup' to group 'sudo'")
	b.add(at+1240*time.Millisecond, web1, 6, "usermod", pid+3, "add 'svc-backup' to shadow group 'sudo'")
	sudo(2900*time.Millisecond, "/usr/bin/crontab /tmp/.cache/c")
	b.add(at+2930*time.Millisecond, web1, 6, "crontab", pid+9, "(root) REPLACE (root)")
	b.add(at+3400*time.Millisecond, web1, 6, "CRON", 803, "(root) RELOAD (crontabs/root)")
}

// guessMore is the attacker's tool, which was not told that it may stop.
func guessMore(b *builder) {
	users := []string{"root", "김민수", "admin", "root", "oracle", "root", "postgres", "root"}
	port := 41200
	for at := secondAt; at < Length-time.Second; at += b.moment(350, 560) {
		user := users[port%len(users)]
		failure(b, at, user, user != "root", port)
		port++
	}
}

// beacon is what the cron entry does: a connection out, which the firewall lets pass.
func beacon(b *builder) {
	const remote = "203.0.113.77"
	id, port := connectionID(b, beaconAt), 50122
	b.add(beaconAt-80*time.Millisecond, web1, 6, "CRON", b.pid(beaconAt), "(root) CMD (/tmp/.cache/update --quiet)")
	b.add(beaconAt-5*time.Millisecond, fw1, 6, "305011", 0, fmt.Sprintf("Built dynamic TCP translation from dmz:%s/%d to outside:%s/%d",
		web1.address, port, fw1.public, port))
	b.add(beaconAt, fw1, 6, "302013", 0, fmt.Sprintf("Built outbound TCP connection %d for outside:%s/4444 (%s/4444) to dmz:%s/%d (%s/%d)",
		id, remote, remote, web1.address, port, fw1.public, port))
	lasts := 33 * time.Second
	b.add(beaconAt+lasts, fw1, 6, "302014", 0, fmt.Sprintf("Teardown TCP connection %d for outside:%s/4444 to dmz:%s/%d duration %s bytes 48211733 TCP FINs",
		id, remote, web1.address, port, clock(lasts)))
}

// configChange is no attack: the administrator opens a port, which is worth a note all the same.
func configChange(b *builder) {
	at := 33 * time.Second
	b.add(at, fw1, 5, "111008", 0, "User 'admin' executed the 'configure terminal' command.")
	command := "access-list outside_in extended permit tcp any host " + web2.public + " eq 8443"
	b.add(at+2*time.Second, fw1, 5, "111008", 0, "User 'admin' executed the '"+command+"' command.")
	b.add(at+2*time.Second+time.Millisecond, fw1, 5, "111010", 0, "User 'admin', running 'CLI' from IP 10.1.0.5, executed '"+command+"'")
	b.add(at+5*time.Second, fw1, 5, "111008", 0, "User 'admin' executed the 'write memory' command.")
}
