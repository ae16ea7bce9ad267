package bus_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/fault"
	"weir/internal/testkit/realkafka"
)

// realConfig is a bus on the plain listener of k.
func realConfig(k *realkafka.Cluster, change func(*config.Bus)) config.Bus {
	cfg := config.Default().Bus
	cfg.Brokers, cfg.Partitions, cfg.Embedded.MinFree = k.Brokers, 2, 0
	cfg.Spool.After = unit.Duration(500 * time.Millisecond)
	if change != nil {
		change(&cfg)
	}
	return cfg
}

// onTLS uses the TLS listener with the CA that the script made.
func onTLS(k *realkafka.Cluster, listener string) func(*config.Bus) {
	return func(c *config.Bus) {
		c.Brokers = []string{k.Listener(listener)}
		c.TLS = config.BusTLS{Enabled: true, CA: filepath.Join(k.Dir, "tls", "ca.pem")}
	}
}

func as(mechanism, password string) config.BusSASL {
	return config.BusSASL{Mechanism: mechanism, User: "weir", Password: unit.Secret(password)}
}

// TestReal_WhoWeirIsAndHowItSpeaks tries every way in, right and wrong, against one real Kafka.
func TestReal_WhoWeirIsAndHowItSpeaks(t *testing.T) {
	k := realkafka.Start(t, 1, "--secure")
	sasl := []string{k.Listener("sasl")}
	for _, tc := range []struct {
		name   string
		change func(*config.Bus)
		code   string // "": it works
		words  string // in what or why
	}{
		{"plain text", func(*config.Bus) {}, "", ""},
		{"TLS", onTLS(k, "tls"), "", ""},
		{"TLS with a client certificate", func(c *config.Bus) {
			onTLS(k, "mutual")(c)
			c.TLS.Cert, c.TLS.Key = filepath.Join(k.Dir, "tls", "client.pem"), filepath.Join(k.Dir, "tls", "client.key")
		}, "", ""},
		{"user by plain", func(c *config.Bus) { c.Brokers, c.SASL = sasl, as("plain", "weir-secret") }, "", ""},
		{"user by scram-sha-256", func(c *config.Bus) { c.Brokers, c.SASL = sasl, as("scram-sha-256", "weir-secret") }, "", ""},
		{"user by scram-sha-512 over TLS", func(c *config.Bus) { onTLS(k, "sasltls")(c); c.SASL = as("scram-sha-512", "weir-secret") }, "", ""},

		{"wrong password by plain", func(c *config.Bus) { c.Brokers, c.SASL = sasl, as("plain", "x") }, "kafka-credentials", "password of user weir by plain"},
		{"wrong password by scram", func(c *config.Bus) { c.Brokers, c.SASL = sasl, as("scram-sha-512", "x") }, "kafka-credentials", "by scram-sha-512"},
		{"no user where one is wanted", func(c *config.Bus) { c.Brokers = sasl }, "kafka-credentials", "wants a user"},
		{"a user where none is wanted", func(c *config.Bus) { c.SASL = as("plain", "weir-secret") }, "kafka-credentials", "asks for no user"},
		{"TLS to a port without", func(c *config.Bus) { c.TLS.Enabled = true }, "kafka-tls", "does not speak TLS"},
		{"a port with TLS without it", func(c *config.Bus) { c.Brokers = []string{k.Listener("tls")} }, "kafka-tls", "without TLS"},
		{"unknown CA", func(c *config.Bus) { onTLS(k, "tls")(c); c.TLS.CA = "" }, "kafka-certificate", "CA that weir does not know"},
		{"another name", func(c *config.Bus) { onTLS(k, "tls")(c); c.TLS.ServerName = "kafka.example" }, "kafka-certificate", "another name than kafka.example"},
		{"no client certificate", onTLS(k, "mutual"), "kafka-certificate", "certificate"},
		{"a CA file that is none", func(c *config.Bus) { onTLS(k, "tls")(c); c.TLS.CA = filepath.Join(k.Dir, "tls", "ca.key") }, "certificate-bad", "no PEM certificate"},
		{"nobody there", func(c *config.Bus) { c.Brokers = []string{"127.0.0.1:1"} }, "kafka-unreachable", "connection refused"},
		{"more copies than brokers", func(c *config.Bus) { c.Prefix, c.Replication = "a.", 3 }, "kafka-replication", "3 copies of each topic are wanted, and Kafka has 1 broker"},
		{"more in step than copies", func(c *config.Bus) { c.Prefix, c.MinInSync = "b.", 2 }, "kafka-replication", "2 copies must have each record"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const silent = "kafka-unreachable"
			var b *bus.Bus
			var err error
			for try := range 5 { // weir waits five seconds for an answer, and a machine that tests may stand still for as long
				if try > 0 && (tc.code == silent || fault.Code(err) != silent) {
					break
				}
				b, err = bus.Open(t.Context(), realConfig(k, tc.change), filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
			}
			if err == nil {
				defer b.Close()
			}
			if fault.Code(err) != tc.code {
				t.Fatalf("%q: %v", fault.Code(err), err)
			}
			if tc.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			one := term(err)
			if !strings.Contains(one, tc.words) || fault.Exit(err) == fault.ExitOK || strings.Contains(one, "weir-secret") {
				t.Errorf("%s", one)
			}
			t.Log(one)
		})
	}
}

