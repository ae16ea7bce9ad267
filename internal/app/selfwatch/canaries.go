package selfwatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/internal/alert"
	"weir/internal/canary"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/sinks/alerts"
)

// Ports are the listeners to which a canary can go. It has no certificate to show.
func Ports(cfg *config.Config, listening []control.Port) (out []canary.Port) {
	for _, p := range listening {
		if p.Input == "syslog" && (p.Proto != canary.TLS || cfg.Inputs.Syslog.TLS.ClientCA == "") {
			out = append(out, canary.Port{Via: p.Proto, Address: p.Address})
		}
	}
	return out
}

// mostAlerts bounds how many alerts of canaries are looked at.
const mostAlerts = 1000

// Answers are the alerts that answered canaries since a time.
func Answers(store *alerts.Store) func(ctx context.Context, since time.Time) ([]alert.Alert, error) {
	return func(ctx context.Context, since time.Time) ([]alert.Alert, error) {
		rows, err := store.List(ctx, alerts.Filter{Rule: canary.Rule, From: since, Canary: true, Size: mostAlerts})
		if err != nil {
			return nil, fmt.Errorf("looking for the alerts of canaries: %w", err)
		}
		// What people did with them does not matter here, only that they are there.
		out := make([]alert.Alert, len(rows))
		for i := range rows {
			out[i] = rows[i].Alert
		}
		return out, nil
	}
}

// routeWithin bounds a question to the routes.
const routeWithin = time.Second

// Route says whom an alert would be told to.
func Route(n notifying.Notifier) func(*alert.Alert) []string {
	return func(a *alert.Alert) (out []string) {
		ctx, cancel := context.WithTimeout(context.Background(), routeWithin)
		defer cancel()
		r, err := n.NotifyRoute(ctx, notifying.RouteRequest{Rule: a.Rule, Level: a.Level, Tags: a.Tags, Labels: a.Labels, Group: a.Group, Notify: a.Notify})
		if err != nil {
			return nil
		}
		// Several routes may name one channel; a person hears once.
		for _, t := range r.To {
			for _, name := range t.Channels {
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
		return out
	}
}
