// Package kind has what one group of a correlation remembers, one form for each kind of correlation, and what follows from
// one more match or from time that has passed. It knows no rules, alerts or clocks.
//
// Matches stand in the order of Compare: event time, number of the front door, source position, event id. What tells two
// matches of one time apart is event id and step alone. W is the rule's within, the cut the time before which nothing new
// is expected; all spans are closed.
//
// Its parts are packages of their own, which know no groups: match, spec, tally, timeline, and pack for the bytes of state.
//
// # What is said on arrival
//
// Correlations that more matches can only make true: count, distinct and sum with gt and gte alone; any_order and
// sequence without a not. They take matches however late they are, and hold them against what they still remember.
//
//   - count, distinct, sum, any_order: a match is a hit if the correlation holds in some window with it, or if it follows
//     the group's last hit within the fold time, which is at least W. Windows: any span of W; [k*W, (k+1)*W) since 1970;
//     a longest row of matches with pauses of at most W.
//   - sequence: a match is a hit if some minimal set of steps that satisfies the condition is done in the listed order
//     within W and ends with it. Evidence is every match that stands in some such row: a step may hold more than it needs.
//
// # What is said when the cut has passed
//
// Such groups take no match from before the cut that they were passed last.
//
//   - avg, median, percentile: a match with at least so many numbers in [t-W, t] that meet the bounds is a hit, the others
//     of the window are evidence. The place of a percentile is the least k with 100*k >= percent*n; the median of an even
//     number is the mean of the two in the middle; sums are exact to a billionth.
//   - count, distinct, sum with another bound: the same over [t, t+W]. Both go by time alone, whatever the order within
//     one time.
//   - tumbling windows and sessions of these: when the window is over, all its matches are hits or none.
//   - a not: what must be there is looked for in [t-W, t] up to the match in order, what must not be in [t-W, t+W]; a
//     negated step is there if it has its at_least. The condition is evaluated as it stands: in (a and not c) or b, a c
//     does not spoil b. Hits are matches of steps that stand somewhere without a not; for sequences those that end a row.
//   - absence: a match that nothing follows, in order and within W. Its completion has the time t+W.
//   - new_value: a match whose value no match before it in [t-W, t) has, in a group that has one in [t-W, t-learn]. Two
//     matches of one event are neither before the other.
//
// # Completions
//
// A group that is asked for completions says each match with which a window ends in which the correlation holds: over
// [t-W, t], or the tumbling window or session up to the match; of the kinds that wait, and of sequences, it is the hit. A
// completion is a copy with Parts: the first five and last three events that made it.
//
// # Memory and cost
//
// Matches that come in order cost the same however many are in the window, and no memory beyond themselves. Late ones may
// cost as much as there are matches in the window. A group with one match is that match and three words.
//
// A match that leaves the window and was never said is given back (Found.Free). The collector of garbage gets what goes
// otherwise: all matches of absences and of groups that are asked for completions, those that are condensed, thinned out or
// let go because there are too many, those that were there already or come too late, and what a group has that goes as a
// whole before its time.
//
// A group keeps at most 32,768 matches, of rules that ask for more than 16,384 different values twice as many as they ask
// for, at most 131,072. What is more is condensed: matches of one step and value that are close together become one that
// stands for all, at first within a 64th of W, then coarser; then values are estimated per 16th of W; then the oldest go.
// Sequences keep 1,024 matches per step, or four times what a step needs, and thin out the middle. new_value remembers
// 32,768 values. Approximate says which of that happened. Of matches that were hits a run keeps no more than the ids of
// the last 4,096, for W behind the cut: a duplicate that comes later than that counts again.
package kind
