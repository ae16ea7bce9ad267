// Package query is KQL, the Kibana Query Language: one grammar, and a predicate over one event made from it.
// The archive and Elasticsearch plan from the same tree ([Query.Root]); package kqltest holds the cases that all of
// them must answer alike. This comment is the one place that says what a query means.
//
// # Grammar
//
//	query   = or ;  or = and { "or" and } ;  and = not { "and" not } ;  not = "not" not | primary
//	primary = "(" query ")" | field ":" values | field op value | field ":" "{" query "}" | value
//	values  = value | "(" values { ("and" | "or") ["not"] values } ")"
//	value   = words | "quoted text"         op = ">" | ">=" | "<" | "<="
//
// "and", "or" and "not" are read in any case; and binds closer than or. Words go on over blanks up to the next
// keyword, colon, parenthesis or operator: user.name: Kim Min is one value. Outside quotes \ ( ) : < > " * { } are
// written with a backslash before them, a keyword that is meant as a word as \and (and \order may be), blanks at an end as \t \r \n, any
// character as \uXXXX. In quotes only \" \\ \t \r \n \uXXXX are special, and a star is a star. An empty query matches
// every event, as do * and *:*.
//
// # What a value means depends on the field
//
//   - keyword: the whole value, upper and lower case differ. A star stands for any run of characters, also none.
//   - text (message, error.message): words without quotes match if any of them is a token of the text; in quotes all
//     of them must follow one another. Upper and lower case are alike. A word with a star is held against each token.
//   - number: equal as a number, so 80 is 80.0 and "80".
//   - date: RFC 3339, a shortened form of it (2026-11-21T10:00, 2026-11-21, 2026-11, 2026), milliseconds since 1970,
//     now-15m, now/d, 2026-11-21||+1M/d. A shortened date means the whole day, month or year, so > begins after its
//     end and <= includes it. A date without a zone is read in the zone of the clock that the query was parsed with.
//   - ip: an address, or a network as 10.0.0.0/8; 10.1.* means 10.1.0.0/16. IPv6 has colons and so needs quotes.
//   - boolean: true or false.
//   - open keys (labels.env, weir.data.bytes) and paths that no list knows: as keyword, and numbers as numbers.
//     The name of an open field alone (weir.data: x) means any value below it.
//
// Of a list any item may match. A field that is absent, null or an empty list matches nothing, and so a condition on
// it is false and its negation true. field: * is true when the field, or any field below it, has a value.
// A star in a field's name means any field of that name: source.*: 10.0.0.1. There, and in free text, fields whose
// type cannot hold the value are passed over; where one field is named, such a value is an error.
//
// Free text (no field) looks into every keyword, text, ip and number field and every open key, each by its own rule;
// it does not look into dates, booleans, event.original and weir.original_base64.
//
// Ranges compare numbers, dates and addresses as such and keywords by their bytes; below an open field they compare
// numbers where both sides are numbers, else bytes. A text field has no order. field:{a: x and b: y} is true
// when one object of a list has both.
//
// # Tokens
//
// A token is a run of letters, digits, marks and underscores, as Unicode's word boundaries (UAX 29) and so
// Elasticsearch's standard tokenizer find it: a point or an apostrophe between two letters and a point or a comma
// between two digits do not end it (example.com and 203.0.113.5 are one token each), Han and Hiragana characters are
// one token each, Katakana joins only Katakana, and a token is cut every 255 characters. One difference is on purpose:
// a colon always separates, so that user:alice is found by alice. An Elasticsearch mapping gets the same with a
// character filter that maps ":" to a blank.
package query
