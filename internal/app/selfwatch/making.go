package selfwatch

import (
	"context"
	"log/slog"
	"time"

	"weir/internal/app/answer"
	"weir/internal/archive"
	"weir/internal/canary"
	"weir/internal/control"
	"weir/sinks/alerts"
	"weir/sinks/notify"
)

// Canaries makes the canaries of a process that keeps alerts. The archive and the notifier may be nil: then it is not said
// when a canary was stored, and whom its alert would have gone to.
func Canaries(host string, store *alerts.Store, kept *archive.Archive, notifier *notify.Notifier, ports func() []canary.Port, log *slog.Logger) *canary.Canaries {
	o := canary.Options{Log: log, Now: time.Now, Host: host, Alerts: Answers(store), Ports: ports}
	if kept != nil {
		o.Follow = func(ctx context.Context, kql string, each func([]byte) error) error {
			_, err := answer.Tail(ctx, kept, control.TailRequest{Query: kql}, each)
			return err
		}
	}
	if notifier != nil {
		o.Route = Route(notifier)
	}
	return canary.New(o)
}
