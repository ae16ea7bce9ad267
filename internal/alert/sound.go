package alert

import "slices"

// mostNumber bounds revisions and versions. Readers take what is newer than what they know, so behind a record with the
// greatest number there is nothing would ever be newer.
const mostNumber = 1 << 30

// Sound tells whether a weir could have written this revision. Others may write to weir.alerts too, and by mistake anything:
// what is not sound is named and passed over.
func (a *Alert) Sound() bool { return a.ID != "" && a.Revision > 0 && a.Revision < mostNumber }

// Sound tells whether a weir could have made this decision. Its state is taken over as it is, so it must be one.
func (c *Change) Sound() bool {
	return c.Alert != "" && c.Version > 0 && c.Version < mostNumber &&
		slices.Contains([]string{ToState, Note, Assign}, c.Kind) && slices.Contains([]string{Open, Acknowledged, Closed}, c.State)
}
