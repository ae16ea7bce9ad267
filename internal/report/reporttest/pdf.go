// Package reporttest looks into reports for tests: what is written on the pages of a PDF, and where.
package reporttest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Text is one line of letters on a page.
type Text struct {
	Page int // from 1
	X, Y float64
	Size float64
	Bold bool
	Text string
}

// The operators that the PDFs of weir write texts with.
var (
	streams  = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	operator = regexp.MustCompile(`(?s)/F(\w+) ([\d.]+) Tf|BT ([\d.-]+) ([\d.-]+) Td \(((?:\\.|[^\\)])*)\) Tj ET`)
	fonts    = regexp.MustCompile(`/F(\w+) (\d+) 0 R`)
	names    = regexp.MustCompile(`(?s)(\d+) 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /(\w+)`)
)

// Texts returns all lines of a PDF, page by page, in the order in which they were drawn.
func Texts(pdf []byte) ([]Text, error) {
	bold := map[string]bool{}
	objects := map[string]string{}
	for _, m := range names.FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = string(m[2])
	}
	for _, m := range fonts.FindAllSubmatch(pdf, -1) {
		bold[string(m[1])] = strings.HasSuffix(objects[string(m[2])], "B")
	}
	var out []Text
	page := 0
	for _, m := range streams.FindAllSubmatch(pdf, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not packed: no page
		}
		b, err := io.ReadAll(z)
		if err != nil {
			return nil, fmt.Errorf("unpacking a stream: %w", err)
		}
		if !bytes.Contains(b, []byte(" Tf")) { // a font, or a table of one
			continue
		}
		page++
		font, size := "", 0.0
		for _, op := range operator.FindAllSubmatch(b, -1) {
			if len(op[1]) > 0 {
				font = string(op[1])
				size, _ = strconv.ParseFloat(string(op[2]), 64) // digits and a point
				continue
			}
			x, _ := strconv.ParseFloat(string(op[3]), 64)
			y, _ := strconv.ParseFloat(string(op[4]), 64)
			out = append(out, Text{Page: page, X: x, Y: y, Size: size, Bold: bold[font], Text: decode(op[5])})
		}
	}
	return out, nil
}

// decode turns the escaped two-byte characters of a text back.
func decode(b []byte) string {
	var raw []byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			if c = b[i]; c == 'r' {
				c = '\r'
			} else if c == 'n' {
				c = '\n'
			}
		}
		raw = append(raw, c)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

// Pages joins the lines of each page.
func Pages(list []Text) []string {
	var out []string
	for _, t := range list {
		for len(out) < t.Page {
			out = append(out, "")
		}
		out[t.Page-1] += t.Text + "\n"
	}
	return out
}
