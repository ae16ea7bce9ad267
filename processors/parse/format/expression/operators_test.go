package expression

import (
	"slices"
	"testing"

	"github.com/expr-lang/expr/parser/operator"

	"weir/event"
)

// TestOperators holds that each operator that errors propose is one, and that those of expr which are none here are refused.
func TestOperators(t *testing.T) {
	for name := range operator.Binary {
		d := newDocument(t, `{}`)
		_, err := Compile(`_a `+name+` "1"`, d.resolve)
		if allowed := slices.Contains(operatorNames(), name) || name == "&&" || name == "||"; allowed != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestShortCircuit holds that a side which does not matter is not looked at.
func TestShortCircuit(t *testing.T) {
	for _, src := range []string{`_no and _boom`, `_yes or _boom`, `_yes ? 1 : _boom`, `_no ? _boom : 1`, `_yes ?? _boom`, `any([1, 2], # == 1 or _boom)`} {
		d := newDocument(t, `{"_yes":true,"_no":false}`)
		p := d.compile(t, src)
		p.Eval(&bomb{document: d, t: t, src: src})
	}
}

// bomb is an Env in which one place must not be read.
type bomb struct {
	*document
	t   *testing.T
	src string
}

func (b *bomb) Value(slot int) (v event.Value) {
	if b.places[slot] == "_boom" {
		b.t.Errorf("%s: the other side was read", b.src)
	}
	return b.document.Value(slot)
}
