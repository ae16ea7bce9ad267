// Package retention has what is known about how long records are kept, as plain data for reports, commands and the console.
// The rules stand in its package policy, what follows from them for each segment in plan, and who carries it out is expire.
package retention

import "time"

// Facts are what a report about retention says, as plain data: nothing in them has to be looked up. Sentences are slugs, so
// that a report can be in any language; names and reasons that people wrote are as they wrote them.
type Facts struct {
	Made   time.Time   `json:"made"`
	Zone   string      `json:"zone"` // of the policy: in its days segments fall due
	Policy PolicyFacts `json:"policy"`
	// Classes are those of the policy in its order, whether the archive has records of them or not.
	Classes []ClassFacts `json:"classes"`
	// Unknown are classes that records have and the policy does not know: they are kept.
	Unknown []UnknownFacts `json:"unknown,omitempty"`
	Holds   []HoldFacts    `json:"holds,omitempty"` // in force, then ended ones, the newest first
	Copies  []CopyFacts    `json:"copies,omitempty"`
	Verify  VerifyFacts    `json:"verify"`
	Systems []SystemFacts  `json:"systems,omitempty"` // that hold personal data, with the class that follows
	// Warnings are what somebody should look at.
	Warnings []Warning `json:"warnings,omitempty"`
	Segments int       `json:"segments"`
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
}

// PolicyFacts are those of the policy in force.
type PolicyFacts struct {
	Version string    `json:"version"`         // SHA-256 of its canonical text
	Since   time.Time `json:"since,omitzero"`  // when the archive noted it; zero: it has not yet
	Changes int       `json:"changes"`         // how often a policy was noted
	Files   []string  `json:"files,omitempty"` // that are laid over what weir ships
	Enforce bool      `json:"enforce"`         // false: nothing is deleted, it is only planned
	// Refused says why nothing is deleted although it is to be: a slug of Why; "" if it goes on.
	Refused Why       `json:"refused,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	LastRun time.Time `json:"last_run,omitzero"`
}

// ClassFacts are those of one class.
type ClassFacts struct {
	Name    string `json:"name"`
	Title   Text   `json:"title"`
	Law     Text   `json:"law,omitzero"`
	Article string `json:"article,omitempty"`
	Notice  string `json:"notice,omitempty"`
	Applies Text   `json:"applies,omitzero"`
	Note    Text   `json:"note,omitzero"` // what is known of the source
	// Status is read, secondary or memory; "" where no law is named.
	Status Status `json:"status,omitempty"`
	// Checked is the day on which somebody read the text: 2026-11-21; "never" if nobody did, "" where no law is named.
	Checked  string `json:"checked,omitempty"`
	Keep     string `json:"keep"`                // 1 year; "forever" where the policy names no end
	DeleteBy string `json:"delete_by,omitempty"` // 2 years
	Review   string `json:"review,omitempty"`    // monthly
	Original string `json:"original,omitempty"`  // what becomes of event.original: keep, mask, encrypt, drop
	// Valid bounds the days of events of this variant; "" is open.
	ValidFrom string `json:"valid_from,omitempty"`
	ValidTo   string `json:"valid_to,omitempty"`
	// Variants are how many there are of this name by day; the facts above are those of today's, or the last.
	Variants int `json:"variants,omitempty"`

	Segments int       `json:"segments"`
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
	Oldest   time.Time `json:"oldest,omitzero"` // logged time of the first and of the last record
	Newest   time.Time `json:"newest,omitzero"`
	FirstDay string    `json:"first_day,omitempty"` // UTC days of weir.time of the segments
	LastDay  string    `json:"last_day,omitempty"`
	Gaps     []Gap     `json:"gaps,omitempty"`
	// NextExpiry is when the next segment may go; zero: none ever does. It may have passed: then it goes with the next run.
	NextExpiry      time.Time `json:"next_expiry,omitzero"`
	DueNow          int       `json:"due_now,omitempty"` // segments whose time is over and that nothing keeps
	Held            int       `json:"held,omitempty"`    // segments whose time is over and that a hold keeps
	Beyond          int       `json:"beyond,omitempty"`  // segments that are kept beyond delete_by
	Quarantined     int       `json:"quarantined,omitempty"`
	ExpiredSegments int       `json:"expired_segments,omitempty"` // that went, ever
	ExpiredEvents   int64     `json:"expired_events,omitempty"`
	LastExpiry      time.Time `json:"last_expiry,omitzero"`
}

// Gap is UTC days of which a class has no record, although it has earlier and later ones. Both days are in it.
type Gap struct {
	From string `json:"from"`
	To   string `json:"to"`
	Days int    `json:"days"`
}

// UnknownFacts are those of a class that the policy does not know.
type UnknownFacts struct {
	Name     string    `json:"name"`
	Segments int       `json:"segments"`
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
	Oldest   time.Time `json:"oldest,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`
	// Near is the name of a class that may have been meant.
	Near string `json:"near,omitempty"`
}

