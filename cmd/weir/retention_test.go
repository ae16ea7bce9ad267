package main

import "weir/internal/control/retaining"

// hostileRetention are answers about holds and the policy with hostile text wherever somebody may write some.
func hostileRetention() map[string]any {
	return map[string]any{
		retaining.AskHold: filled[retaining.HoldAnswer](), retaining.AskHolds: filled[retaining.HoldsAnswer](), retaining.AskRelease: filled[retaining.ReleaseAnswer](),
		retaining.AskPolicy: filled[retaining.PolicyAnswer](),
	}
}
