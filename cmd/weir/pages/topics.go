package pages

import "weir/internal/term"

// Topics are pages that belong to no command, in the order of completion.
// They are read on terminals of 80 columns, and tests parse what they promise: each form of a time, each query.
var Topics = []struct{ Name, Text string }{
	{"time", "Times, as --from and --to take them\n\n" + term.TimeForms + `

--from is included, --to is not. A time that a clock change skips or repeats is
refused with both readings. Terminals show local time with its offset in the
head of the column (--utc: UTC); pipes and --json always get UTC.
`},
	{"kql", `KQL in one page

hello                          the word, in any text of the event
"failed password"              the words in this order
user.name: root                the field has this value
user.name: (root or admin)     one of several
source.ip: 203.0.113.0/24      addresses of a network
url.path: /admin*              any ending
http.response.status_code >= 500     < <= > >= on numbers, times and addresses
@timestamp >= "2026-11-21"
user.name: *                   the field is there at all
not event.outcome: success     and, or, not; and binds closer; ( ) group
a\:b                           \ takes the meaning from : ( ) { } < > " *

Names of fields are those of ECS. Case matters in values of keyword fields and
not in words. In a shell put the whole query into single quotes:

  weir search 'source.ip: 203.0.113.5 and event.outcome: failure' --from -15m
`},
}
