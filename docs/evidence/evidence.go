// Package evidence has the second verifier of the archive: a small Python program, so that nobody has to trust weir to find
// out whether what it kept is as it was.
package evidence

import _ "embed" // the program becomes part of every evidence package

// Verifier is verify.py. It must not be changed.
//
//go:embed verify.py
var Verifier []byte
