package markup

import (
	"strconv"
	"strings"
	"unicode"

	"weir/event"
	"weir/processors/parse/windows/codes"
)

// part reads one part of an event.
func (s *Scanner) part(name string) error {
	switch name {
	case "System":
		return s.children(s.system)
	case "EventData":
		if name := s.attr("Name"); name != "" {
			s.extra("winlog.event_data_name", name)
		}
		return s.children(s.datum)
	case "UserData":
		return s.children(s.userData)
	case "RenderingInfo":
		return s.children(s.rendering)
	}
	return s.tree("winlog." + name)
}

// attr returns an attribute of the tag that was read last. Entities that are none of XML's stay as they are here.
func (s *Scanner) attr(name string) string {
	for _, a := range s.attrs {
		if a.name == name {
			return s.attrText(a)
		}
	}
	return ""
}

// attrText returns the text of an attribute.
func (s *Scanner) attrText(a attr) string {
	text, err := s.plain(a.value)
	if err != nil {
		return a.value
	}
	return text
}

// system reads one child of System.
func (s *Scanner) system(name string) error {
	switch name {
	case "EventID":
		s.extra("winlog.qualifiers", s.attr("Qualifiers"))
		return s.leaf(event.EventCode)
	case "Channel":
		return s.leaf(event.WinlogChannel)
	case "Computer":
		return s.leaf(event.WinlogComputerName)
	case "EventRecordID":
		return s.leaf(event.WinlogRecordID)
	case "Version":
		return s.leaf(event.WinlogVersion)
	case "Level":
		return s.leaf(event.WinlogLevel)
	case "Task":
		return s.leaf(event.WinlogTask)
	case "Opcode":
		return s.leaf(event.WinlogOpcode)
	case "Keywords":
		return s.leaf(event.WinlogKeywords)
	case "Provider", "TimeCreated", "Correlation", "Execution", "Security":
		for _, a := range s.attrs {
			s.systemAttr(name, a)
		}
		_, err := s.text()
		return err
	}
	return s.tree("winlog." + name)
}

// systemAttr sets one attribute of a child of System.
func (s *Scanner) systemAttr(element string, a attr) {
	text := s.attrText(a)
	switch a.name {
	case "Name":
		s.e.SetStr(event.WinlogProviderName, text)
	case "Guid":
		s.e.SetStr(event.WinlogProviderGuid, text)
	case "SystemTime", "RawTime":
		s.e.SetStr(event.WinlogTimeCreated, text)
	case "ActivityID":
		s.e.SetStr(event.WinlogActivityID, text)
	case "RelatedActivityID":
		s.e.SetStr(event.WinlogRelatedActivityID, text)
	case "ProcessID":
		s.number(event.WinlogProcessPID, text)
	case "ThreadID":
		s.number(event.WinlogProcessThreadID, text)
	case "UserID":
		s.e.SetStr(event.WinlogUserIdentifier, text)
	case "EventSourceName":
		s.extra("winlog.event_source_name", text)
	default:
		s.extra("winlog."+element+"."+a.name, text)
	}
}

// leaf reads the text of an element into a field.
func (s *Scanner) leaf(f event.Field) error {
	text, err := s.text()
	s.e.SetStr(f, text)
	return err
}

// extra sets a value for which there is no field in code.
func (s *Scanner) extra(path, text string) {
	if text != "" {
		s.e.AddPath(path, event.Str(text))
	}
}

// datum reads one child of EventData: a value with its name as an attribute, or as its element, or without any.
func (s *Scanner) datum(name string) error {
	if s.n++; s.n > maxValues {
		return errMany
	}
	if name == "Data" {
		name = ""
		for _, a := range s.attrs {
			if a.name == "Name" {
				name = s.attrText(a)
			}
		}
	} else if len(s.attrs) > 0 {
		for _, a := range s.attrs {
			s.datumText(name+"."+a.name, s.attrText(a))
		}
	}
	if name != "" {
		text, err := s.text()
		s.datumText(name, text)
		return err
	}
	text, err := s.text()
	if err == nil || text != "" {
		s.params = append(s.params, event.Str(text))
	}
	return err
}

// datumText sets a value of the event data. Blanks in a name are no part of the name that rules know.
func (s *Scanner) datumText(name, text string) {
	f, known := fields[name]
	if !known && strings.IndexFunc(name, unicode.IsSpace) >= 0 {
		if name = strings.Join(strings.Fields(name), ""); name == "" {
			name = "Data"
		}
		f, known = fields[name]
	}
	if known {
		s.e.Add(f, event.Str(text))
		return
	}
	s.members = append(s.members, event.Str(name), event.Str(text))
}

