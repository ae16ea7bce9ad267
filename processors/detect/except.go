package detect

import (
	"fmt"
	"sync/atomic"
	"time"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/fold"
	"weir/rules/exceptions"
)

// exception is one exception with its condition. Its counter is the only part that changes.
type exception struct {
	*exceptions.Exception
	cond *match.Cond
	hits atomic.Uint64
}

// Excepted is what one exception has taken out since the engine was made.
type Excepted struct {
	*exceptions.Exception
	Hits uint64
}

// Excepted returns the exceptions with what they took out, in the order of the file.
func (en *Engine) Excepted() []Excepted {
	out := make([]Excepted, len(en.excepts))
	for i, x := range en.excepts {
		out[i] = Excepted{x.Exception, x.hits.Load()}
	}
	return out
}

// except compiles the exceptions and gives them to the rules that they are for. One whose condition does not compile any
// more, since a list has gone, takes nothing out and is reported.
func (en *Engine) except(list *exceptions.List, lists match.Lists) fault.List {
	if list == nil {
		return nil
	}
	var faults fault.List
	for _, x := range list.Items {
		cond, err := match.Compiler{Lists: lists}.Compile(x.When)
		if err != nil {
			faults = append(faults, &fault.Error{Code: "rule-expr", What: fmt.Sprintf("the exception from `%s` cannot run", x.Rule), Where: fmt.Sprintf("%s:%d", x.File, x.Line), Why: err.Error(), Cause: err})
			continue
		}
		// One counter over all rules that a pattern is for: the file has one line for them.
		e := &exception{Exception: x, cond: cond}
		en.excepts = append(en.excepts, e)
		for _, c := range en.rules {
			if x.Fits(c.rule.ID) {
				c.excepts = append(c.excepts, e)
			}
		}
	}
	return faults
}

// excepted tells whether an event of that time is one that the rule is not about. The event alone decides: what it takes out
// is its own signal and nothing of anybody else's. The first exception counts it.
func (c *compiled) excepted(view *fold.View, at time.Time) bool {
	for _, x := range c.excepts {
		if x.Live(at) && x.cond.Holds(view) {
			x.hits.Add(1)
			return true
		}
	}
	return false
}