// term is a fault as a user reads it.
func term(err error) string {
	f := asFault(err)
	return f.What + " | " + f.Where + " | " + f.Why + " | " + f.Do
}

// certify writes a CA and a server certificate for 127.0.0.1, valid in the given span, where the script looks for them.
func certify(t *testing.T, dir string, from, to time.Time) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	write := func(name, kind string, der []byte) {
		if err := os.WriteFile(filepath.Join(dir, "tls", name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "tls"), 0o700); err != nil {
		t.Fatal(err)
	}
	caKey, serverKey := key(), key()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "old CA"}, NotBefore: from, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	server := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kafka"}, NotBefore: from, NotAfter: to, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, server, ca, &serverKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	write("ca.pem", "CERTIFICATE", caDER)
	write("server.pem", "CERTIFICATE", der)
	write("server.key", "PRIVATE KEY", keyDER)
}

func TestReal_AnExpiredCertificateIsNamedWithItsDates(t *testing.T) {
	dir := t.TempDir()
	certify(t, dir, time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour))
	k := realkafka.StartIn(t, dir, 1, "--secure")
	_, err := bus.Open(t.Context(), realConfig(k, onTLS(k, "tls")), filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if f := asFault(err); f == nil || f.Code != "kafka-certificate" || !strings.Contains(f.Why, "it is valid from") || !strings.Contains(f.Do, "renew") {
		t.Fatalf("%v", err)
	}
	t.Log(term(err))
}

// TestReal_ABrokerThatOnlyStandsStillIsUnreachable: the connection is there, no answer comes.
func TestReal_ABrokerThatOnlyStandsStillIsUnreachable(t *testing.T) {
	k := realkafka.Start(t, 1)
	k.Do("pause")
	defer k.Do("resume")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	_, err := bus.Open(ctx, realConfig(k, nil), filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if f := asFault(err); f == nil || f.Code != "kafka-unreachable" || !strings.Contains(f.Why, "no answer within 5s") {
		t.Fatalf("%v", err)
	}
}

// allSent waits until Kafka has everything. After a restart that takes a while: its topics must have leaders again.
func (s *sending) allSent(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); s.door.Waiting() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d records never reached Kafka", s.door.Waiting())
		}
	}
}

// emitting sends batches until stop is called, which returns when all were taken over.
func emitting(t *testing.T, s *sending) (stop func()) {
	t.Helper()
	end, done := make(chan struct{}), make(chan struct{})
	go func() { // ends by stop
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			if err := s.send(t, context.Background(), 50); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(end); <-done }
}

// TestReal_TheBrokerIsKilledUnderLoad: every record is there once, after what a reader drops as a copy.
func TestReal_TheBrokerIsKilledUnderLoad(t *testing.T) {
	k := realkafka.Start(t, 1)
	dir := filepath.Join(t.TempDir(), "bus")
	b, err := bus.Open(t.Context(), realConfig(k, nil), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := newSending(t, b, t.TempDir())
	stop := emitting(t, s)
	for range 2 {
		time.Sleep(time.Second)
		k.Do("kill")
		time.Sleep(2 * time.Second)
		eventually(t, "something waits, since Kafka is away", func() bool { return s.door.Waiting() > 0 })
		k.Do("start")
		time.Sleep(2 * time.Second)
	}
	stop()
	s.allSent(t)
	s.close(t)
	copies := wantNumbers(t, b, s.next)
	t.Logf("%d records, each once; %d copies dropped", s.next, copies)
}

// TestReal_StoppedWhileKafkaIsAway: stopping takes its time and no longer, nothing is lost, and the next start sends it.
func TestReal_StoppedWhileKafkaIsAway(t *testing.T) {
	k := realkafka.Start(t, 1)
	dir := t.TempDir()
	open := func() *bus.Bus {
		b, err := bus.Open(t.Context(), realConfig(k, nil), filepath.Join(dir, "bus"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := open()
	s := newSending(t, b, dir)
	s.mustSend(t, 1000)
	k.Do("kill")
	s.mustSend(t, 1000)
	s.close(t) // within ten seconds, or it is an error
	if err := b.Reachable(t.Context()); fault.Code(err) != "kafka-unreachable" {
		t.Errorf("Kafka is away: %v", err)
	}
	b.Close()
	k.Do("start")
	b = open()
	defer b.Close()
	if err := b.Reachable(t.Context()); err != nil {
		t.Error(err)
	}
	again := newSending(t, b, dir)
	again.next = 2000
	again.mustSend(t, 1000)
	again.allSent(t)
	again.close(t)
	wantNumbers(t, b, 3000)
}
