package match

import (
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/naive"
)

func formsEvent(t *testing.T) *event.Event {
	t.Helper()
	var e event.Event
	if err := e.Decode([]byte(`{"@timestamp":"2026-11-21T07:50:08Z","event":{"code":"4625","severity":5,"sequence":9007199254740993},"labels":{"n":"-1.50","hex":"0x10","word":"five","list":["x",3,"12"]},
		"file":{"created":"2026-11-21T07:49:38Z"},"process":{"start":"2020-12-31T23:30:00+09:00"}}`)); err != nil {
		t.Fatal(err)
	}
	return &e
}

func TestFormsOfFields(t *testing.T) {
	t.Parallel()
	e := formsEvent(t)
	for src, want := range map[string]bool{
		`number(event.code) == 4625`: true, `number(event.code) > 4625`: false, `number(event.code) in [1, 4625]`: true, `4000 < number(event.code)`: true,
		`number(event.severity) == 5`: true, `number(labels.n) < -1`: true, `number(labels.n) == -1.5`: true, `number(labels.hex) >= 0`: false, `number(labels.word) != 5`: false,
		`number(labels.list) == 12`: true, `number(labels.list) > 12`: false, `number(labels.list) != 3`: false, `number(labels.list) != 4`: true, `number(user.domain) != 4`: false,
		`number(event.sequence) == 9007199254740993`: true, `number(event.sequence) == 9007199254740992`: false, `number($env) == 4625`: true, `number($env) == 4626`: false,
		`not (number(user.domain) == 4)`: true, `number(event.code) in []`: false, `event.code > 1`: false, `event.severity > 1`: true, `$env > 4000`: true, `$env > 5000`: false,
		`hour(@) == 7`: true, `minute(@) == 50`: true, `day(@) == 21`: true, `month(@) == 11`: true, `year(@) == 2026`: true, `week(@) == 47`: true, `hour(@) in [0, 1, 2]`: false, `hour(@) < 8 and hour(@) >= 7`: true,
		`hour(process.start) == 14`: true, `week(process.start) == 53`: true, `hour(labels.word) >= 0`: false,
		`age(file.created) == 30`: true, `age(file.created) < 30.5`: true, `age(file.created) > 30`: false, `age(process.start) > 86400 * 1`: false, `age(labels.word) < 0`: false, `age(user.domain) < 5`: false,
	} {
		src = strings.ReplaceAll(src, "@", `$env["@timestamp"]`)
		c, err := Compile(src)
		if strings.Contains(src, "*") { // a calculation is no number yet
			if err == nil {
				t.Errorf("%s is taken", src)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := c.Match(e); got != want || c.Slow() != 0 {
			t.Errorf("%s: %v, %d parts on the machine", src, got, c.Slow())
		}
		sameAgain(t, c, src, e)
	}
}

// TestTheClockIsThatOfThePlaceWhereItWasLogged: off hours are those of the people there. Saturday in Seoul is still Friday
// in UTC.
func TestTheClockIsThatOfThePlaceWhereItWasLogged(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"": "20 5", "+09:00": "5 6", "Asia/Seoul": "5 6", "-05:00": "15 5", "nowhere": "20 5"} {
		var e event.Event
		if err := e.Decode([]byte(`{"weir":{"time":"2026-11-20T20:30:00Z"},"event":{"timezone":"` + zone + `"}}`)); err != nil {
			t.Fatal(err)
		}
		hour, day, _ := strings.Cut(want, " ")
		c := mustCompile(t, "hour(weir.time) == "+hour+" and weekday(weir.time) == "+day)
		if !c.Match(&e) || !naive.Holds(c.Tree(), &e) {
			t.Errorf("%q: not %s, by naive %v", zone, want, naive.Holds(c.Tree(), &e))
		}
	}
}

// TestAgeLooksAtTheEventsOwnTime: weir.time before @timestamp, and without either there is no age.
func TestAgeLooksAtTheEventsOwnTime(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, `age(file.created) == 10`)
	for doc, want := range map[string]bool{
		`{"file":{"created":"2026-01-01T00:00:00Z"}}`:                                                                                false,
		`{"@timestamp":"2026-01-01T00:00:10Z","file":{"created":"2026-01-01T00:00:00Z"}}`:                                            true,
		`{"weir":{"time":"2026-01-01T00:00:10Z"},"@timestamp":"2026-01-01T00:00:20Z","file":{"created":"2026-01-01T00:00:00Z"}}`:     true,
		`{"weir":{"time":"2026-01-01T00:00:20Z"},"@timestamp":"2026-01-01T00:00:10Z","file":{"created":"2026-01-01T00:00:00Z"}}`:     false,
		`{"@timestamp":"2026-01-01T00:00:00Z","file":{"created":["2026-01-01T00:00:01Z","2025-12-31T23:59:50Z"]}}`:                   true,
		`{"@timestamp":"2026-01-01T00:00:00Z","file":{"created":"2026-01-01T00:00:10Z"},"weir":{"time":"2026-01-01T00:00:20.000Z"}}`: true,
	} {
		var e event.Event
		if err := e.Decode([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		if got := c.Match(&e); got != want {
			t.Errorf("%s: %v", doc, got)
		}
	}
	if got := strings.Join(c.Fields(), " "); got != "file.created weir.time @timestamp" {
		t.Errorf("it reads %s", got)
	}
}

func TestFormsAreComparedWithNumbers(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`number(event.code)`, `number(event.code) == "4625"`, `number(event.code) contains "4"`, `number(event.code, 5) == 5`, `number() == 5`, `number(5) == 5`, `hour(lower(user.name)) == 5`, `hour(event.code) == minute(event.code)`,
		`number(event.code) in ["a"]`, `ieq(number(event.code), "5")`, `number(event.code) == user.name`, `number(event.code) + 1 == 5`, `any(related.ip, number(#) == 5)`,
	} {
		c, err := Compile(src)
		if err == nil {
			t.Errorf("%s is taken as %s", src, c.Tree())
		} else if strings.Contains(err.Error(), "unknown function") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestFormsAllocateNothing(t *testing.T) {
	e := formsEvent(t)
	for _, src := range []string{`number(event.code) > 5000`, `number(labels.word) > 1`, `hour(file.created) == 3`, `hour(labels.word) == 3`, `age(file.created) > 1000`, `number($env) == 77`} {
		c := mustCompile(t, src)
		c.Match(e)
		if n := testing.AllocsPerRun(100, func() { c.Match(e) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}
