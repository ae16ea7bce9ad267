package dial_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"weir/internal/bus/dial"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/fault"
)

// on is a bus on the broker, with changes.
func on(c *kfake.Cluster, change func(*config.Bus)) config.Bus {
	cfg := config.Default().Bus
	if c != nil {
		cfg.Brokers = c.ListenAddrs()
	}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

// ping connects as weir does.
func ping(t *testing.T, cfg config.Bus) error {
	t.Helper()
	opts, err := dial.Options(cfg)
	if err != nil {
		return err
	}
	c, err := kgo.NewClient(append(opts, kgo.RequestRetries(0))...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return c.Ping(ctx)
}

func TestOptions_EveryMechanism(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(),
		kfake.User("PLAIN", "weir", "p"), kfake.User("SCRAM-SHA-256", "weir", "p"), kfake.User("SCRAM-SHA-512", "weir", "p"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		user := func(password string) config.Bus {
			return on(c, func(b *config.Bus) {
				b.SASL = config.BusSASL{Mechanism: mechanism, User: "weir", Password: unit.Secret(password)}
			})
		}
		if err := ping(t, user("p")); err != nil {
			t.Errorf("%s: %v", mechanism, err)
		}
		// Kafka itself says why, this broker only hangs up.
		if err := ping(t, user("wrong")); err == nil || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s, wrong password: %v", mechanism, err)
		}
	}
}

func TestOptions_FilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		tls  config.BusTLS
		key  string
		why  string
	}{
		{"no CA file", config.BusTLS{CA: filepath.Join(dir, "none")}, "bus.tls.ca", "no such file"},
		{"CA file without a certificate", config.BusTLS{CA: text}, "bus.tls.ca", "no PEM certificate"},
		{"certificate that is none", config.BusTLS{Cert: text, Key: text}, "bus.tls.cert", "cannot be used together"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.tls.Enabled = true
			_, err := dial.Options(on(nil, func(b *config.Bus) { b.TLS = tc.tls }))
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "certificate-bad" || f.Where != tc.key || !strings.Contains(f.Why, tc.why) || f.Exit != fault.ExitUsage {
				t.Errorf("%+v", err)
			}
			tc.tls.Enabled = false
			if _, err := dial.Options(on(nil, func(b *config.Bus) { b.TLS = tc.tls })); err != nil {
				t.Errorf("switched off, and its files are read: %v", err)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	plain := func(*config.Bus) {}
	encrypted := func(b *config.Bus) { b.TLS.Enabled = true }
	user := func(b *config.Bus) {
		b.SASL = config.BusSASL{Mechanism: "plain", User: "weir", Password: "geheim"}
		b.Brokers = []string{"k:1"}
	}
	for _, tc := range []struct {
		name   string
		err    error
		change func(*config.Bus)
		code   string // "": not explained
		words  string
	}{
		{"expired", x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: time.Unix(0, 0), NotAfter: time.Unix(86400, 0)}}, encrypted, "kafka-certificate", "valid from 1970-01-01 00:00 UTC to 1970-01-02 00:00 UTC"},
		{"unknown CA", x509.UnknownAuthorityError{}, encrypted, "kafka-certificate", "CA that weir does not know"},
		{"another name", x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a"}}, Host: "b"}, encrypted, "kafka-certificate", "another name than b"},
		{"client certificate missing", errors.New("remote error: tls: certificate required"), encrypted, "kafka-certificate", "certificate required"},
		{"no TLS there", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, encrypted, "kafka-tls", "does not speak TLS"},
		{"an answer that is TLS", errors.New("invalid large response size 352518912 > limit 104857600"), plain, "kafka-tls", "without TLS"},
		{"mechanism unknown there", kerr.UnsupportedSaslMechanism, user, "kafka-credentials", "by plain"},
		{"may not write", kerr.TopicAuthorizationFailed, user, "kafka-not-permitted", "kafka-acls.sh --bootstrap-server k:1 --add --allow-principal User:weir --topic 'weir.'"},
		{"may not join", kerr.GroupAuthorizationFailed, plain, "kafka-not-permitted", "User:ANONYMOUS --group 'weir.'"},
		{"may not ask", kerr.ClusterAuthorizationFailed, user, "kafka-not-permitted", "IdempotentWrite"},
		{"clock", kerr.InvalidTimestamp, plain, "kafka-clock", "timedatectl"},
		{"too large", kerr.MessageTooLarge, plain, "kafka-too-large", "max.message.bytes"},
		{"refused", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, user, "", ""},
		{"no answer", context.DeadlineExceeded, user, "", ""},
		{"retriable", kerr.NotLeaderForPartition, user, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := dial.Explain(fmt.Errorf("doing something: %w", tc.err), on(nil, tc.change), "where")
			if tc.code == "" {
				if f != nil {
					t.Fatalf("explained as %+v", f)
				}
				return
			}
			if f == nil {
				t.Fatal("not explained")
			}
			all := f.What + f.Why + f.Do
			if f.Code != tc.code || !strings.Contains(all, tc.words) || f.Do == "" || f.Where != "where" || !errors.Is(f, tc.err) || f.Exit != fault.ExitMissing {
				t.Errorf("%+v", f)
			}
			if strings.Contains(all, "geheim") {
				t.Error("the password is in it")
			}
		})
	}
}

func TestReason(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused"},
		{fmt.Errorf("unable to dial: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}), "no route to host"},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "no answer within 5s"},
		{context.DeadlineExceeded, "no answer within 5s"},
		{fmt.Errorf("reading: %w", io.EOF), "it closed the connection"},
		{errors.New("something else"), "something else"},
	} {
		if got := dial.Reason(tc.err, 5*time.Second); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.err, got, tc.want)
		}
	}
}

func TestCheckVersion(t *testing.T) {
	for _, tc := range []struct {
		name    string
		version *kversion.Versions
		ok      bool
	}{
		{"newest", nil, true},
		{"4.0", kversion.V4_0_0(), true},
		{"3.3", kversion.V3_3_0(), true},
		{"2.8", kversion.V2_8_0(), false},
		{"1.0", kversion.V1_0_0(), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			opts := []kfake.Opt{kfake.NumBrokers(1)}
			if tc.version != nil {
				opts = append(opts, kfake.MaxVersions(tc.version))
			}
			c, err := kfake.NewCluster(opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.RequestRetries(0))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			err = dial.CheckVersion(t.Context(), client, "k:1")
			if tc.ok {
				if err != nil {
					t.Error(err)
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "kafka-version" || !strings.Contains(f.Do, "4.0") || f.Where != "k:1" {
				t.Fatalf("%v", err)
			}
			t.Log(f.What, "|", f.Why)
		})
	}
}
