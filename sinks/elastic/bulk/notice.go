package bulk

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"weir/internal/fault"
)

// notices say once what keeps documents from the server, and once that it is over.
type notices struct {
	log *slog.Logger
	any atomic.Bool // something is raised: asked after every request

	mu  sync.Mutex
	now map[string]*fault.Error
}

func newNotices(log *slog.Logger) *notices { return &notices{log: log, now: map[string]*fault.Error{}} }

// raise says a fault, unless the same condition was said already and is not over.
func (n *notices) raise(key string, f *fault.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.now[key] != nil {
		return
	}
	n.now[key] = f
	n.any.Store(true)
	n.log.Error("a fault", "what", f.What, "code", f.Code, "why", f.Why, "do", f.Do)
}

// clear is called when documents were taken. It tells whether the server had been away.
func (n *notices) clear() (away bool) {
	if !n.any.Load() {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	away = n.now["unreachable"] != nil
	if len(n.now) > 0 {
		n.log.Info("Elasticsearch takes documents again", "after", strings.Join(slices.Sorted(maps.Keys(n.now)), ", "))
	}
	clear(n.now)
	n.any.Store(false)
	return away
}

// active returns what is raised.
func (n *notices) active() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]string, 0, len(n.now))
	for _, k := range slices.Sorted(maps.Keys(n.now)) {
		out = append(out, n.now[k].Error())
	}
	return out
}

// waits is said with everything that is tried again.
const waits = "; nothing is lost: weir tries again and waits in Kafka"

// Unreachable says that no node answers.
func Unreachable(err error) *fault.Error {
	return &fault.Error{Code: "elastic-unreachable", What: "Elasticsearch does not answer" + waits, Why: fault.Innermost(err),
		Do: "start it, or correct elastic.urls", Exit: fault.ExitMissing, Cause: err}
}

func busyFault(status int, reason string) *fault.Error {
	return &fault.Error{Code: "elastic-busy", What: fmt.Sprintf("Elasticsearch has too much to do (%d)", status) + waits, Why: reason,
		Do: "nothing, if it passes; else give it more processors, or faster disks", Warn: true}
}

func rightsFault(status int, reason string) *fault.Error {
	what := "Elasticsearch does not know the user or the API key"
	if status == 403 {
		what = "the user of Elasticsearch lacks a right"
	}
	return &fault.Error{Code: "elastic-rights", What: fmt.Sprintf("%s (%d)", what, status) + waits, Why: reason,
		Do: "correct elastic.api_key, or elastic.user and elastic.password; the rights are in docs/elasticsearch.md", Exit: fault.ExitMissing}
}

func answerFault(status int, reason string) *fault.Error {
	return &fault.Error{Code: "elastic-answer", What: fmt.Sprintf("what answers is no Elasticsearch that weir understands (%d)", status) + waits, Why: reason,
		Do: "look whether elastic.urls names Elasticsearch itself", Exit: fault.ExitMissing}
}

func prepareFault(index string, err error) *fault.Error {
	return &fault.Error{Code: "elastic-template", What: "the template of " + index + " cannot be written" + waits, Why: fault.Innermost(err),
		Do: "give the user the rights of docs/elasticsearch.md", Exit: fault.ExitMissing, Cause: err}
}

// heldFault is about an index that takes nothing until somebody does something.
func heldFault(index string, status int, o Outcome) *fault.Error {
	f := &fault.Error{Code: "elastic-index", What: "the index " + index + " takes no documents" + waits, Why: o.Reason, Exit: fault.ExitMissing}
	switch {
	case strings.Contains(o.Reason, "flood-stage") || strings.Contains(o.Reason, "disk usage exceeded"):
		f.Do = "free disk space on the nodes; Elasticsearch then lifts the block by itself"
	case o.Type == "cluster_block_exception":
		f.Do = "lift the block: PUT " + index + `/_settings {"index.blocks.read_only":null,"index.blocks.write":null,"index.blocks.read_only_allow_delete":null}`
	case o.Type == "index_closed_exception":
		f.Do = "open it: POST " + index + "/_open"
	case o.Type == "security_exception" || status == 401 || status == 403:
		f.Code, f.Do = "elastic-rights", "give the user of weir the right to write to it; the rights are in docs/elasticsearch.md"
	case o.Type == "validation_exception":
		f.Do = "delete indices, add a node, or raise cluster.max_shards_per_node"
	case o.Type == "index_not_found_exception":
		f.Do = "allow it to be created: action.auto_create_index must allow the prefix, and the user needs auto_configure"
	default:
		f.Do = "look at the reason"
	}
	return f
}
