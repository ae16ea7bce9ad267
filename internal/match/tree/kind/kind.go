// Package kind names what the test of a condition can ask of a value.
package kind

// Kind is one of them.
type Kind uint8

// The kinds. Those on texts hold if any of Values does.
const (
	// Constant holds for every event if Values has an entry, else for none.
	Constant Kind = iota
	Equal
	Contains
	StartsWith
	EndsWith
	// Glob is a pattern for the whole text: * is any text, ? one letter, \ takes the next one as it is.
	Glob
	// Regex is RE2, found anywhere in the text; flags stand in the pattern, as in (?i). See Operator.
	Regex
	// CIDR holds networks and single addresses.
	CIDR
	// InList holds the name of one list.
	InList
	// Exists and Absent: null and an empty list are as good as absent.
	Exists
	Absent
	// Less and the others compare with the number in Values[0]. With the form Plain they are operators of expr, for numbers
	// alone.
	Less
	LessEqual
	Greater
	GreaterEqual
	// Code is anything else that expr can say: Values[0] is its source. Only match can run it.
	Code
)
