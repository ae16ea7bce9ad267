// Package ecs names the types of ECS fields, as far as weir tells them apart.
//
// It stands by itself, below event, so that code that only asks which type a field has (stores, queries, generators)
// reads as what it is: ecs.Keyword, ecs.IP.
package ecs

// Type is the type of a field, folded to those that a value is checked against. The numbers are no format: nothing
// stores them.
type Type uint8

// The types, with the Elasticsearch types that fold into each.
const (
	// Keyword is text that is compared as a whole: keyword, constant_keyword, wildcard.
	Keyword Type = iota
	// Text is prose that is searched by its words: text, match_only_text.
	Text
	// Long is a whole number that int64 holds: long, integer, short.
	Long
	// Double is any number: double, float, scaled_float. A whole number is as good as one with a fraction.
	Double
	// Date is a moment: date.
	Date
	// Boolean is true or false: boolean.
	Boolean
	// IP is an address of version 4 or 6 as text, without a zone, a port or a mask: ip.
	IP
	// GeoPoint is a place on earth: geo_point. It may be an object or a pair of numbers, so a list of two numbers is
	// one value here.
	GeoPoint
	// Nested is an object as a value, whose members have no fields of their own: object, nested.
	Nested
	// Flattened is an object with keys that nobody foresaw, all of them text to a store: flattened.
	Flattened
)

// Asked is the type of no field: a path is made known with it that only a condition names. It may be a mistake, and is a
// Keyword if anybody fills it.
const Asked Type = 255
