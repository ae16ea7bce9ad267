package windows

import (
	"testing"

	"weir/event"
)

func TestNumber0(t *testing.T) {
	for name, c := range map[string]struct {
		code, id event.Value
		want     int
		text     string
	}{
		"a text":      {event.Str("4624"), event.Value{}, 4624, "4624"},
		"a number":    {event.Num(1), event.Value{}, 1, "1"},
		"the agent's": {event.Value{}, event.Num(7), 7, "7"},
		"both":        {event.Str("1"), event.Str("2"), 1, "1"},
		"none":        {event.Value{}, event.Value{}, -1, ""},
		"null":        {event.Nil(), event.Str("3"), 3, "3"},
		"no number":   {event.Str("x"), event.Value{}, -1, "x"},
		"below zero":  {event.Num(-5), event.Value{}, -1, "-5"},
		"several":     {event.Strs("1", "2"), event.Value{}, -1, "1,2"},
		"too many digits": {event.Str("99999999999999999999"), event.Value{}, -1,
			"99999999999999999999"},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			e.Set(event.EventCode, c.code)
			e.Set(event.WinlogEventID, c.id)
			if got := number0(&e); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
			compare(t, &e, want{"event.code": c.text})
		})
	}
}

func TestLevel(t *testing.T) {
	for s, want1 := range map[string]string{"0": "information", "1": "critical", "2": "error", "3": "warning", "4": "information", "5": "verbose", "Warning": "warning", "9": "9", "": ""} {
		var e event.Event
		e.SetStr(event.WinlogLevel, s)
		level(&e)
		compare(t, &e, want{"log.level": want1})
	}
	var e event.Event
	e.SetStr(event.LogLevel, "notice")
	e.SetStr(event.WinlogLevel, "2")
	level(&e)
	compare(t, &e, want{"log.level": "notice"})
}

func TestOutcome(t *testing.T) {
	for s, want1 := range map[string]string{
		"0x8020000000000000": "success", "0x8010000000000000": "failure",
		"0x4020000000000000": "success", "0x8000000000000000": "", "Audit Failure": "failure",
		"Failure Audit": "failure",
		"Classic":       "", "": "", "0x": "", "80200000000000000000": "",
	} {
		var e event.Event
		e.Set(event.WinlogKeywords, event.Strs("Classic", s))
		outcome(&e)
		compare(t, &e, want{"event.outcome": want1})
	}
}

func TestTimes(t *testing.T) {
	for s, want1 := range map[string]string{"2024-03-05T10:20:30.1234567Z": "2024-03-05T10:20:30.123456700Z", "2024-03-05 10:20:30": "2024-03-05T10:20:30.000Z", "soon": "", "9999-01-01T00:00:00Z": "", "": ""} {
		var e event.Event
		e.SetStr(event.WinlogTimeCreated, s)
		times(&e)
		compare(t, &e, want{"@timestamp": want1})
	}
}

// User data are event data to rules, unless the event has such data itself.
func TestUserData(t *testing.T) {
	var e event.Event
	dSubjectName.set(&e, "kim")
	e.SetMember(event.WinlogUserData, "SubjectUserName", event.Str("lee"))
	e.SetMember(event.WinlogUserData, "Odd", event.Str("x"))
	e.SetMember(event.WinlogUserData, "xml_name", event.Str("K"))
	userData(&e)
	compare(t, &e, want{"winlog.event_data.SubjectUserName": "kim",
		"winlog.event_data.Odd": "x", "winlog.event_data.xml_name": "",
		"winlog.user_data.SubjectUserName": "lee"})
	e.Reset()
	e.SetStr(event.WinlogUserData, "text")
	userData(&e)
	compare(t, &e, want{"winlog.user_data": "text"})
}

// What a record said itself stays, and what follows from nothing is not set.
func TestFill_Nothing(t *testing.T) {
	var e event.Event
	fill(&e)
	compare(t, &e, want{"event.code": "", "event.action": "", "event.provider": "",
		"user.name": "", "event.kind": "event", "host.os.type": "windows"})
	e.Reset()
	e.SetStr(event.Message, "said")
	e.SetStr(event.EventKind, "state")
	e.SetStr(event.HostOSType, "x")
	e.SetStr(event.EventOutcome, "unknown")
	e.SetStr(event.WinlogKeywords, "Audit Failure")
	fill(&e)
	compare(t, &e, want{"message": "said", "event.kind": "state", "host.os.type": "x",
		"event.outcome": "unknown"})
}
