package keeping

import (
	"context"
	"errors"

	"weir/internal/archive"
	"weir/internal/archive/anchor"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
)

// needRunning are questions that change the archive or its log, and why that takes a weir that runs. The files of a stopped one
// could be opened for writing, but then a weir that somebody starts meanwhile would find them taken, and who is told of a
// checkpoint stands in a process.
var needRunning = map[string]string{
	anchor.AskRotate:     "the key of the archive's log is changed by the weir that signs with it, and none runs on this folder",
	anchor.AskPublish:    "no weir runs on this folder, so nothing is published now; what it had sealed was published when it stopped, or will be at its next start",
	retaining.AskHold:    "no weir runs on this folder, so nothing can be put on hold; nothing expires either until one runs",
	retaining.AskRelease: "no weir runs on this folder, so no hold can be released",
}

// stopped makes a table that of a weir that does not run: what would write says so, and what to do.
func stopped(t question.Table, data string) question.Table {
	for name, what := range needRunning {
		asked := t[name]
		t[name] = func(ctx context.Context, raw []byte, each func([]byte) error) (any, error) {
			if asked != nil { // a request that is wrong is told so first
				if out, err := asked(ctx, raw, each); !errors.Is(err, archive.ErrReader) {
					return out, err
				}
			}
			return nil, &fault.Error{Code: "not-running", What: what, Where: data, Do: "start it with `weir up`, or its service, and ask again", Exit: fault.ExitMissing}
		}
	}
	return t
}
