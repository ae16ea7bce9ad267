package canary

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"time"
)

// What a canary is called, in the format that reads it, the rule that answers it and the events that it makes.
const (
	Dataset = "weir.canary"
	Rule    = "weir-canary"
	Program = "weir-canary"
)

// label is that of the rule, by which alerts are known as those of canaries.
const label = "canary"

// message is the whole text of a canary but for its id. The format takes nothing else for one, so nobody can hide a text
// behind it.
const message = "weir canary "

// ids are 26 letters and digits of base 32, as crypto/rand writes 130 random bits.
var ids = regexp.MustCompile(`^` + message + `([A-Z2-7]{26})$`)

// Line is the syslog line (RFC 5424) of a canary.
func Line(id, host string, at time.Time) []byte {
	if host == "" {
		host = "-"
	}
	return fmt.Appendf(nil, "<14>1 %s %s %s %d canary - %s%s", at.UTC().Format("2006-01-02T15:04:05.000000Z"), host, Program, os.Getpid(), message, id)
}

// Is tells whether a record claims to be a canary. It is asked before a record is parsed, for settings that name the format
// of a sender: a canary is read as one whoever sends it.
func Is(record []byte) bool {
	if len(record) > 512 || !bytes.Contains(record, []byte(" "+Program+" ")) {
		return false
	}
	at := bytes.LastIndex(record, []byte(message))
	return at >= 0 && ids.Match(bytes.TrimRight(record[at:], "\r\n"))
}
