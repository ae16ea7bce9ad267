package anchor

import (
	"context"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/control/question"
	"weir/internal/fault"
)

// Names of questions about the log.
const (
	AskRotate  = "archive/rotate-key" // logkey.RotateRequest -> logkey.Rotated
	AskPublish = "archive/publish"    // PublishRequest -> Published
	AskStatus  = "archive/log-status" // StatusRequest -> LogStatus
)

// PublishRequest asks for a publication of the newest checkpoint.
type PublishRequest struct{}

// Published is what came of it.
type Published struct {
	Name string `json:"name"` // of the publication
	Size int64  `json:"size"`
	// Records has one for each way that was tried; none: the newest checkpoint had arrived everywhere, or there is no way.
	Records []Record `json:"records"`
	Ways    int      `json:"ways"` // that are configured
}

// StatusRequest asks how the log is.
type StatusRequest struct{}

// LogStatus is the log and what is published of it.
type LogStatus struct {
	Log    translog.Status `json:"log"`
	Anchor Status          `json:"anchor"`
}

// Deps are what the answers are made from.
type Deps struct {
	Keeper    *translog.Keeper
	Publisher *Publisher // nil: nothing is published by this process
	Act       func(ctx context.Context, actions []manifest.Action) (seq uint64, err error)
	User      string // who weir runs as, for those that come by its socket
}

// Questions answers the questions about the log.
func Questions(d Deps) question.Table {
	return question.Table{
		AskRotate: question.Typed(func(ctx context.Context, _ logkey.RotateRequest) (logkey.Rotated, error) {
			// Who asks through the console has a name; by the socket it is whoever weir runs as.
			who := question.Who(ctx)
			if who == "" {
				who = d.User
			}
			r, err := d.Keeper.Rotate(ctx, who, d.Act)
			if err != nil {
				return r, err
			}
			// From here on the change counts, signed or not: the answer says so rather than that it may not have happened.
			return r, d.Keeper.Wait(ctx, r.Seq)
		}),
		AskPublish: question.Typed(func(ctx context.Context, _ PublishRequest) (Published, error) { return d.publish(ctx) }),
		AskStatus: question.Typed(func(context.Context, StatusRequest) (LogStatus, error) {
			s := LogStatus{Log: d.Keeper.Status()}
			if d.Publisher != nil {
				s.Anchor = d.Publisher.Status()
			}
			return s, nil
		}),
	}
}

// publish publishes what is in the manifest now.
func (d Deps) publish(ctx context.Context) (Published, error) {
	if d.Publisher == nil {
		return Published{}, &fault.Error{Code: "archive-log-anchor", What: "this process publishes no checkpoints", Why: "the stage archive runs in another process", Do: "name its data folder with --data", Exit: fault.ExitMissing}
	}
	// Whoever asks means what is archived by now, not what the last checkpoint happened to cover.
	if err := d.Keeper.Sync(ctx); err != nil {
		return Published{}, err
	}
	records, err := d.Publisher.Publish(ctx)
	if err != nil {
		return Published{}, err
	}
	s := d.Publisher.Status()
	out := Published{Name: s.Name, Records: records, Ways: len(s.Ways)}
	if _, head, ok := d.Keeper.Head(); ok {
		out.Size = head.Size
	}
	return out, nil
}
