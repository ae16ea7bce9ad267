package privacy

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

// namesTable says which names of columns mean what, in English and Korean, without blanks, signs and capitals.
//
//go:embed names.csv
var namesTable string

// wordsTable says which words mean which task or change. Above stands what weighs more: a word that is two of them
// ("search and download") is the heavier one.
//
//go:embed words.csv
var wordsTable string

// Kind is one of the two records.
type Kind uint8

const (
	// AccessRecord says that somebody touched personal data.
	AccessRecord Kind = iota
	// RightsRecord says that an access right was given, changed or taken, or is held.
	RightsRecord
)

// kindWords are the kinds in the tables.
var kindWords = [...]string{AccessRecord: "access", RightsRecord: "rights"}

// item is one thing that a record says.
type item uint8

const (
	itemTime item = iota
	itemID
	itemName
	itemFullName
	itemDepartment
	itemAddress
	itemHost
	itemSubject
	itemCount
	itemAction
	itemReason
	itemSystem
	itemResult
	itemTargetID
	itemTargetName
	itemTargetFullName
	itemRight
	itemOld
	itemNew
	itemApprover
	itemApproved
	itemUntil
	itemPerson // whose right it is, or who gave it: see row.person
	items      // how many there are
)

// itemWords are the items in the table of names.
var itemWords = [items]string{"time", "id", "name", "fullname", "department", "address", "host", "subject", "count", "action", "reason", "system", "result",
	"targetid", "targetname", "targetfullname", "right", "old", "new", "approver", "approved", "until", "person"}

// names are the items by the names of columns, one map a kind.
var names = readNames(namesTable)

// readNames reads the table.
func readNames(table string) (out [2]map[string]item) {
	byWord := map[string]item{}
	for i, w := range itemWords {
		byWord[w] = item(i)
	}
	for kind, word := range kindWords {
		out[kind] = map[string]item{}
		for line := range strings.Lines(table) {
			c := strings.Split(strings.TrimSpace(line), ",")
			it, ok := byWord[c[min(1, len(c)-1)]]
			if !ok || c[0] != word {
				continue
			}
			for name := range strings.FieldsSeq(c[2]) {
				out[kind][name] = it
			}
		}
	}
	return out
}

// word is one word of the table of words.
type word struct{ text, action string }

// words are the words of each kind, the heavier ones first.
var words = readWords(wordsTable)

// readWords reads the table.
func readWords(table string) (out [2][]word) {
	for line := range strings.Lines(table) {
		c := strings.Split(strings.TrimSpace(line), ",")
		for kind, name := range kindWords {
			if c[0] != name {
				continue
			}
			for w := range strings.FieldsSeq(c[2]) {
				out[kind] = append(out[kind], word{w, c[1]})
			}
		}
	}
	return out
}

// plain makes names comparable: letters and digits alone, in small letters. "User ID", "user_id" and "user.id" are one name,
// and so are "접속 일시" and "접속일시".
func plain(name string) string {
	clean := true
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.IsUpper(r) {
			clean = false
			break
		}
	}
	if clean {
		return name
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// action returns the task or change that a word means, "" if nobody knows. A phrase is what the heaviest word in it says.
func (k Kind) action(text string) string {
	p := plain(text)
	if p == "" {
		return ""
	}
	for _, w := range words[k] {
		if w.text == p {
			return w.action
		}
	}
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range words[k] {
		// A word of Korean or a long one may be part of another; a short one of Latin letters stands by itself.
		if slices.Contains(parts, w.text) || (len(w.text) > 5 || w.text[0] >= 0x80) && strings.Contains(p, w.text) {
			return w.action
		}
	}
	return ""
}

// Item returns what a column of this name means in records of this kind, by its name in the table: targetid, right. ok is
// false where a record has no such column.
func (k Kind) Item(column string) (item string, ok bool) {
	it, ok := names[k][plain(column)]
	if !ok {
		return "", false
	}
	return itemWords[it], true
}
