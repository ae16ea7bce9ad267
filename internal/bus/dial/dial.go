// Package dial is how weir reaches a real Kafka: encryption, who it is there, and in plain words what is wrong where it
// does not get through.
package dial

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"weir/internal/config"
	"weir/internal/fault"
)

// Options returns what every client of a real Kafka is made with. Files are read here, at each call: a certificate that
// was renewed counts for the next client.
func Options(cfg config.Bus) ([]kgo.Opt, error) {
	opts := []kgo.Opt{kgo.SeedBrokers(cfg.Brokers...)}
	if cfg.TLS.Enabled {
		t, err := encryption(cfg.TLS)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(t))
	}
	user, password := cfg.SASL.User, string(cfg.SASL.Password)
	switch cfg.SASL.Mechanism {
	case "plain":
		opts = append(opts, kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism()))
	case "scram-sha-256":
		opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism()))
	case "scram-sha-512":
		opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism()))
	}
	return opts, nil
}

// encryption makes the TLS configuration. The name that a certificate must have is that of the address that is dialled,
// which the client fills in, unless one is given.
func encryption(cfg config.BusTLS) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: cfg.ServerName}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, badFile("bus.tls.ca", cfg.CA, "it cannot be read: "+fault.Innermost(err), err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, badFile("bus.tls.ca", cfg.CA, "there is no PEM certificate in it", nil)
		}
	}
	if cfg.Cert != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Cert, cfg.Key)
		if err != nil {
			return nil, badFile("bus.tls.cert", cfg.Cert, "certificate and key cannot be used together: "+fault.Innermost(err), err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

func badFile(key, path, why string, cause error) error {
	return &fault.Error{Code: "certificate-bad", What: fmt.Sprintf("%s cannot be used for Kafka", path), Where: key, Why: why,
		Do: "name a PEM file that this user may read", Exit: fault.ExitUsage, Cause: cause}
}
