package windows

import (
	"strings"

	"weir/event"
	"weir/processors/parse/windows/codes"
	"weir/processors/parse/windows/markup"
)

// prefix stands before the names of event data.
const prefix = "winlog.event_data."

// datum is a value of the event data. Most have a field of their own, which costs no search.
type datum struct {
	path  string
	field event.Field
	known bool
}

// data makes the datum of a name.
func data(name string) *datum {
	d := &datum{path: prefix + name}
	d.field, d.known = markup.Field(name)
	return d
}

// value returns the value as it is.
func (d *datum) value(e *event.Event) event.Value {
	if d.known {
		return e.Get(d.field)
	}
	return e.GetPath(d.path)
}

// of returns the text of the datum, "" where the event has none, or only says that it has none: with a hyphen, or with
// words for that in old versions of Windows.
func (d *datum) of(e *event.Event) string {
	v := d.value(e)
	switch v.Kind() {
	case event.String:
		if s := v.Str(); s != "-" && s != "N/A" {
			return s
		}
	case event.Int, event.Float, event.Bool, event.Time:
		return v.Text()
	}
	return ""
}

// set gives the datum a text, unless it has one.
func (d *datum) set(e *event.Event, s string) {
	if s == "" || d.value(e).Kind() != event.Absent {
		return
	}
	if d.known {
		e.SetStr(d.field, s)
	} else {
		e.SetPath(d.path, event.Str(s))
	}
}

// list gives the datum a list of words, unless it has some or there are none.
func (d *datum) list(e *event.Event, words []string) {
	if len(words) > 0 && d.value(e).Kind() == event.Absent {
		e.SetPath(d.path, event.Strs(words...))
	}
}

// base returns the last part of a path, of either kind of separator.
func base(path string) string {
	return path[strings.LastIndexAny(path, `\/`)+1:]
}

// setProcess sets what follows from the path of a program.
func setProcess(e *event.Event, executable string) {
	e.SetStr(event.ProcessExecutable, executable)
	e.SetStr(event.ProcessName, base(executable))
}

// setParent does so for the process that started it.
func setParent(e *event.Event, executable string) {
	e.SetStr(event.ProcessParentExecutable, executable)
	e.SetStr(event.ProcessParentName, base(executable))
}

// setFile sets what follows from the path of a file: the folder, the name, the extension.
func setFile(e *event.Event, path string) {
	if path == "" {
		return
	}
	e.SetStr(event.FilePath, path)
	at := strings.LastIndexAny(path, `\/`)
	name := path[at+1:]
	if at > 0 {
		e.SetStr(event.FileDirectory, path[:at])
	}
	e.SetStr(event.FileName, name)
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		e.SetStr(event.FileExtension, name[dot+1:])
	}
}

// setNumber sets a field to a number that is written in decimal or with 0x. What is none is not set: its text stands in
// the event data.
func setNumber(e *event.Event, f event.Field, s string) {
	if s == "" {
		return
	}
	if n, ok := codes.Number(s); ok && n <= 1<<62 {
		e.SetInt(f, int64(n))
	}
}

// setUser sets three fields of one account.
func setUser(e *event.Event, id, name, domain event.Field, sid, user, in string) {
	e.SetStr(id, sid)
	e.SetStr(name, user)
	e.SetStr(domain, in)
}

// qualified parts DOMAIN\name. A name without a domain is all of it.
func qualified(s string) (domain, name string) {
	if d, n, ok := strings.Cut(s, `\`); ok {
		return d, n
	}
	return "", s
}

// setArgs sets the words of a command line and how many they are.
func setArgs(e *event.Event, args, count event.Field, line string) {
	if line == "" {
		return
	}
	var room [32]event.Value
	words := appendArgs(room[:0], line)
	if len(words) == 0 {
		return
	}
	e.Set(args, event.Items(words...))
	e.SetInt(count, int64(len(words)))
}

// appendArgs parts a command line as programs in Windows do (CommandLineToArgvW): blanks part words, but not between
// quotes; backslashes before a quote are halved, and an odd one takes its meaning away. Only words that have a quote
// or such backslashes need memory of their own.
func appendArgs(words []event.Value, line string) []event.Value {
	for i := 0; ; {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) || len(words) == maxArgs {
			return words
		}
		from := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' && line[i] != '"' {
			i++
		}
		if i == len(line) || line[i] != '"' {
			words = append(words, event.Str(line[from:i]))
			continue
		}
		// A word that is quoted from end to end, and has no quote in it, is a part of the line too.
		if i == from {
			if n := strings.IndexByte(line[i+1:], '"'); n >= 0 && (n == 0 || line[i+n] != '\\') && (i+n+2 == len(line) || line[i+n+2] == ' ' || line[i+n+2] == '\t') {
				words = append(words, event.Str(line[i+1:i+1+n]))
				i += n + 2
				continue
			}
		}
		word, end := quotedArg(line, from)
		words = append(words, event.Str(word))
		i = end
	}
}

// maxArgs bounds the words of a command line. Windows allows 32767 characters; who fills them with blanks is cut off here,
// the line itself stays whole.
const maxArgs = 1000

// quotedArg reads one word that has quotes in it, and returns where it ends.
func quotedArg(line string, i int) (string, int) {
	var b strings.Builder
	quoted := false
	for i < len(line) {
		switch c := line[i]; {
		case (c == ' ' || c == '\t') && !quoted:
			return b.String(), i
		case c == '\\':
			from := i
			for i < len(line) && line[i] == '\\' {
				i++
			}
			n := i - from
			if i == len(line) || line[i] != '"' {
				b.WriteString(line[from:i])
				continue
			}
			b.WriteString(line[from : from+n/2])
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
			continue
		case c == '"':
			quoted = !quoted
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String(), i
}

// setHashes reads ALGORITHM=hex,ALGORITHM=hex as Sysmon writes it into the fields of a process or a file; with nil the sums
// are of something that ECS has no place for, and are only related to the event.
func setHashes(e *event.Event, list string, to *hashes) {
	for list != "" {
		var part string
		part, list, _ = strings.Cut(list, ",")
		name, sum, ok := strings.Cut(part, "=")
		if !ok || sum == "" {
			continue
		}
		sum = strings.ToLower(sum)
		if strings.Trim(sum, "0") == "" {
			continue // Sysmon's way to say that there is none
		}
		switch e.Append(event.RelatedHash, sum); {
		case to == nil:
		case name == "MD5":
			e.SetStr(to.md5, sum)
		case name == "SHA1":
			e.SetStr(to.sha1, sum)
		case name == "SHA256":
			e.SetStr(to.sha256, sum)
		case name == "IMPHASH":
			e.SetStr(to.imphash, sum)
		}
	}
}

// hashes are the fields for the sums of one thing.
type hashes struct{ md5, sha1, sha256, imphash event.Field }

var (
	ofProcess = hashes{event.ProcessHashMd5, event.ProcessHashSha1, event.ProcessHashSha256, event.ProcessPeImphash}
	ofFile    = hashes{event.FileHashMd5, event.FileHashSha1, event.FileHashSha256, event.FilePeImphash}
)

// unnamed are the values without a name, as one list.
var unnamed = *data("Data")
