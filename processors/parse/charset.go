package parse

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/korean"
)

// Decode returns raw as text in the first of some encodings in which all of it is text. Names are those of browsers, and
// cp949.
func Decode(names []string, raw []byte) (text string, ok bool) {
	for _, name := range names {
		enc := charset(name)
		if enc == nil {
			continue
		}
		out, err := enc.NewDecoder().Bytes(raw)
		if err == nil && utf8.Valid(out) && !strings.ContainsRune(string(out), utf8.RuneError) {
			return string(out), true
		}
	}
	return "", false
}

// charset returns an encoding by its name, nil if there is none.
func charset(name string) encoding.Encoding {
	switch strings.ToLower(name) {
	case "cp949", "windows-949", "uhc":
		return korean.EUCKR // with all that CP949 adds to it
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return enc
}
