// Package tree is a condition as a tree. Sigma rules become one, expr is lowered to one, closures and the index are made
// from it, and it can be printed as the expr that a person reads and edits.
//
// # Text and folding
//
// The functions of a condition (ieq, icontains, re, ...) see every value as text: numbers and booleans as they are
// written, times in RFC 3339. The operators of expr (==, contains, <) see types: "4625" is not 4625. Folded comparison is
// by Unicode's simple folding, as strings.EqualFold does it: texts are folded once (internal/match/fold), then compared
// byte by byte.
package tree

import (
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// Op says what a node is.
type Op uint8

// The nodes. A leaf asks something of one field; the others join.
const (
	Leaf Op = iota
	And
	Or
	Not
)

// Node is one place in a tree. Trees are immutable once made, and parts of them may be shared.
type Node struct {
	Op   Op
	Kids []*Node // of And and Or any number, none of And holds and none of Or does not; of Not one
	Test *Test   // of a Leaf
}

// Any is the field of a test that holds if any value of the event satisfies it, whatever field it is in; operators see
// texts and numbers alike there. It is how expr calls everything that there is. Not of Exists and Absent.
const Any = "$env"

// Test asks something of one field.
type Test struct {
	Kind  kind.Kind
	Field string    // dotted path, or Any
	Form  form.Form // other than Plain only with Equal, Less, LessEqual, Greater, GreaterEqual
	// Fold: case does not count. Of Equal, Contains, StartsWith, EndsWith and Glob. Without it the test is that of an
	// operator of expr, for texts alone; Glob, which has no operator, sees numbers too. To
	// Equal a time is what any text in RFC 3339 says that is the same moment.
	Fold bool
	// Operator: the operator matches instead of the function re, for texts alone. Of Regex.
	Operator bool
	// Values in the order of the source; see Kind.
	Values []string
	// Other is a second field whose values, one by one, take the place of Values (Sigma's fieldref); "" for none. Only
	// with Fold, and with Equal, Contains, StartsWith or EndsWith.
	Other string
}
