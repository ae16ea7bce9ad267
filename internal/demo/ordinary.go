package demo

import (
	"fmt"
	"strings"
	"time"
)

// ordinary adds one episode of everyday work at a random moment. The firewall speaks most, as firewalls do.
func ordinary(b *builder) {
	at := time.Duration(b.rand.Int64N(int64(Length)))
	switch n := b.rand.IntN(1000); {
	case n < 300:
		webVisit(b, at)
	case n < 430:
		dnsLookup(b, at)
	case n < 520:
		outbound(b, at)
	case n < 560:
		stray(b, at)
	case n < 750:
		appRequest(b, at)
	case n < 860:
		query(b, at)
	case n < 930:
		mail(b, at)
	case n < 965:
		cron(b, at)
	case n < 980:
		unit(b, at)
	default:
		session(b, at)
	}
}

// connectionID returns an ASA connection number that grows with time.
func connectionID(b *builder, at time.Duration) int {
	return 4_182_000 + 4*int(at/time.Millisecond) + b.some(0, 3)
}

// clock writes a duration as an ASA does: 0:01:05.
func clock(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// visitor returns an address of somebody outside who means no harm.
func (b *builder) visitor() string {
	if b.rand.IntN(2) == 0 {
		return fmt.Sprintf("198.51.100.%d", b.some(20, 250))
	}
	return fmt.Sprintf("192.0.2.%d", b.some(60, 250))
}

// What ordinary traffic is made of. Errors are among it, because a quiet minute would make any alert look clever.
var (
	paths  = []string{"/", "/login", "/api/v1/orders", "/api/v1/items?page=2", "/static/app.css", "/static/app.js", "/favicon.ico", "/search?q=chair", "/health"}
	agents = []string{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "curl/8.14.1", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"}
	codes  = []int{200, 200, 200, 200, 200, 200, 304, 302, 404, 500}
	people = []string{"minsu", "jiyoung", "ana", "deploy"}
)

// webVisit is a visit of a page: the firewall's two records and the web server's own.
func webVisit(b *builder, at time.Duration) {
	h := pick(b, []host{web1, web2})
	from, port, id := b.visitor(), b.some(32768, 60999), connectionID(b, at)
	bytes, lasts := b.some(400, 90_000), b.moment(40, 3000)
	b.add(at, fw1, 6, "302013", 0, fmt.Sprintf("Built inbound TCP connection %d for outside:%s/%d (%s/%d) to dmz:%s/443 (%s/443)",
		id, from, port, from, port, h.address, h.public))
	stamp := b.start.Add(time.Duration(float64(at) / b.speed)).Format("02/Jan/2006:15:04:05 -0700")
	b.add(at+12*time.Millisecond, h, 6, "nginx", 911, fmt.Sprintf(`%s - - [%s] "GET %s HTTP/1.1" %d %d "-" "%s"`,
		from, stamp, pick(b, paths), pick(b, codes), bytes, pick(b, agents)))
	b.add(at+lasts, fw1, 6, "302014", 0, fmt.Sprintf("Teardown TCP connection %d for outside:%s/%d to dmz:%s/443 duration %s bytes %d %s",
		id, from, port, h.address, clock(lasts), bytes, pick(b, []string{"TCP FINs", "TCP FINs", "TCP Reset-O", "SYN Timeout"})))
}

// dnsLookup is a question to the provider's name server.
func dnsLookup(b *builder, at time.Duration) {
	h, port, id := pick(b, []host{web1, web2, db1, mail1, app1}), b.some(32768, 60999), connectionID(b, at)
	lasts := b.moment(3, 90)
	b.add(at, fw1, 6, "302015", 0, fmt.Sprintf("Built outbound UDP connection %d for outside:198.51.100.53/53 (198.51.100.53/53) to inside:%s/%d (%s/%d)",
		id, h.address, port, fw1.public, port))
	b.add(at+lasts, fw1, 6, "302016", 0, fmt.Sprintf("Teardown UDP connection %d for outside:198.51.100.53/53 to inside:%s/%d duration %s bytes %d",
		id, h.address, port, clock(lasts), b.some(90, 480)))
}

// outbound is a workstation that reads something on the web, through address translation.
func outbound(b *builder, at time.Duration) {
	inside, port, id := fmt.Sprintf("10.1.1.%d", b.some(20, 90)), b.some(32768, 60999), connectionID(b, at)
	to, lasts := b.visitor(), b.moment(80, 9000)
	b.add(at, fw1, 6, "305011", 0, fmt.Sprintf("Built dynamic TCP translation from inside:%s/%d to outside:%s/%d", inside, port, fw1.public, port))
	b.add(at+time.Millisecond, fw1, 6, "302013", 0, fmt.Sprintf("Built outbound TCP connection %d for outside:%s/443 (%s/443) to inside:%s/%d (%s/%d)",
		id, to, to, inside, port, fw1.public, port))
	b.add(at+lasts, fw1, 6, "302014", 0, fmt.Sprintf("Teardown TCP connection %d for outside:%s/443 to inside:%s/%d duration %s bytes %d TCP FINs",
		id, to, inside, port, clock(lasts), b.some(900, 400_000)))
}

// stray is one packet of the noise that every public address receives.
func stray(b *builder, at time.Duration) {
	b.add(at, fw1, 4, "106023", 0, fmt.Sprintf(`Deny %s src outside:%s/%d dst dmz:%s/%d by access-group "outside_in" [0x0, 0x0]`,
		pick(b, []string{"tcp", "tcp", "udp"}), b.visitor(), b.some(1024, 65535), pick(b, []host{web1, web2, mail1}).public,
		pick(b, []int{23, 445, 1900, 5060, 8080})))
}

// appRequest is one record of an application that logs JSON.
func appRequest(b *builder, at time.Duration) {
	level, message, severity := "info", "order stored", 6
	switch b.rand.IntN(40) {
	case 0:
		level, message, severity = "warn", "payment provider is slow", 4
	case 1, 2:
		level, message, severity = "info", "customer 김민수 changed the delivery address", 6
	}
	b.add(at, app1, severity, "orders", 1440, fmt.Sprintf(
		`{"level":"%s","msg":"%s","service":"orders","request_id":"%08x","client_ip":"%s","status":%d,"duration_ms":%d}`,
		level, message, b.rand.Uint32(), b.visitor(), pick(b, codes), b.some(2, 240)))
}

// query is what the database says of its work.
func query(b *builder, at time.Duration) {
	pid := b.some(3000, 3040)
	switch b.rand.IntN(6) {
	case 0:
		b.add(at, db1, 6, "postgres", pid, fmt.Sprintf("LOG:  duration: %d.%03d ms  statement: SELECT * FROM orders WHERE id = %d",
			b.some(250, 900), b.some(0, 999), b.some(10_000, 99_999)))
	case 1:
		b.add(at, db1, 6, "postgres", pid, "LOG:  checkpoint starting: time")
	default:
		b.add(at, db1, 6, "postgres", pid, fmt.Sprintf("LOG:  connection authorized: user=orders database=shop host=%s application_name=orders", app1.address))
	}
}

// mail is a message that comes in and goes on to a mailbox.
func mail(b *builder, at time.Duration) {
	id, pid, from := fmt.Sprintf("%010X", b.rand.Uint64N(1<<40)), b.pid(at), b.visitor()
	b.add(at, mail1, 6, "postfix/smtpd", pid, fmt.Sprintf("connect from mx.example.net[%s]", from))
	b.add(at+30*time.Millisecond, mail1, 6, "postfix/qmgr", 877, fmt.Sprintf("%s: from=<news@example.net>, size=%d, nrcpt=1 (queue active)", id, b.some(1200, 64_000)))
	b.add(at+400*time.Millisecond, mail1, 6, "postfix/smtp", pid+2, fmt.Sprintf(
		"%s: to=<%s@example.com>, relay=127.0.0.1[127.0.0.1]:10025, delay=0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)", id, pick(b, people)))
	b.add(at+450*time.Millisecond, mail1, 6, "postfix/smtpd", pid, fmt.Sprintf("disconnect from mx.example.net[%s]", from))
}

// cron is a job that runs by the clock.
func cron(b *builder, at time.Duration) {
	h, pid := pick(b, []host{web1, web2, db1, mail1, app1}), b.pid(at)
	b.add(at, h, 6, "CRON", pid, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")
	b.add(at+3*time.Millisecond, h, 6, "CRON", pid, pick(b, []string{
		"(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)", "(root) CMD (/usr/lib/sysstat/sa1 1 1)", "(www-data) CMD (/srv/shop/bin/expire-carts)"}))
	b.add(at+b.moment(20, 400), h, 6, "CRON", pid, "pam_unix(cron:session): session closed for user root")
}

// unit is a service that starts or ends.
func unit(b *builder, at time.Duration) {
	h := pick(b, []host{web1, web2, db1, mail1, app1})
	name := pick(b, []string{"logrotate.service - Rotate log files", "man-db.service - Daily man-db regeneration", "fstrim.service - Discard unused blocks"})
	short, _, _ := strings.Cut(name, " ")
	b.add(at, h, 6, "systemd", 1, "Starting "+name+"...")
	b.add(at+b.moment(50, 900), h, 6, "systemd", 1, short+": Deactivated successfully.")
	b.add(at+b.moment(900, 1000), h, 6, "systemd", 1, "Finished "+name+".")
}

// session is somebody of the house who logs in with a key, looks at something as root, and leaves.
func session(b *builder, at time.Duration) {
	h, user, pid := pick(b, []host{web1, web2, db1, mail1, app1}), pick(b, people), b.pid(at)
	from, port, lasts := fmt.Sprintf("10.1.1.%d", b.some(20, 90)), b.some(32768, 60999), b.moment(1500, 20_000)
	b.add(at, h, 6, "sshd", pid, fmt.Sprintf("Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%s", user, from, port, fingerprint(b)))
	b.add(at+10*time.Millisecond, h, 6, "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)", user))
	b.add(at+25*time.Millisecond, h, 6, "systemd-logind", 612, fmt.Sprintf("New session %d of user %s.", b.some(100, 999), user))
	b.add(at+lasts/2, h, 5, "sudo", 0, fmt.Sprintf("  %s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=/usr/bin/systemctl status nginx", user, user))
	b.add(at+lasts, h, 6, "sshd", pid, fmt.Sprintf("pam_unix(sshd:session): session closed for user %s", user))
}

// fingerprint returns 43 letters as ssh writes a key's SHA-256.
func fingerprint(b *builder) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	out := make([]byte, 43)
	for i := range out {
		out[i] = letters[b.rand.IntN(len(letters))]
	}
	return string(out)
}
