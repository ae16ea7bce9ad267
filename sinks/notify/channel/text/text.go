// Package text says in English or Korean what a message is about: in a subject, in one line, or whole.
//
// Much of what it prints was chosen by whoever wrote the logs. So every such text is escaped here,
// before it is cut, and what comes out has no control characters but the line ends between our own
// lines.
package text

import (
	"time"
	"unicode/utf8"

	"weir/internal/term"
	"weir/sinks/notify/channel"
)

// Bounds of what a person reads. The alert itself has everything.
const (
	subjectRunes  = 200
	evidenceRunes = 300
	valueRunes    = 200
	alertsShown   = 20
	evidenceShown = 6
	shortID       = 12 // letters of an alert's id: enough for weir alerts show
)

// Clean makes a text from outside harmless: control characters, invisible ones and those that turn the
// direction become visible, and bytes that are no UTF-8 too.
func Clean(s string) string { return term.Escape(s) }

// Clip cuts a text to a number of characters; what is cut ends in "…".
func Clip(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:max(0, runes-1)]) + "…"
}

// What is what an alert says happened, in the language of the message: its rule's explanation with the
// values filled in, else the rule's title, else its id. It is never longer than the rule made it;
// whoever has little room clips it.
func What(m *channel.Message, a *channel.Alert) string {
	what := a.What
	if m.Lang == "ko" && a.WhatKo != "" {
		what = a.WhatKo
	}
	if what == "" {
		what = a.Title
	}
	if what == "" {
		what = a.Rule
	}
	return Clean(what)
}

// Subject is one line of at most 200 characters: how bad, in which state, and what. How many alerts
// there are stands at its end and is never cut off: one that reads only this must know that there is
// more.
func Subject(m *channel.Message) string {
	w := wordsOf(m.Lang)
	first := lead(m)
	head := w.level(first.Level)
	switch m.Kind {
	case channel.Repeat:
		head += ", " + w.repeat
	case channel.Escalation:
		head += ", " + w.escalation
	case channel.Resolved:
		head = w.resolved
	case channel.Test:
		head = w.test
	case channel.Notice:
		return Clip(Clean(m.Group), subjectRunes)
	case channel.Digest:
		return Clip("["+w.digest+"] "+Clean(m.Group), subjectRunes)
	}
	s := "[" + head + "] " + What(m, first)
	if n := len(m.Alerts) - 1 + m.More; n > 0 {
		more := " " + w.more(n)
		return Clip(s, subjectRunes-utf8.RuneCountInString(more)) + more
	}
	return Clip(s, subjectRunes)
}

// Short is for where there is one line and no more: the subject with how often, since when, and the id
// by which weir knows the alert, in one line.
func Short(m *channel.Message) string {
	w, first := wordsOf(m.Lang), lead(m)
	s := Subject(m)
	if first.Count > 1 {
		s += "; " + w.times(first.Count)
	}
	if !first.First.IsZero() {
		s += "; " + w.since + " " + local(m, first.First).Format("15:04:05")
	}
	if first.ID != "" {
		s += "; " + ID(first.ID)
	}
	return s
}

// ID shortens an alert's id to what people type. Ids are hashes: twelve letters are enough for more
// alerts than anybody reads.
func ID(id string) string {
	id = Clean(id)
	if len(id) > shortID {
		return id[:shortID]
	}
	return id
}

// lead is the alert that a message is named after: the first, which is the worst. A digest may have
// none; an empty one then keeps every caller from asking.
func lead(m *channel.Message) *channel.Alert {
	if len(m.Alerts) == 0 {
		return &channel.Alert{}
	}
	return &m.Alerts[0]
}

// local gives a time in the zone of the message's own time, so that one setting decides what all
// channels show.
func local(m *channel.Message, t time.Time) time.Time { return t.In(m.Time.Location()) }
