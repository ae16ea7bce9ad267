package enrich

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"weir/internal/fault"
)

// columns are the keys of a device, in the order of the documentation.
var columns = []string{"name", "addresses", "site", "group", "service", "owner", "criticality", "time_zone", "presence", "class"}

// source is the file and what is wrong in it.
type source struct {
	file   string
	lines  []string
	faults fault.List
}

// cell is one value and where it stands. Values is more than one only for addresses.
type cell struct {
	values []string
	// From 1; the column in bytes.
	line, column int
}

// text returns the first value, "" for an empty cell.
func (c cell) text() string {
	if len(c.values) == 0 {
		return ""
	}
	return c.values[0]
}

// row is one device as the file has it, by column.
type row map[string]cell

// fault reports a mistake at a cell.
func (s *source) fault(at cell, what, do string) {
	f := &fault.Error{Code: "inventory-invalid", What: what, Do: do, Exit: fault.ExitUsage, Width: 1, Where: s.file}
	if at.line > 0 {
		f.Where = fmt.Sprintf("%s:%d:%d", s.file, at.line, at.column)
		if at.line <= len(s.lines) {
			f.Text = strings.TrimRight(s.lines[at.line-1], "\r")
			before := f.Text[:min(max(at.column-1, 0), len(f.Text))]
			f.Mark = utf8.RuneCountInString(before) + 1
			f.Width = max(1, utf8.RuneCountInString(at.text()))
		}
	}
	s.faults = append(s.faults, f)
}

// readCSV reads the rows of a CSV file. A row that cannot be read is reported and the rest is read on.
func readCSV(src *source, data string) []row {
	r := csv.NewReader(strings.NewReader(data))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	var names []string
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			csvFault(src, err)
			return rows
		}
		at := func(i int) cell {
			line, column := r.FieldPos(i)
			return cell{[]string{strings.TrimSpace(record[i])}, line, column}
		}
		if names == nil {
			names = csvHeader(src, record, at)
			continue
		}
		if len(record) > len(names) {
			src.fault(at(len(names)), fmt.Sprintf("the line has %d values for %d columns", len(record), len(names)), "put values with commas into double quotes")
			continue
		}
		out := row{}
		for i := range record {
			out[names[i]] = at(i)
		}
		if _, ok := out["name"]; !ok {
			out["name"] = cell{nil, at(0).line, at(0).column}
		}
		rows = append(rows, out)
	}
}

// csvFault reports a line that is not CSV. Nothing behind it can be trusted: a missing quote swallows lines.
func csvFault(src *source, err error) {
	at, what := cell{}, err.Error()
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		at, what = cell{nil, p.Line, p.Column}, p.Err.Error()
	}
	src.fault(at, "the line is not CSV: "+what, `put values with commas or quotes into double quotes, and write a quote as ""`)
}

// csvHeader reads the names of the columns.
func csvHeader(src *source, record []string, at func(int) cell) []string {
	names := make([]string, len(record))
	for i := range record {
		names[i] = strings.ToLower(at(i).text())
		checkColumn(src, at(i), names[i], names[:i])
	}
	if !slices.Contains(names, "name") {
		src.fault(at(0), "there is no column name", "begin the file with the line: "+strings.Join(columns, ","))
	}
	return names
}

// checkColumn reports a name that is unknown or was there before.
func checkColumn(src *source, at cell, name string, before []string) {
	switch {
	case !slices.Contains(columns, name):
		src.fault(at, fmt.Sprintf("unknown column %q", name), "use one of "+strings.Join(columns, ", "))
	case slices.Contains(before, name):
		src.fault(at, fmt.Sprintf("the column %s is there twice", name), "leave one of them")
	}
}

// readYAML reads the rows of a YAML file: a list of objects.
func readYAML(src *source, data []byte) []row {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		src.fault(cell{}, "the file is not YAML: "+firstLine(err.Error()), "check its indentation")
		return nil
	}
	var rows []row
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.SequenceNode:
			for _, item := range body.Values {
				if r, ok := yamlRow(src, item); ok {
					rows = append(rows, r)
				}
			}
		default:
			src.fault(position(doc.Body), "the inventory is not a list of devices", "begin each device with: - name: NAME")
		}
	}
	return rows
}

