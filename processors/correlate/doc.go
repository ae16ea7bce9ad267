// Package correlate turns the matches on weir.signals into alerts: it counts, compares, follows sequences, waits for what
// does not come, and folds what belongs together. Everything is decided from the signals and their event times, never from
// a clock, so the same signals give the same alerts: live, after a restart, and in a backtest.
//
// # Order
//
// Matches are ordered by event time, then by the number that the front door gave the record, then by source position
// (kind.Compare). A match that arrives late, but not later than the lateness that the marks vouch for, is put where it
// belongs: the alerts end up as if everything had arrived in order ("end up": their last revisions are alike; the id of an
// alert names the event whose arrival made it fire, or the hit itself where time made it one).
//
// # Hits
//
// A rule without correlate: each match is a hit. Else a rule is a tree of correlations (node), each with its groups. What
// is a hit of a group is said by package kind, in two ways:
//
//   - What more matches can only make truer (count, distinct and sum with lower bounds only, any_order and sequence without
//     not) fires on arrival, and later matches follow the hit as long as the fold time.
//   - Everything else (upper bounds, avg, median, percentile, not, absence, new_value) is decided when the marks have passed
//     what it waits for. What is decided comes in the order of its time, group by group, however seldom there is a mark.
//
// An inner correlation tells no hits but completions, and each is a match of the correlation around it, at once. Its group
// there is made of what the inner group has, and of what the match carries. All signals of a rule that may become one alert
// are on one partition (Route).
//
// # Time
//
// Package clock follows the marks. The cut of a rule is the lowest mark, over workers and datasets, less the lateness of the
// dataset; of a rule whose conditions name their datasets, over those alone. What is before the cut is late: counted by
// rule and dataset, listed (LateList), held against what state is left where that fires on arrival, and else dropped. A mark
// is not believed that lies more than an hour beyond the moment at which its record was written, and a match moves no time
// at all, so a broken clock neither stops nor drops what others do.
//
// # Folds
//
// The hits of one rule and one fold group are one alert as long as no two neighbours are further apart than the fold
// time (at least the rule's within). Only names by which the outermost correlation groups can fold it; others are left out.
// A hit that arrives late and closes the gap between two alerts joins them: the later one gets a last revision that
// says so (alert.Alert.MergedInto). With suppress, an alert speaks for those of its entity that follow it: they are made
// and marked (SuppressedBy). Matches of the past (signal.Signal.Warm) are state like others, and their hits are told of no
// earlier than one of now joins them. All of this is in package fold.
//
// # Revisions
//
// The first revision goes out at once, further ones when a second of event time has passed since the last, and what is
// then still unsaid at a mark a second later, or when a worker is idle. An engine says at most a thousand revisions in a
// second of event time; in an alert storm the others wait for their turn, which the log says once a minute. The last
// revision always holds the final count. Evidence is bounded: per condition the first five events and the last three.
//
// # Bounds
//
// State that the marks have passed is let go. A rule keeps at most MaxGroups groups and as many folds, in at most MaxBytes;
// all rules of an engine together have four times that. When it is full, the group that is furthest from firing goes first,
// the longest untouched of those. Of folds the longest untouched goes; what is unsaid of it is said, unless a storm has used
// up the second. Everything that goes is counted by rule (RuleStats).
//
// # Speed
//
// Of many groups none is near the processor, so what a signal costs is what it waits for. A worker reads some signals before
// it takes the first, and Engine.Ahead goes and sees what all of them will touch at once. Most matches that leave a window,
// and of which nobody was told, are the memory of those that come (kind.Pool), so that there is less garbage; package kind
// says which are not. Neither changes what is decided.
//
// # State
//
// A snapshot is of one offset, and is made while signals go on: what changes is written before it does, the rest a few
// milliseconds at a time (shot). Package keep has its form and its homes. A worker spends at most a tenth of its time on
// snapshots, and one that was written by another version of weir is left out, with a word in the log.
package correlate
