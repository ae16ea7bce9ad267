package threat

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// columns are where a CSV file has what; -1: nowhere.
type columns struct {
	// A feed with a column of values and one of their types, such as those of abuse.ch and of most exchanges.
	value, typ, description, confidence, expires int
	// kinds are columns that hold values of one kind: a file may have several in a row (md5, sha1, sha256).
	kinds map[int]Kind
}

// names of columns, in small letters, as feeds write them.
var (
	valueNames       = []string{"indicator", "value", "ioc", "ioc_value", "observable", "pattern"}
	typeNames        = []string{"type", "ioc_type", "indicator_type", "kind"}
	descriptionNames = []string{"description", "malware_printable", "malware", "threat", "campaign", "signature", "info", "comment", "name"}
	confidenceNames  = []string{"confidence", "confidence_level", "score"}
	expiresNames     = []string{"expires", "expiration", "valid_until", "expires_at"}
	kindNames        = map[string]Kind{
		"ip": IP, "ip_address": IP, "ipaddress": IP, "src_ip": IP, "dst_ip": IP, "dstip": IP, "address": IP, "cidr": CIDR, "network": CIDR,
		"netblock": CIDR, "domain": Domain, "hostname": Domain, "host": Domain, "fqdn": Domain, "url": URL, "md5": Hash, "md5_hash": Hash,
		"sha1": Hash, "sha1_hash": Hash, "sha256": Hash, "sha256_hash": Hash, "hash": Hash,
	}
)

// typeKinds are the words for kinds within a column.
var typeKinds = map[string]Kind{
	"ip": IP, "ipv4": IP, "ipv6": IP, "ipv4-addr": IP, "ipv6-addr": IP, "ip-src": IP, "ip-dst": IP, "cidr": CIDR, "network": CIDR, "ipv4-net": CIDR,
	"domain": Domain, "domain-name": Domain, "hostname": Domain, "fqdn": Domain, "url": URL, "uri": URL, "hash": Hash, "file": Hash,
	"md5": Hash, "sha1": Hash, "sha256": Hash, "md5_hash": Hash, "sha1_hash": Hash, "sha256_hash": Hash, "filehash-md5": Hash,
	"filehash-sha1": Hash, "filehash-sha256": Hash,
}

// readCSV reads a table with a row of names, or a plain list whose kinds are guessed. Lines that begin with # are comments;
// the last one before the values may hold the names.
//
// A row that is no CSV is counted as broken and the next one is read: feeds are edited by hand. Only what the reader below says of
// the file itself, and a full table, end the reading. The row is the reader's memory: what is kept of it is copied by the builder.
func (s *source) readCSV(r *bufio.Reader) error {
	rows := csv.NewReader(&uncommented{r: r})
	rows.FieldsPerRecord, rows.LazyQuotes, rows.TrimLeadingSpace, rows.ReuseRecord = -1, true, true, true
	var cols *columns
	first := true // row names stand before all values: later on, "ip" is a value
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			s.broken(fmt.Sprintf("line %d: %v", bad.Line, bad.Err))
			continue
		}
		if err != nil {
			return fmt.Errorf("reading CSV: %w", err)
		}
		comment := strings.HasPrefix(row[0], "#")
		if first || comment {
			if c := header(row); c != nil {
				cols, first = c, false
				continue
			}
		}
		if comment {
			continue
		}
		first = false
		if err := s.row(row, cols); err != nil {
			return err
		}
	}
}

// header tells where a row of names has what; nil if it is none. A row that holds an indicator itself is one of values: "ip" in
// it is a type.
func header(row []string) *columns {
	if slices.ContainsFunc(row, func(cell string) bool { _, ok := guess(cell); return ok }) {
		return nil
	}
	c := columns{value: -1, typ: -1, description: -1, confidence: -1, expires: -1, kinds: map[int]Kind{}}
	for i, cell := range row {
		name := strings.ToLower(strings.Trim(strings.TrimLeft(cell, "# "), `" `))
		for _, known := range []struct {
			at    *int
			names []string
		}{{&c.value, valueNames}, {&c.typ, typeNames}, {&c.description, descriptionNames}, {&c.confidence, confidenceNames}, {&c.expires, expiresNames}} {
			for _, n := range known.names {
				if n == name && *known.at < 0 {
					*known.at = i
				}
			}
		}
		if k, ok := kindNames[name]; ok {
			c.kinds[i] = k
		}
	}
	if c.value < 0 && len(c.kinds) == 0 {
		return nil
	}
	return &c
}

// row takes what one row holds.
//
// Without names of columns the first cell is the value, and its kind is guessed. What is neither is counted, never an error: a feed
// of a hundred thousand rows is not given up for one of them.
func (s *source) row(row []string, c *columns) error {
	cell := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	i := Indicator{Confidence: -1}
	if c == nil {
		if k, ok := typeKinds[strings.ToLower(cell(0))]; ok && cell(1) != "" {
			i.Kind, i.Value = k, cell(1) // type and value, as `ip,192.0.2.1`
			return s.take(narrow(i))
		}
		return s.guessed(i, cell(0))
	}
	i.Description = cell(c.description)
	if n, err := strconv.Atoi(cell(c.confidence)); err == nil {
		i.Confidence = n
	}
	i.Expires = readTime(cell(c.expires))
	for at, k := range c.kinds {
		i.Kind, i.Value = k, cell(at)
		if i.Value == "" {
			continue
		}
		if err := s.take(narrow(i)); err != nil {
			return err
		}
	}
	if c.value < 0 {
		return nil
	}
	k, ok := typeKinds[strings.ToLower(cell(c.typ))]
	if !ok {
		return s.guessed(i, cell(c.value))
	}
	i.Kind, i.Value = k, cell(c.value)
	return s.take(narrow(i))
}

// guessed takes a value of which nobody said the kind.
func (s *source) guessed(i Indicator, value string) error {
	if value == "" {
		return nil
	}
	value, _, _ = strings.Cut(value, " #")
	k, ok := guess(value)
	if !ok {
		if host, _, found := strings.Cut(value, ":"); found { // feeds write address:port
			k, ok = guess(host)
			value = host
		}
	}
	if !ok {
		s.broken(fmt.Sprintf("%q is no address, network, domain, URL or hash", value))
		return nil
	}
	i.Kind, i.Value = k, value
	return s.take(i)
}

// narrow makes a network of an address that has a length, and takes the port from one that has a port.
//
// An address of version 6 has more than one colon, so that its last part is never taken for a port.
func narrow(i Indicator) Indicator {
	if i.Kind != IP {
		return i
	}
	if strings.Contains(i.Value, "/") {
		i.Kind = CIDR
	} else if host, port, ok := strings.Cut(i.Value, ":"); ok && !strings.Contains(port, ":") {
		i.Value = host
	}
	return i
}

// uncommented lets a quotation mark within a comment be, which CSV would take for the begin of a cell of many lines: comments
// that hold no names of columns are left out.
type uncommented struct {
	r    *bufio.Reader
	rest []byte
}

// Read gives the lines that count.
//
// A line longer than the buffer comes in pieces, and only its first piece can be told as a comment: comments of 64 KiB are none.
func (u *uncommented) Read(p []byte) (int, error) {
	for len(u.rest) == 0 {
		line, err := u.r.ReadSlice('\n')
		if len(line) > 0 && line[0] == '#' {
			if header(strings.Split(strings.TrimSpace(string(line)), ",")) == nil {
				line = nil
			}
		}
		u.rest = line
		if len(line) == 0 && err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err //nolint:wrapcheck // io.EOF must stay what it is
		}
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}
