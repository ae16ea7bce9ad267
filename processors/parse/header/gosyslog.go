package header

import (
	"cmp"
	"slices"

	"github.com/influxdata/go-syslog/v3/rfc5424"
)

// This file and its test are all that knows go-syslog, so a successor replaces them alone.

// strictData reads structured data with escapes. The strict reader is the authority there; ok is false for what it
// refuses. It has no memory between calls: escapes are rare, and what it returns is a copy. Elements and parameters
// come in order of their names, as its maps have lost the order of the line.
func strictData(sd string) (data []Element, ok bool) {
	line := append([]byte("<0>1 - - - - - "), sd...)
	msg, err := rfc5424.NewMachine().Parse(line)
	if err != nil {
		return nil, false
	}
	m, ok := msg.(*rfc5424.SyslogMessage)
	if !ok || m.StructuredData == nil {
		return nil, false
	}
	for id, params := range *m.StructuredData {
		e := Element{ID: id}
		for name, value := range params {
			e.Params = append(e.Params, Param{name, value})
		}
		slices.SortFunc(e.Params, func(a, b Param) int { return cmp.Compare(a.Name, b.Name) })
		data = append(data, e)
	}
	slices.SortFunc(data, func(a, b Element) int { return cmp.Compare(a.ID, b.ID) })
	return data, true
}
