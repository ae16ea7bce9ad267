package risk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"

	"weir/internal/alert"
)

// Rule is the id of the alerts that this package makes.
const Rule = "weir-risk"

// shown bounds the contributions that an alert lists.
const shown = 20

// Part is what one alert adds to the score of an entity.
type Part struct {
	Alert    string    `json:"alert"`
	Revision int       `json:"-"` // of the alert, as it was when this was written
	Rule     string    `json:"rule"`
	Level    string    `json:"level"`
	What     string    `json:"what"`
	At       time.Time `json:"at"`
	Points   float64   `json:"points"` // as they are at the time that was asked for
}

// Episode is an entity whose score has crossed the threshold, until it falls below half of it.
type Episode struct {
	Entity
	Begin    time.Time // event time of the alert with which it crossed
	Revision int
	At       time.Time // event time of this revision
	Score    float64   // then
	// First is the time of the oldest contribution that counts, Alerts and Rules are how many there are.
	First  time.Time
	Alerts int
	Rules  int
	// Parts are the largest of them, the largest first.
	Parts []Part
}

// ID is that of the episode's alert. It follows from what it is about and since when, so that the same events make the same
// alert.
func (e *Episode) ID() string {
	sum := sha256.Sum256([]byte(Rule + "\x00" + e.Kind + "\x00" + e.Value + "\x00" + strconv.FormatInt(e.Begin.UnixNano(), 10)))
	return hex.EncodeToString(sum[:8])
}

// korean are the kinds of entities in Korean.
var korean = map[string]string{User: "사용자", Host: "호스트", Address: "주소"}

// Alert is a revision of the episode's alert. Its evidence are the alerts behind it, under the ids of their documents.
func (c Config) Alert(e *Episode) alert.Alert {
	score, most := int(math.Round(e.Score)), int(math.Round(c.Threshold))
	a := alert.Alert{
		ID: e.ID(), Revision: e.Revision, Rule: Rule, Version: 1, Title: "Many alerts about one user, host or address", TitleKo: "한 대상에 대한 많은 알림", Level: "high",
		Group: map[string]string{field[e.Kind]: e.Value}, First: e.First, Last: e.At, Created: e.Begin, Count: e.Alerts,
		What:   fmt.Sprintf("%s %s has a risk of %d from %s by %s", e.Kind, e.Value, score, count(e.Alerts, "alert"), count(e.Rules, "rule")),
		WhatKo: fmt.Sprintf("%s %s의 위험도 %d: 규칙 %d개의 알림 %d건", korean[e.Kind], e.Value, score, e.Rules, e.Alerts),
		Conditions: []alert.Condition{
			{Name: "score", Expr: "points of all alerts, half of them gone after " + c.HalfLife.String(), Needed: most, Matched: score},
			{Name: "rules", Expr: "different rules behind them", Needed: c.Rules, Matched: e.Rules},
		},
	}
	for _, p := range e.Parts[:min(len(e.Parts), shown)] {
		a.Evidence = append(a.Evidence, alert.Evidence{EventID: p.Alert + "-" + strconv.Itoa(p.Revision), Time: p.At, When: "score", Values: map[string]string{
			"message": p.What, "rule.id": p.Rule, "weir.alert.id": p.Alert, "weir.alert.level": p.Level, "points": strconv.FormatFloat(p.Points, 'f', 1, 64),
		}})
	}
	return a
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// EntityOf returns what an alert of this package is about.
func EntityOf(a *alert.Alert) (Entity, bool) {
	if a.Rule != Rule {
		return Entity{}, false
	}
	for kind, path := range field {
		if e, ok := entity(kind, a.Group[path]); ok {
			return e, true
		}
	}
	return Entity{}, false
}
