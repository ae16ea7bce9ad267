package app

import (
	"time"

	"weir/internal/app/build"
	"weir/internal/fault"
	"weir/processors"
	"weir/processors/detect"
	"weir/processors/parse"
)

// loadRules loads the rules for the first time. Rules with mistakes do not keep weir from starting: they are said, counted,
// and left out.
func (a *App) loadRules() (*detect.Holder, error) {
	h := &detect.Holder{}
	faults, err := h.Reload(a.readRules, nil)
	if err != nil {
		return nil, err
	}
	a.sayFaults(faults)
	return h, nil
}

// refusedRules counts the rules that do not run because of a mistake. Warnings are not counted: those rules run.
func (a *App) refusedRules() int {
	n := 0
	for _, f := range a.rules.Rules().Faults {
		if !f.Warn {
			n++
		}
	}
	return n
}

// sayFaults tells log and terminal what is wrong with rules. Work goes on without them.
func (a *App) sayFaults(faults fault.List) { a.sayFileFaults("rules", faults) }

// zone is the time zone of devices that write none.
func (a *App) zone() *time.Location { return build.Zone(a.cfg) }

// loadPolicy reads how long what is kept.
func (a *App) loadPolicy() error {
	var warnings fault.List
	var err error
	if a.policies, warnings, err = build.Policy(a.cfg); err != nil {
		return err
	}
	a.sayFileFaults("retention", warnings)
	a.class = build.Class(a.policies)
	return nil
}

// newParser makes the parser of one worker. Parsers keep memory from record to record, so no two workers share one.
func (a *App) newParser() processors.Parser {
	opts := build.ParseOptions(a.cfg, a.enrich.Inventory, a.opts.History)
	opts.Live = a.formats.Load
	p, err := parse.New(opts)
	if err != nil { // the same options made one at the start
		panic("BUG: " + err.Error())
	}
	return p
}
