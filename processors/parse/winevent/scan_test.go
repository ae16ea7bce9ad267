package winevent

import (
	"encoding/json"
	"testing"

	"weir/event"
)

// Values in every form: what encoding/json takes is taken, with the text that was written, and nothing else is.
func TestRead_Values(t *testing.T) {
	r := New(paths)
	for _, value := range []string{
		"0", "-0", "1", "-1", "10", "4625", "-9223372036854775808", "9223372036854775807", "18446744073709551615", "123456789012345678901234567890",
		"0.5", "-0.5", "1e5", "1E5", "1e+5", "1e-5", "1.5e300", "1e999",
		"01", "-", "+1", ".5", "5.", "1e", "1e+", "0x10", "1_000", "--1", "1.2.3", "NaN", "Infinity", "-Infinity",
		"true", "false", "null", "True", "tru", "truex", "nul", "nulll", "undefined", "",
		`"x"`, `'x'`, `x`, `{}`, `[]`, `{"B":1}`, `[1,"x",null]`, `[1,]`, `[,1]`, `[1 2]`, `{"B"}`, `{"B":}`, `{B:1}`, `{"B":1 "C":2}`, `[`, `]`, `{`, `}`,
		" 1", "\t1\n", "1 ", "\r\n[ 1 , 2 ]\r\n", "\v1", "\u00a01",
	} {
		line := `{"A":` + value + `}`
		var e event.Event
		err := r.Read([]byte(line), &e)
		if valid := json.Valid([]byte(line)); valid != (err == nil) {
			t.Errorf("%s: %v, valid: %v", line, err, valid)
		}
		if err == nil {
			if text := missing(t, []byte(line), &e); text != "" {
				t.Errorf("%s: %q is nowhere in %q", line, text, flatten(&e))
			}
		}
	}
}

// In an ECS document values have types; in the data of an event they are texts, as Windows has them.
func TestRead_Types(t *testing.T) {
	line := `{"process":{"pid":7,"thread":{"id":1.5},"interactive":true},"winlog":{"event_data":{"Pid":7,"Ratio":1.50,"On":true}},"event":{"code":4625,"sequence":12345678901234567890}}`
	var e event.Event
	if err := New(paths).Read([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		kind event.Kind
		text string
	}{
		"process.pid":             {event.Int, "7"},
		"process.thread.id":       {event.Float, "1.5"},
		"process.interactive":     {event.Bool, "true"},
		"winlog.event_data.Pid":   {event.String, "7"},
		"winlog.event_data.Ratio": {event.String, "1.50"},
		"winlog.event_data.On":    {event.String, "true"},
		"event.code":              {event.String, "4625"},
		"event.sequence":          {event.String, "12345678901234567890"}, // more than a number of the event holds
	} {
		if v := e.GetPath(path); v.Kind() != want.kind || v.Text() != want.text {
			t.Errorf("%s is %s of kind %d, want %s of kind %d", path, v, v.Kind(), want.text, want.kind)
		}
	}
}
