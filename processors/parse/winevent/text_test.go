package winevent

import (
	"encoding/json"
	"strings"
	"testing"

	"weir/event"
)

// Texts of every length with an escape at every place: words of eight bytes begin and end anywhere.
func TestRead_TextsOfEveryLength(t *testing.T) {
	r := New(paths)
	var e event.Event
	for _, escape := range []string{"", `\\`, `\"`, `\/`, `\b\f\n\r\t`, `\u00e9`, `\ud83d\ude00`, `\ud83d`, `\udead\u0041`, "é", "\U0001F600"} {
		for n := range 40 {
			for at := 0; at <= n; at += 3 {
				plain := strings.Repeat("abcdefgh", 5)[:n]
				line := `{"A":"` + plain[:at] + escape + plain[at:] + `","B":"` + escape + plain + `"}`
				var want struct{ A, B string }
				if err := json.Unmarshal([]byte(line), &want); err != nil {
					t.Fatal(err)
				}
				if err := r.Read([]byte(line), &e); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				if a, b := e.GetPath("winlog.event_data.A").Text(), e.GetPath("winlog.event_data.B").Text(); a != want.A || b != want.B {
					t.Fatalf("%s: got %q and %q, want %q and %q", line, a, b, want.A, want.B)
				}
			}
		}
	}
}

// Texts without escapes cost no copy, and no text is changed by those after it.
func TestRead_TextsStayAsTheyAre(t *testing.T) {
	r := New(paths)
	var e event.Event
	line := []byte(`{"A":"plain text","B":"with \"escapes\"","C":"and \\ more","D":"\u0041"}`)
	if err := r.Read(line, &e); err != nil {
		t.Fatal(err)
	}
	if got := flatten(&e); strings.Join(got, "|") != `winlog.event_data.A=plain text|winlog.event_data.B=with "escapes"|winlog.event_data.C=and \ more|winlog.event_data.D=A` {
		t.Errorf("got %q", got)
	}
	copy(line[6:], "PLAIN") // an event aliases its line
	if got := e.GetPath("winlog.event_data.A").Text(); got != "PLAIN text" {
		t.Errorf("the text %q is a copy", got)
	}
}

// Where the bytes of a text that is not closed end, whatever their number.
func TestRead_TextsThatDoNotEnd(t *testing.T) {
	for n := range 20 {
		for _, tail := range []string{"", `\`, `\u`, `\u00`, `\x`, "\x00", "\n", `\"`, `\\`} {
			for _, head := range []string{"", `\n`} {
				line := `{"A":"` + head + strings.Repeat("x", n) + tail
				var e event.Event
				if err := New(paths).Read([]byte(line), &e); err == nil {
					t.Errorf("%q was read as %q", line, flatten(&e))
				}
			}
		}
	}
}

func TestSpecial(t *testing.T) {
	for c := range 256 {
		for at := range 8 {
			b := []byte("abcdefgh")
			b[at] = byte(c)
			marked := special(word(string(b), 0)) != 0
			if want := c == '"' || c == '\\' || c < ' '; marked != want || ordinary(byte(c)) == want {
				t.Fatalf("byte %d at %d: marked %v, ordinary %v", c, at, marked, ordinary(byte(c)))
			}
		}
	}
}

// A Data element is read twice, so its escapes take more room than the line has.
func TestRead_EscapesOfWhatIsReadTwice(t *testing.T) {
	long := strings.Repeat(`\\`, 300)
	line := `{"A":"` + long + `","Event":{"EventData":{"Data":[{"#text":"` + long + `","@Name":"B"},{"#text":"` + long + `","@Name":"C"}]}}}`
	var e event.Event
	if err := New(paths).Read([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A", "B", "C"} {
		if got := e.GetPath("winlog.event_data." + name).Text(); got != strings.Repeat(`\`, 300) {
			t.Errorf("%s has %d characters", name, len(got))
		}
	}
}