// HoldFacts are those of one hold.
type HoldFacts struct {
	ID       string    `json:"id"`
	Query    string    `json:"query"` // KQL; "": everything
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	Owner    string    `json:"owner"`
	Reason   string    `json:"reason"`
	Until    time.Time `json:"until,omitzero"` // zero: until it is released
	Placed   time.Time `json:"placed"`
	By       string    `json:"by"`
	Active   bool      `json:"active"`
	Released time.Time `json:"released,omitzero"`
	// ReleasedBy and ReleaseReason say who ended it before its time.
	ReleasedBy    string `json:"released_by,omitempty"`
	ReleaseReason string `json:"release_reason,omitempty"`
	// Keeps is how many segments it keeps whose time is over; Beyond those of them that are beyond delete_by of their class.
	Keeps  int `json:"keeps"`
	Beyond int `json:"beyond,omitempty"`
}

// CopyFacts are those of one further copy of the archive. They come from whoever makes copies.
type CopyFacts struct {
	Where    string    `json:"where"`
	OK       bool      `json:"ok"`
	At       time.Time `json:"at,omitzero"` // of the last copy
	Behind   int       `json:"behind"`      // segments that it lacks
	Verified time.Time `json:"verified,omitzero"`
	Err      string    `json:"err,omitempty"`
}

// VerifyFacts are those of the last verification of the archive. They come from whoever verifies.
type VerifyFacts struct {
	At       time.Time `json:"at,omitzero"` // zero: never
	OK       bool      `json:"ok"`
	Segments int       `json:"segments,omitempty"`
	Findings int       `json:"findings,omitempty"`
	// Anchored is the time of the newest checkpoint that was published elsewhere.
	Anchored time.Time `json:"anchored,omitzero"`
}

// SystemFacts are those of a system that holds personal data.
type SystemFacts struct {
	Name     string   `json:"name"`
	Title    Text     `json:"title"`
	Owner    string   `json:"owner,omitempty"`
	Subjects int64    `json:"subjects,omitempty"`
	Class    string   `json:"class"`             // of its access records
	Because  []string `json:"because,omitempty"` // slugs: subjects, unique-identifiers, sensitive, telecom, class
}

// Kinds of warnings.
const (
	WarnNeverChecked = "never-checked" // Class: nobody has read its law's text
	WarnCheckedOld   = "checked-old"   // Class: it was read more than a year ago, at Day
	WarnHoldEnds     = "hold-ends"     // Hold: it ends within a week, at Time
	WarnHoldEnded    = "hold-ended"    // Hold: it ended within the last week, at Time
	WarnBeyond       = "beyond"        // Class: Segments are kept beyond delete_by; Hold says by which hold, "" by none
	WarnUnknown      = "unknown-class" // Class: Segments have it, and the policy does not know it
	WarnClock        = "clock"         // nothing is deleted: the clock is far from where it was; Detail says how far
	WarnShorter      = "shorter"       // Class: it is kept for a shorter time than the class of that name that weir ships
)

// Warning is something that somebody should look at.
type Warning struct {
	Kind     string    `json:"kind"`
	Class    string    `json:"class,omitempty"`
	Hold     string    `json:"hold,omitempty"`
	Segments int       `json:"segments,omitempty"`
	Day      string    `json:"day,omitempty"`
	Time     time.Time `json:"time,omitzero"`
	Detail   string    `json:"detail,omitempty"`
}

// Status is how well the text of a law is known: read, secondary or memory.
type Status string

// Text is a text in the languages that weir speaks. One that is missing in a language is said in the other.
type Text struct {
	En string `json:"en,omitempty"`
	Ko string `json:"ko,omitempty"`
}

// In returns the text in a language: en or ko.
func (t Text) In(lang string) string {
	if lang == "ko" && t.Ko != "" || t.En == "" {
		return t.Ko
	}
	return t.En
}
