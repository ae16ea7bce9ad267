package tools

import (
	"time"

	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
	"weir/rules/exceptions"
)

// Exceptions are those of cfg as they were read, with what is wrong with them.
func Exceptions(cfg config.Config) (*exceptions.List, fault.List, error) {
	set, lists, _, err := build.Rules(cfg)
	if err != nil {
		return nil, nil, err
	}
	// Read once more for its faults alone: those of the set are of the rules too.
	list := exceptions.Load(build.Within(cfg, cfg.Rules.Exceptions), lists, time.Now())
	alone := &rules.Set{Rules: set.Rules}
	return list, alone.Except(list).Faults, nil
}
