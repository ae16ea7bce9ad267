package rank

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"weir/internal/fault"
)

// Place is where an event stands in an order.
type Place struct {
	Key  Key   // not used where the order is that of time
	Time int64 // sort time
	ID   string
	// Same is how many events of this very place came before, the one named included: events without an id share one.
	Same int
}

// ComparePlaces says which of two places comes first.
func (o Order) ComparePlaces(a, b Place) int {
	if !o.Time() {
		if c := o.Compare(a.Key, b.Key); c != 0 {
			return c
		}
	}
	if c := o.Times(a.Time, b.Time); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// wire is a place as text. Numbers are hexadecimal so that no digit is lost; texts may be any bytes.
type wire struct {
	Order string `json:"o"`
	Class uint8  `json:"c,omitempty"`
	Num   string `json:"f,omitempty"`
	Exact int64  `json:"n,omitempty"`
	Text  []byte `json:"s,omitempty"`
	Time  int64  `json:"t"`
	ID    []byte `json:"i,omitempty"`
	Same  int    `json:"m,omitempty"`
}

// version begins each cursor, so that one of another version is refused and not misread.
const version = "w1_"

// Cursor writes a place as one word that stands in a URL and on a command line as it is.
func (o Order) Cursor(p Place) string {
	w := wire{Order: o.String(), Time: p.Time, ID: []byte(p.ID), Same: p.Same}
	if !o.Time() {
		w.Class, w.Exact, w.Text = p.Key.class, p.Key.exact, []byte(p.Key.text)
		if p.Key.num != 0 {
			w.Num = strconv.FormatFloat(p.Key.num, 'x', -1, 64)
		}
	}
	b, err := json.Marshal(w)
	if err != nil {
		panic("BUG: a cursor cannot be written: " + err.Error()) // it has texts and whole numbers only
	}
	return version + base64.RawURLEncoding.EncodeToString(b)
}

// maxCursor bounds what is decoded: a place has a key and an id, both bounded.
const maxCursor = 16 << 10

// Place reads a cursor of this order.
func (o Order) Place(cursor string) (Place, error) {
	body, ok := strings.CutPrefix(cursor, version)
	if !ok || len(cursor) > maxCursor {
		return Place{}, bad("it does not begin with " + version)
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	var w wire
	if err == nil {
		err = json.Unmarshal(b, &w)
	}
	switch {
	case err != nil:
		return Place{}, bad("it was cut off or changed")
	case w.Order != o.String():
		return Place{}, bad("it is of a search that is sorted by " + w.Order + ", and this one is sorted by " + o.String())
	case w.Class > isNone || w.Same < 0:
		return Place{}, bad("it was changed")
	}
	p := Place{Time: w.Time, ID: string(w.ID), Same: w.Same}
	if o.Time() {
		return p, nil
	}
	p.Key = Key{class: w.Class, exact: w.Exact, text: string(w.Text)}
	if w.Num != "" {
		if p.Key.num, err = strconv.ParseFloat(w.Num, 64); err != nil || math.IsNaN(p.Key.num) {
			return Place{}, bad("it was changed")
		}
	}
	return p, nil
}

// bad says that a cursor cannot be used.
func bad(why string) error {
	return &fault.Error{Code: "bad-cursor", What: "the page after this one cannot be found", Why: why,
		Do: "take the cursor that the page before printed, and ask the same query in the same order", Exit: fault.ExitUsage}
}

// parseNumber reads a whole text as a number in the decimal form that senders write.
func parseNumber(s string) (Key, bool) {
	if s == "" || len(s) > 40 || s[0] != '-' && s[0] != '+' && s[0] != '.' && (s[0] < '0' || s[0] > '9') || strings.ContainsAny(s, "xX_pPiInN") {
		return Key{}, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number(n), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return Key{}, false
	}
	return real(f), true
}