// userData reads the one child of UserData, whose name says what kind of data it has.
func (s *Scanner) userData(name string) error {
	s.e.AddMember(event.WinlogUserData, "xml_name", event.Str(name))
	return s.children(s.userValue)
}

// userValue reads an element below it: the leaves are the values, whatever stands around them.
func (s *Scanner) userValue(name string) error {
	if s.n++; s.n > maxValues {
		return errMany
	}
	for _, a := range s.attrs {
		s.e.AddMember(event.WinlogUserData, name+"."+a.name, event.Str(s.attrText(a)))
	}
	at, depth := s.pos, s.depth
	attrs, empty := len(s.attrs), s.empty
	if !empty && s.hasElement() {
		s.name = name
		return s.children(s.userValue)
	}
	s.pos, s.depth, s.name, s.empty = at, depth, name, empty
	text, err := s.text()
	if text != "" || attrs == 0 {
		s.e.AddMember(event.WinlogUserData, name, event.Str(text))
	}
	return err
}

// hasElement tells whether the next tag opens an element in the one that was read last.
func (s *Scanner) hasElement() bool {
	at := strings.IndexByte(s.src[s.pos:], '<')
	if at < 0 {
		return false
	}
	rest := s.src[s.pos+at+1:]
	return rest != "" && rest[0] != '/' && rest[0] != '!' && rest[0] != '?' && strings.TrimSpace(s.src[s.pos:s.pos+at]) == ""
}

// rendering reads one child of RenderingInfo: the words for people.
func (s *Scanner) rendering(name string) error {
	switch name {
	case "Message":
		return s.leaf(event.Message)
	case "Keywords":
		return s.children(func(string) error {
			if s.n++; s.n > maxValues {
				return errMany
			}
			text, err := s.text()
			if text = strings.TrimSpace(text); text != "" {
				s.e.Add(event.WinlogKeywords, event.Str(text))
			}
			return err
		})
	}
	text, err := s.text()
	s.extra("winlog.rendering_info."+name, strings.TrimSpace(text))
	return err
}

// tree reads an element that no list knows: what it says is kept under its own name.
func (s *Scanner) tree(path string) error {
	if s.n++; s.n > maxValues {
		return errMany
	}
	for _, a := range s.attrs {
		s.extra(path+"."+a.name, s.attrText(a))
	}
	if !s.empty && s.hasElement() {
		return s.children(func(name string) error { return s.tree(path + "." + name) })
	}
	text, err := s.text()
	s.extra(path, strings.TrimSpace(text))
	return err
}

// flush gives the event the values that wait for its end: those of names that no list knows, and those without a name,
// which agents number and rules call Data.
func (s *Scanner) flush() {
	for i := 0; i+1 < len(s.members); i += 2 {
		s.e.AddMember(event.WinlogEventData, s.members[i].Str(), s.members[i+1])
	}
	if len(s.params) == 0 {
		return
	}
	for i, v := range s.params {
		if i < len(numbered) && !s.e.Has(numbered[i]) {
			s.e.Set(numbered[i], v)
		}
	}
	if len(s.params) == 1 {
		s.e.Add(nameless, s.params[0])
	} else {
		s.e.Add(nameless, event.Items(s.params...))
	}
}

// number sets a field to a number that is written in decimal or with 0x.
func (s *Scanner) number(f event.Field, text string) {
	if n, ok := codes.Number(text); ok && n <= 1<<62 {
		s.e.SetInt(f, int64(n))
	}
}

// fields are the names of event data that have a field of their own. It is only read once it is made.
var fields = func() map[string]event.Field {
	out := make(map[string]event.Field, 500)
	for _, f := range event.Fields() {
		if name, ok := strings.CutPrefix(f.Path(), "winlog.event_data."); ok {
			out[name] = f
		}
	}
	return out
}()

// Field returns the field of a name of the event data, if it has one of its own.
func Field(name string) (event.Field, bool) {
	f, ok := fields[name]
	return f, ok
}

// numbered are the names that agents give to values without one. More than these stand in the list alone.
var numbered = func() (out []event.Field) {
	for i := 1; ; i++ {
		f, ok := fields["param"+strconv.Itoa(i)]
		if !ok {
			return out
		}
		out = append(out, f)
	}
}()

// nameless is what rules call the values without a name: all of them.
var nameless = fields["Data"]
