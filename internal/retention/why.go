package retention

// Why says in one word what becomes of a segment.
type Why string

// What becomes of segments. A segment goes only with Due; with all others it stays.
const (
	Due      Why = "due"           // its time is over and nothing keeps it: it goes
	NotDue   Why = "not-due"       // its class keeps it until a later day
	Forever  Why = "forever"       // its class names no end
	Unknown  Why = "unknown-class" // the policy does not know its class, or has no variant for its day
	Held     Why = "held"          // a hold keeps it
	Fresh    Why = "fresh"         // it came in only a few days ago, however old its events are
	Unsafe   Why = "clock"         // the clock is far from where it was: nothing goes
	Off      Why = "off"           // retention.enforce is false: it is only planned
	Unstated Why = "policy"        // the policy in force could not be noted in the archive: nothing goes by it
)
