package control

import (
	"context"
	"reflect"
	"testing"
	"time"

	"weir/internal/control/notifying"
	"weir/internal/fault"
)

// telling is a backend that tells people; it notes what it was asked.
type telling struct {
	*fake
	err error
}

func (b *telling) NotifyStatus(context.Context) (notifying.Status, error) {
	return notifying.Status{File: "notify.yaml", Loaded: at, Groups: 3, Channels: []notifying.Channel{{Name: "mail", State: notifying.Down, Since: at, Waiting: 2}},
		Faults: []*fault.Error{{Code: "notify-value", What: "x", Where: "notify.yaml:1:1"}}, Dead: []notifying.Dead{{ID: "x-1", At: at}}}, b.err
}

func (b *telling) NotifyTest(_ context.Context, r notifying.TestRequest) (notifying.TestAnswer, error) {
	b.note(r)
	return notifying.TestAnswer{Channel: r.Channel, Said: "250", TookMS: 7}, b.err
}

func (b *telling) NotifyRoute(_ context.Context, r notifying.RouteRequest) (notifying.Route, error) {
	b.note(r)
	return notifying.Route{Rule: r.Rule, Steps: []notifying.Step{{Line: 3, Matched: true}}, Past: []notifying.Past{{At: at, What: "sent"}}}, b.err
}

func (b *telling) NotifyRetry(_ context.Context, r notifying.RetryRequest) (notifying.Retried, error) {
	b.note(r)
	return notifying.Retried{Messages: 4}, b.err
}

func (b *telling) Silences(_ context.Context, r notifying.SilencesRequest) ([]notifying.Silence, error) {
	b.note(r)
	return []notifying.Silence{{ID: "s1", Match: []string{"rule=x"}, Until: at, Active: true, Held: 2}}, b.err
}

func (b *telling) AddSilence(_ context.Context, r notifying.NewSilence) (notifying.Silence, error) {
	b.note(r)
	return notifying.Silence{ID: "s2", Owner: r.Owner, Until: r.Until}, b.err
}

func (b *telling) EndSilence(_ context.Context, r notifying.EndRequest) (notifying.Silence, error) {
	b.note(r)
	return notifying.Silence{ID: r.ID, By: r.By}, b.err
}

// calls are all questions, with what the backend is asked and what comes back.
var calls = map[string]struct {
	ask           func(context.Context, notifying.Notifier) (any, error)
	question, got any
}{
	"status": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		st, err := n.NotifyStatus(ctx)
		return len(st.Channels) + len(st.Faults) + len(st.Dead), err
	}, nil, 3},
	"test": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.NotifyTest(ctx, notifying.TestRequest{Channel: "mail", Lang: "ko"})
	}, notifying.TestRequest{Channel: "mail", Lang: "ko"}, notifying.TestAnswer{Channel: "mail", Said: "250", TookMS: 7}},
	"route": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.NotifyRoute(ctx, notifying.RouteRequest{Rule: "ssh", Group: map[string]string{"host.name": "web-1"}, At: at})
	}, notifying.RouteRequest{Rule: "ssh", Group: map[string]string{"host.name": "web-1"}, At: at},
		notifying.Route{Rule: "ssh", Steps: []notifying.Step{{Line: 3, Matched: true}}, Past: []notifying.Past{{At: at, What: "sent"}}}},
	"retry": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.NotifyRetry(ctx, notifying.RetryRequest{Channel: "mail"})
	}, notifying.RetryRequest{Channel: "mail"}, notifying.Retried{Messages: 4}},
	"silences": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.Silences(ctx, notifying.SilencesRequest{All: true})
	}, notifying.SilencesRequest{All: true}, []notifying.Silence{{ID: "s1", Match: []string{"rule=x"}, Until: at, Active: true, Held: 2}}},
	"add": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.AddSilence(ctx, notifying.NewSilence{Match: []string{"rule=x"}, Owner: "ana", Reason: "r", Until: at.Add(time.Hour)})
	}, notifying.NewSilence{Match: []string{"rule=x"}, Owner: "ana", Reason: "r", Until: at.Add(time.Hour)}, notifying.Silence{ID: "s2", Owner: "ana", Until: at.Add(time.Hour)}},
	"end": {func(ctx context.Context, n notifying.Notifier) (any, error) {
		return n.EndSilence(ctx, notifying.EndRequest{ID: "s1", By: "bo"})
	}, notifying.EndRequest{ID: "s1", By: "bo"}, notifying.Silence{ID: "s1", By: "bo"}},
}

// TestNotifying: each question comes to the backend as it was asked, and its answer back.
func TestNotifying(t *testing.T) {
	for name, tc := range calls {
		t.Run(name, func(t *testing.T) {
			b := &telling{fake: &fake{}}
			c, _ := serve(t, b)
			got, err := tc.ask(t.Context(), c)
			if err != nil || !reflect.DeepEqual(got, tc.got) {
				t.Errorf("got %+v, %v", got, err)
			}
			if !reflect.DeepEqual(b.question(), tc.question) {
				t.Errorf("asked %+v", b.question())
			}
		})
	}
}

// TestNotifying_Failure: faults of the backend come through, and a weir without the stage says so.
func TestNotifying_Failure(t *testing.T) {
	for name, tc := range calls {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, &telling{&fake{}, &fault.Error{Code: "notify-unknown", What: "no", Exit: fault.ExitUsage}})
			if _, err := tc.ask(t.Context(), c); fault.Code(err) != "notify-unknown" {
				t.Errorf("got %v", err)
			}
			none, _ := serve(t, &fake{})
			if _, err := tc.ask(t.Context(), none); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
				t.Errorf("without the stage: %v", err)
			}
		})
	}
}