// firstLine drops the picture of the place that the YAML reader draws below its message.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// position is where a node begins.
func position(n ast.Node) cell {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return cell{nil, t.Position.Line, t.Position.Column}
	}
	return cell{}
}

// yamlRow reads one device. Mistakes in it are reported; what is right in it is still used, to report all at once.
func yamlRow(src *source, item ast.Node) (row, bool) {
	var pairs []*ast.MappingValueNode
	switch m := item.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		src.fault(position(item), "a device is not an object", "write it as - name: NAME")
		return nil, false
	}
	out := row{}
	var names []string
	for _, pair := range pairs {
		key := pair.Key.String()
		at := position(pair.Key)
		at.values = []string{key}
		checkColumn(src, at, key, names)
		names = append(names, key)
		if c, ok := yamlCell(src, pair.Value); ok {
			out[key] = c
		}
	}
	if _, ok := out["name"]; !ok {
		out["name"] = position(item)
	}
	return out, true
}

// yamlCell reads a scalar or a list of scalars.
func yamlCell(src *source, n ast.Node) (cell, bool) {
	c := position(n)
	switch n := n.(type) {
	case *ast.NullNode:
		return c, true
	case *ast.SequenceNode:
		for _, v := range n.Values {
			one, ok := yamlCell(src, v)
			if !ok {
				return c, false
			}
			c.values = append(c.values, one.values...)
		}
		return c, true
	case *ast.StringNode:
		c.values = []string{n.Value}
		return c, true
	case ast.ScalarNode: // a name like 10 or true: as it is written
		c.values = []string{n.GetToken().Value}
		return c, true
	}
	src.fault(c, "the value is not a text or a list of texts", "write it in one line")
	return c, false
}

// device makes a device of a row, nil if its name is missing. Every mistake is reported.
func device(src *source, r row) *Device {
	d := &Device{
		Name: r["name"].text(), Site: r["site"].text(), Group: r["group"].text(), Service: r["service"].text(),
		Owner: r["owner"].text(), Criticality: strings.ToLower(r["criticality"].text()), Class: r["class"].text(),
	}
	if d.Name == "" {
		src.fault(r["name"], "a device has no name", "fill in name")
		return nil
	}
	for _, value := range r["addresses"].values {
		for _, s := range strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ';' || c == ',' || c == '\t' }) {
			p, err := prefix(s)
			if err != nil {
				src.fault(r["addresses"], fmt.Sprintf("%q is not an address or a network", s), "write it as 192.0.2.1 or 192.0.2.0/24")
				continue
			}
			d.Addresses = append(d.Addresses, p)
		}
	}
	if zone := r["time_zone"].text(); zone != "" {
		loc, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			src.fault(r["time_zone"], fmt.Sprintf("unknown time zone %q", zone), "write it as Asia/Seoul or UTC")
		}
		d.Zone = loc
	}
	switch d.Criticality {
	case "", "low", "medium", "high", "critical":
	default:
		src.fault(r["criticality"], fmt.Sprintf("unknown criticality %q", d.Criticality), "use low, medium, high or critical")
	}
	switch presence := strings.ToLower(r["presence"].text()); presence {
	case "":
	case "expected":
		d.Expected = true
	case "ephemeral":
		d.Ephemeral = true
	default:
		src.fault(r["presence"], fmt.Sprintf("unknown presence %q", presence), "use expected, ephemeral or nothing")
	}
	return d
}

// prefix reads an address or a network. Bits behind the network's length are dropped, as in 192.0.2.1/24.
func prefix(s string) (netip.Prefix, error) {
	if strings.IndexByte(s, '/') >= 0 {
		p, err := netip.ParsePrefix(s)
		// Lookup asks with IPv4 addresses as such: a network of them that is written as IPv6 must be one too.
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), nil
}
