package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/fault"
)

// Explain turns what a client said into one sentence and what to do about it, where the reason is one that the user can
// change: credentials, certificates, rights, a clock. nil: it is none of those; the broker is just not there.
func Explain(err error, cfg config.Bus, where string) *fault.Error {
	f := credentials(err, cfg)
	for _, next := range []func(error, config.Bus) *fault.Error{rights, certificate, plaintext, records} {
		if f == nil {
			f = next(err, cfg)
		}
	}
	if f == nil {
		return nil
	}
	f.Where, f.Exit, f.Cause = where, fault.ExitMissing, err
	return f
}

// credentials knows the answers to a wrong user, password or mechanism.
func credentials(err error, cfg config.Bus) *fault.Error {
	s := cfg.SASL
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return &fault.Error{Code: "kafka-credentials", What: fmt.Sprintf("Kafka does not accept the password of user %s by %s", s.User, s.Mechanism),
			Why: "the user does not exist, the password is another, or the user was made for another mechanism",
			Do:  "correct bus.sasl.user, bus.sasl.password and bus.sasl.mechanism"}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return &fault.Error{Code: "kafka-credentials", What: "Kafka does not know users by " + s.Mechanism + " on this port",
			Why: fault.Innermost(err), Do: "set bus.sasl.mechanism to one that the brokers have in sasl.enabled.mechanisms"}
	case errors.Is(err, kerr.IllegalSaslState) && s.Mechanism != "none":
		return &fault.Error{Code: "kafka-credentials", What: "Kafka asks for no user on this port", Why: "bus.sasl.mechanism is " + s.Mechanism,
			Do: "set bus.sasl.mechanism to none, or name the port of the SASL listener in bus.brokers"}
	}
	// A broker that wants a user says so by hanging up on the first question.
	if eof, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok && strings.Contains(eof.Error(), "SASL is required") && (s.Mechanism == "none" || s.Mechanism == "") {
		return &fault.Error{Code: "kafka-credentials", What: "Kafka hangs up on the first question: it most likely wants a user",
			Why: "bus.sasl.mechanism is none", Do: "set bus.sasl.mechanism, bus.sasl.user and bus.sasl.password"}
	}
	return nil
}

// rights knows the answers to a user who may not.
func rights(err error, cfg config.Bus) *fault.Error {
	for _, r := range []struct {
		is        error
		what, how string
	}{
		{kerr.TopicAuthorizationFailed, "read, write, create and describe weir's topics", "--topic '" + cfg.Prefix + "' --resource-pattern-type prefixed --operation All"},
		{kerr.GroupAuthorizationFailed, "use weir's consumer groups", "--group '" + cfg.Prefix + "' --resource-pattern-type prefixed --operation All"},
		{kerr.ClusterAuthorizationFailed, "ask about the cluster", "--cluster --operation Describe --operation IdempotentWrite"},
	} {
		if refused, ok := errors.AsType[*kerr.Error](err); ok && errors.Is(err, r.is) {
			user := cfg.SASL.User
			if user == "" {
				user = "ANONYMOUS"
			}
			return &fault.Error{Code: "kafka-not-permitted", What: "this user may not " + r.what, Why: "Kafka answers: " + refused.Message,
				Do: fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s %s", strings.Join(cfg.Brokers, ","), user, r.how)}
		}
	}
	return nil
}

// certificate knows what can be wrong with either side's certificate.
func certificate(err error, cfg config.Bus) *fault.Error {
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok && bad.Reason == x509.Expired {
		f := &fault.Error{Code: "kafka-certificate", What: "the broker's certificate is not valid now", Do: "renew the broker's certificate, or correct the clock of this machine"}
		if bad.Cert != nil {
			f.Why = fmt.Sprintf("it is valid from %s to %s, and this machine's clock says %s", day(bad.Cert.NotBefore), day(bad.Cert.NotAfter), day(time.Now()))
		}
		return f
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return &fault.Error{Code: "kafka-certificate", What: "the broker's certificate is for another name than " + name.Host, Why: strings.TrimPrefix(name.Error(), "x509: "),
			Do: "write bus.brokers with a name of the certificate, or set bus.tls.server_name to one"}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return &fault.Error{Code: "kafka-certificate", What: "the broker's certificate is signed by a CA that weir does not know", Why: caWords(cfg.TLS),
			Do: "set bus.tls.ca to the CA's PEM file"}
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return &fault.Error{Code: "kafka-certificate", What: "the broker refuses weir's certificate", Why: strings.TrimPrefix(alert.Error(), "tls: "),
			Do: "set bus.tls.cert and bus.tls.key to a pair that the brokers' ssl.truststore accepts"}
	}
	if strings.Contains(err.Error(), "remote error: tls: ") { // an alert of the other side comes without a type
		return &fault.Error{Code: "kafka-certificate", What: "the broker refuses weir's certificate, or misses one", Why: after(err.Error(), "remote error: tls: "),
			Do: "set bus.tls.cert and bus.tls.key to a pair that the brokers' ssl.truststore accepts"}
	}
	return nil
}

func caWords(t config.BusTLS) string {
	if t.CA == "" {
		return "bus.tls.ca is empty: only the CAs of this system are known"
	}
	return "the certificate is not signed by " + t.CA
}

// plaintext knows when one side speaks TLS and the other does not.
func plaintext(err error, cfg config.Bus) *fault.Error {
	const code = "kafka-tls"
	if cfg.TLS.Enabled {
		_, header := errors.AsType[tls.RecordHeaderError](err)
		eof, first := errors.AsType[*kgo.ErrFirstReadEOF](err)
		if header || first && strings.Contains(eof.Error(), "using TLS when the broker is not") {
			return &fault.Error{Code: code, What: "this port of Kafka does not speak TLS", Why: "bus.tls.enabled is true",
				Do: "name the port of the TLS listener in bus.brokers, or set bus.tls.enabled to false"}
		}
		return nil
	}
	if eof, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok && strings.Contains(eof.Error(), "requires TLS") || strings.Contains(err.Error(), "invalid large response size") {
		return &fault.Error{Code: code, What: "something answers that does not speak Kafka without TLS", Why: "bus.tls.enabled is false, and the port most likely speaks TLS",
			Do: "set bus.tls.enabled to true, or name the port of the listener without TLS in bus.brokers"}
	}
	return nil
}

// records knows why Kafka refuses a record for good.
func records(err error, _ config.Bus) *fault.Error {
	switch {
	case errors.Is(err, kerr.InvalidTimestamp):
		return &fault.Error{Code: "kafka-clock", What: "Kafka refuses records whose time is too far from its own clock",
			Why: "this machine's clock says " + time.Now().UTC().Format(time.RFC3339) + "; Kafka takes what is at most an hour ahead (message.timestamp.after.max.ms)",
			Do:  "correct the clock of this machine, or that of the brokers: timedatectl"}
	case errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge):
		return &fault.Error{Code: "kafka-too-large", What: "Kafka refuses a record as too large", Why: "the topic's max.message.bytes is smaller than what bus.max_record needs",
			Do: "weir topics list shows what each topic takes; raise max.message.bytes of the topic, or lower bus.max_record"}
	}
	return nil
}

// Reason is why a broker does not answer, in few words.
func Reason(err error, within time.Duration) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Timeout() {
			return "no answer within " + unit.Duration(within).String()
		}
		err = op.Err
		if in := errors.Unwrap(err); in != nil { // "connect: connection refused"
			err = in
		}
		return err.Error()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within " + unit.Duration(within).String()
	case errors.Is(err, io.EOF):
		return "it closed the connection"
	}
	return err.Error()
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}
