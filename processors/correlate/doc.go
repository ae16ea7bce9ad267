// Package correlate turns the matches on weir.signals into alerts: it counts, follows sequences, and folds what belongs
// together. Everything is decided from the signals and their event times, never from a clock, so the same signals give
// the same alerts: live, after a restart, and in a backtest.
//
// # Order
//
// Matches are ordered by event time, then by the number that the front door gave the record, then by source position. A match that arrives late, but not
// later than the lateness that the marks vouch for, is put where it belongs: the alerts end up as if everything had
// arrived in order ("end up": their last revisions are alike; the id of an alert names the event whose arrival made it
// fire). A match that is later still is counted and held against what state is left.
//
// # Hits
//
//   - A rule without correlate: each match is a hit.
//   - count, at_least N within W, by a group: a match is a hit if some span of W holds it and at least N matches of
//     the group, or if it follows the group's last hit within the fold time. So 128 failures are one alert with the
//     count 128, however they were spread once the first N were there; matches that fired do not fire again.
//   - sequence: a match of the last step is a hit if it completes all steps within W: n matches of each step, every one
//     of them after all those of the step before. The matches that such a hit can be built on are its evidence.
//
// All of these can only become true by more matches, never false, so they fire on arrival.
//
// # Folds
//
// The hits of one rule and one fold group are one alert as long as no two neighbours are further apart than the fold
// time (at least the rule's within). Only fields by which a correlation groups can fold it; others are left out.
// A hit that arrives late and closes the gap between two alerts joins them: the later one gets a last revision that
// says so (alert.Alert.MergedInto).
//
// # Revisions
//
// The first revision goes out at once, further ones when a second of event time has passed since the last, and what is
// then still unsaid at the next mark a second later, or when a worker is idle. The last revision always holds the
// final count. Evidence is bounded: per condition the first five events and the last three.
//
// # Bounds
//
// State older than the marks, less lateness, within and fold time, is let go. A rule keeps at most MaxGroups groups and
// as many folds; when it is full, the group that is furthest from firing goes first, the longest untouched of those.
// A sequence keeps at most 1,024 matches per step of a group; beyond that, matches in the middle are thinned out.
package correlate
