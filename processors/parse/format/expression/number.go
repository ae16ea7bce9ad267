package expression

import (
	"math"
	"math/bits"
	"strconv"

	"weir/event"
)

// number is a number of an expression: whole where it is and has room, since ids in events have more than the 53 bits of a
// float.
type number struct {
	i     int64
	f     float64
	whole bool
}

// value makes it a value again.
func (n number) value() event.Value {
	if n.whole {
		return event.Num(n.i)
	}
	return realValue(n.f)
}

// float returns it as a float.
func (n number) float() float64 {
	if n.whole {
		return float64(n.i)
	}
	return n.f
}

// realValue makes a float value. JSON has no infinity, and neither has a document.
func realValue(f float64) event.Value {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return event.Value{}
	}
	return event.Real(f)
}

// numberOf returns the number that a value is or that its text says.
func numberOf(v event.Value) (number, bool) {
	switch v.Kind() {
	case event.Int:
		return number{i: v.Int(), whole: true}, true
	case event.Float:
		return number{f: v.Float()}, true
	case event.String:
		return readNumber(v.Str())
	case event.List:
		if v.Len() == 1 {
			return numberOf(v.Item(0))
		}
	}
	return number{}, false
}

// readNumber reads a decimal number with nothing around it. It looks at the letters before it calls strconv, whose errors cost
// memory: most texts are no numbers.
func readNumber(s string) (number, bool) {
	i, n := 0, len(s)
	if i < n && (s[i] == '-' || s[i] == '+') {
		i++
	}
	a := digitsEnd(s, i)
	whole, some := a > i, a > i
	i = a
	if i < n && s[i] == '.' {
		a = digitsEnd(s, i+1)
		some = some || a > i+1
		whole, i = false, a
	}
	if !some {
		return number{}, false
	}
	if i < n && s[i]|0x20 == 'e' {
		i++
		if i < n && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if a = digitsEnd(s, i); a == i {
			return number{}, false
		}
		whole, i = false, a
	}
	if i != n {
		return number{}, false
	}
	if whole && n <= 20 {
		if v, err := strconv.ParseInt(s, 10, 64); err == nil {
			return number{i: v, whole: true}, true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return number{f: f}, err == nil
}

// digitsEnd returns where the digits that begin at i end.
func digitsEnd(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// compareNumbers orders two numbers.
func compareNumbers(a, b number) int {
	if a.whole && b.whole {
		switch {
		case a.i < b.i:
			return -1
		case a.i > b.i:
			return 1
		}
		return 0
	}
	switch x, y := a.float(), b.float(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// The operators stay with whole numbers as long as the result is one that has room, and go on with floats after that.

func add(a, b number) event.Value {
	if s := a.i + b.i; a.whole && b.whole && (s > a.i) == (b.i > 0) {
		return event.Num(s)
	}
	return realValue(a.float() + b.float())
}

func subtract(a, b number) event.Value {
	if d := a.i - b.i; a.whole && b.whole && (d < a.i) == (b.i > 0) {
		return event.Num(d)
	}
	return realValue(a.float() - b.float())
}

func multiply(a, b number) event.Value {
	if a.whole && b.whole {
		if p, ok := product(a.i, b.i); ok {
			return event.Num(p)
		}
	}
	return realValue(a.float() * b.float())
}

// product multiplies if there is room.
func product(a, b int64) (int64, bool) {
	abs := func(n int64) uint64 {
		if n < 0 {
			return -uint64(n)
		}
		return uint64(n)
	}
	hi, lo := bits.Mul64(abs(a), abs(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	return a * b, true
}

// divide is whole where nothing is left over, as in bytes of a count of bits. By zero nothing can be divided.
func divide(a, b number) event.Value {
	if b.float() == 0 {
		return event.Value{}
	}
	if a.whole && b.whole && !(a.i == math.MinInt64 && b.i == -1) && a.i%b.i == 0 {
		return event.Num(a.i / b.i)
	}
	return realValue(a.float() / b.float())
}

func modulo(a, b number) event.Value {
	if !a.whole || !b.whole || b.i == 0 || b.i == -1 {
		if a.whole && b.whole && b.i == -1 {
			return event.Num(0)
		}
		return event.Value{}
	}
	return event.Num(a.i % b.i)
}
