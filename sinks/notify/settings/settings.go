// Package settings reads notify.yaml: the channels by which people are told, the routes that say who is told of what, and
// the times of maintenance. Every mistake of the file is found in one run, each with its place.
package settings

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/rules/yamlfile"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
)

// How a file is read: the YAML tree is walked by hand and not decoded by the library, so that every value keeps its place and
// one mistake does not hide the next. Unknown and doubled keys are refused with the nearest name; anchors, tags and a second
// document are not read at all. What a key means is decided in this order: channels, each opened by its kind, which asks
// nobody; then the tree of routes, where a child begins with its parent's settings; then the windows; last whether every
// channel that a route names exists. Secrets are kept as they are written: the channel resolves them, and no message of this
// package repeats a value of a channel that is no name, number or word of a list.

// Kind is a type of channel.
type Kind struct {
	Name, Doc string
	// Config returns a pointer to a new configuration, whose fields have the tags yaml, doc and enum.
	Config func() any
	New    func(config any, deps channel.Deps) (channel.Channel, error)
	// Limit is how many messages a minute it gets where the file says nothing; 0: as many as there are.
	Limit int
	// Whole is how many alerts one message has to a program that wants all of them and does not say how many it takes; 0: the
	// worst are named and the others counted.
	Whole int
	// Tickets: what goes on under a ticket is never told in another message.
	Tickets bool
}

// File is what a notify.yaml says. It is not changed after Read; the channels in it are open until Close.
type File struct {
	Channels    map[string]*Channel
	Route       *routing.Route // nil: nobody is told
	Maintenance []*routing.Window
	Zone        *time.Location
}

// Channel is one way to tell people.
type Channel struct {
	Name, Type string
	Line       int
	// Limit is how many messages a minute it gets; 0: as many as there are.
	Limit int
	// Whole and Tickets are those of its kind: whoever sends looks here and knows no kinds.
	Whole   int
	Tickets bool
	// Config is what the kind's Config returned, filled.
	Config any
	channel.Channel
}

// Same tells whether o is made of the same settings, so that the open channel can go on.
func (c *Channel) Same(o *Channel) bool {
	return o != nil && c.Type == o.Type && reflect.DeepEqual(c.Config, o.Config)
}

// Close closes the channels. It is for a file that is used no more, or never was.
func (f *File) Close() {
	for _, c := range f.Channels {
		_ = c.Channel.Close() // nothing is under way: they were never used, or their user has ended
	}
}

// Options are what a file is read with.
type Options struct {
	// Name is the path of the file, as messages show it: a person pastes it into an editor. Relative files in it lie in its folder.
	Name  string
	Kinds []Kind
	// Deps are for the channels; name and folder are filled in here.
	Deps channel.Deps
	// Zone is that of hours where the file names none; nil: UTC.
	Zone *time.Location
}

// Read reads the bytes of a file. Everything is read even where something is wrong, so that all mistakes are told at once; the
// channels that were opened on the way are closed then. With faults that are no warnings there is no File.
func Read(doc []byte, o Options) (*File, fault.List) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	yf, docs := yamlfile.Open(o.Name, doc)
	r := &reader{doc: doc, file: yf, opts: o, out: &File{Channels: map[string]*Channel{}, Zone: o.Zone}, places: map[string]ast.Node{}}
	o.Deps.Folder = filepath.Dir(o.Name)
	r.opts.Deps = o.Deps
	switch {
	case len(yf.Faults()) > 0 || blank(doc) || len(docs) == 0: // no text, or nothing in it
	case len(docs) > 1: // two files in one: which of them counts is not guessed
		yf.Add(docs[1].Place(), 1, fault.Error{Code: "notify-syntax", What: "a second document begins here", Do: "one file has one; join them"})
	default:
		if body := yf.Body(docs[0]); body != nil {
			yf.NoAnchors(body)
			r.root(body)
		}
	}
	faults := renamed(yf.Faults())
	if slices.ContainsFunc(faults, func(f *fault.Error) bool { return !f.Warn }) {
		r.out.Close()
		return nil, faults
	}
	return r.out, faults
}

// blank tells whether a file has nothing but comments. Such a file is right: it says that nobody is told.
func blank(doc []byte) bool {
	for line := range strings.Lines(strings.TrimPrefix(string(doc), "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// ownCodes begin the codes of faults of this file.
const ownCodes = "notify-"

// renamed gives faults of the YAML reader, which rules share, codes and words of this file. Its mistakes are those of a
// configuration, and end a command as such; warnings never do.
func renamed(list fault.List) fault.List {
	for _, f := range list {
		if rest, ok := strings.CutPrefix(f.Code, "rule-"); ok {
			f.Code = ownCodes + rest
			f.Do = strings.NewReplacer("; put long lists of values into a list file and use in_list", "", "split it", "remove what is not needed", "begin with id: NAME", "begin with channels:", "put --- alone on a line between two rules", "one file has one; join them").Replace(f.Do)
			f.What = strings.NewReplacer("no rule can be read here", "no settings can be read here", "a rule is a list", "the file is a list", "in rule files", "here").Replace(f.What)
		}
		if !f.Warn {
			f.Exit = fault.ExitUsage
		} else {
			f.Exit = fault.ExitOK
		}
	}
	return list
}

// reader reads one file.
type reader struct {
	file *yamlfile.File
	opts Options
	out  *File
	// places are the nodes of the keys of channels, by the path that a channel names in its faults.
	places map[string]ast.Node
	// doc are the bytes of the file, for places within texts of several lines.
	doc []byte
	// used are the names of channels that routes have, with their nodes.
	used []use
}

// use is a channel's name where a route has it, kept until it is known which channels there are.
type use struct {
	name string
	node ast.Node
}

// root reads the keys of the file. Channels come first, since routes name them; a time zone before anything that has hours.
func (r *reader) root(body *yamlfile.Body) {
	var route, windows ast.Node
	r.keys("notify.yaml", body.Pairs, map[string]func(ast.Node){
		"time_zone":   func(n ast.Node) { r.out.Zone = r.zone(n, r.out.Zone) },
		"channels":    r.channels,
		"route":       func(n ast.Node) { route = n },
		"maintenance": func(n ast.Node) { windows = n },
	})
	// Behind the channels, wherever they stand in the file.
	if route != nil {
		r.out.Route = r.rootRoute(route)
	} else if len(r.out.Channels) > 0 {
		r.file.Add(yamlfile.Place{Line: 1, Col: 1}, 1, fault.Error{Code: "notify-value", What: "no route says who is told", Do: "add `route: {to: [" + slices.Sorted(maps.Keys(r.out.Channels))[0] + "]}`", Warn: true})
	}
	if windows != nil {
		r.maintenance(windows)
	}
	// Last, when all channels are known: a route may stand before them.
	for _, u := range r.used {
		r.known(u)
	}
}

// known complains of a channel that there is none of. One that stands in the file and has a mistake was complained of
// already, and is not called unknown.
func (r *reader) known(u use) {
	if r.out.Channels[u.name] != nil || r.places["channels."+u.name] != nil {
		return
	}
	// A short list is told whole: who has three channels wants to see them.
	names := slices.Sorted(maps.Keys(r.out.Channels))
	do := "add it below `channels:`"
	if near := nearest.Name(u.name, names); near != "" {
		do = "did you mean `" + near + "`?"
	} else if len(names) > 0 && len(names) <= 8 {
		do = "channels: " + strings.Join(names, ", ")
	}
	r.file.Fail(u.node, "notify-value", do, "there is no channel `%s`", u.name)
}

// channels reads the list of channels. One with a mistake keeps none of the others from being read.
func (r *reader) channels(n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		r.file.Fail(n, "notify-value", "write `channels:` and below it `mail: {type: email, ...}`", "`channels` needs names and settings")
		return
	}
	seen := map[string]int{}
	for _, kv := range list {
		name := yamlfile.Key(kv)
		if r.twice(kv, seen) {
			continue
		}
		r.places["channels."+name] = kv
		if !isName(name) {
			r.file.Fail(kv, "notify-value", "use letters, digits, - and _, at most 63", "`%s` is no name of a channel", name)
			continue
		}
		r.channel(name, kv)
	}
}

// isName tells whether a name can stand in commands, labels of metrics and tables as it is.
func isName(s string) bool {
	return len(s) <= 63 && s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// channel reads one channel and opens it, which asks nobody: it only finds out whether the settings can be.
func (r *reader) channel(name string, kv *ast.MappingValueNode) {
	pairs, ok := yamlfile.Mapping(kv.Value)
	if !ok {
		r.file.Fail(kv.Value, "notify-value", "write `type: email` and its settings below it", "the channel `%s` needs settings", name)
		return
	}
	// Without a type no key of it is right or wrong.
	kind := r.kind(name, kv, pairs)
	if kind == nil {
		return
	}
	at, _ := yamlfile.Extent(kv)
	c := &Channel{Name: name, Type: kind.Name, Line: at.Line, Limit: kind.Limit, Whole: kind.Whole, Tickets: kind.Tickets, Config: kind.Config()}
	// A channel is made only of settings that could be read: what it says of zeroes would be noise.
	before := len(r.file.Faults())
	d := decoder{r, "channels." + name}
	d.section(pairs, reflect.ValueOf(c.Config).Elem(), map[string]func(ast.Node){
		"type":  func(ast.Node) {},
		"limit": func(n ast.Node) { r.whole(n, "limit", 0, 100_000, &c.Limit) },
	})
	if len(r.file.Faults()) > before {
		return
	}
	deps := r.opts.Deps
	deps.Name = name
	made, err := kind.New(c.Config, deps)
	if err != nil {
		r.refused(name, kv, err)
		return
	}
	c.Channel = made
	r.out.Channels[name] = c
}

// kind finds the type of a channel. It is looked for before all other keys, since it says which they may be.
func (r *reader) kind(name string, kv *ast.MappingValueNode, pairs []*ast.MappingValueNode) *Kind {
	names := make([]string, len(r.opts.Kinds))
	for i, k := range r.opts.Kinds {
		names[i] = k.Name
	}
	for _, p := range pairs {
		if yamlfile.Key(p) != "type" {
			continue
		}
		text, _ := yamlfile.Text(p.Value)
		if i := slices.Index(names, text); i >= 0 {
			return &r.opts.Kinds[i]
		}
		do := "types: " + strings.Join(names, ", ")
		if near := nearest.Name(text, names); near != "" {
			do = "did you mean `" + near + "`?"
		}
		r.file.Fail(p.Value, "notify-value", do, "there is no type of channel `%s`", text)
		return nil
	}
	r.file.Fail(kv, "notify-value", "types: "+strings.Join(names, ", "), "the channel `%s` has no `type`", name)
	return nil
}

// refused puts what a channel says of its settings at the key that it names, and within a text of several lines at the line.
func (r *reader) refused(name string, kv *ast.MappingValueNode, err error) {
	// The key may name more than the file has, such as a default that does not fit: then the nearest part above it is shown.
	ce, ok := errors.AsType[*channel.ConfigError](err)
	if !ok {
		r.wrong(kv, fmt.Errorf("channel %s: %w", name, err))
		return
	}
	node := ast.Node(kv)
	for path := "channels." + name + "." + ce.Key; path != ""; path = path[:max(0, strings.LastIndexByte(path, '.'))] {
		if n := r.places[path]; n != nil {
			node = n
			break
		}
	}
	at, width := yamlfile.Extent(node)
	if found, ok := r.within(at, ce); ok {
		at, width = found, ce.Width
	}
	code := ce.Code
	if code == "" {
		code = "notify-channel"
	}
	r.file.Add(at, width, fault.Error{Code: code, What: "channel " + name + ": " + ce.What, Why: ce.Why, Do: ce.Do, Cause: err})
}

// within finds the line of a text that a mistake is in.
func (r *reader) within(at yamlfile.Place, ce *channel.ConfigError) (yamlfile.Place, bool) {
	if ce.Text == "" || ce.Mark < 1 {
		return at, false
	}
	lines := strings.Split(strings.ReplaceAll(string(r.doc), "\r\n", "\n"), "\n")
	for i := at.Line; i <= len(lines); i++ {
		if j := strings.Index(lines[i-1], ce.Text); j >= 0 {
			return yamlfile.Place{Line: i, Col: utf8.RuneCountInString(lines[i-1][:j]) + ce.Mark}, true
		}
	}
	return at, false
}

// flatten returns the faults in an error, in the order in which they were found; an error that has none becomes one.
func flatten(err error) fault.List {
	if list, ok := errors.AsType[fault.List](err); ok {
		return list
	}
	if one, ok := errors.AsType[*fault.Error](err); ok {
		return fault.List{one}
	}
	return fault.List{{Code: "notify-channel", What: err.Error()}}
}

// keys reads pairs strictly: each key has a reader, an unknown or repeated one is a mistake with the nearest name.
func (r *reader) keys(what string, pairs []*ast.MappingValueNode, readers map[string]func(ast.Node)) {
	seen := map[string]int{}
	for _, kv := range pairs {
		if r.twice(kv, seen) {
			continue
		}
		key := yamlfile.Key(kv)
		if read := readers[key]; read != nil {
			read(kv.Value)
			continue
		}
		r.unknown(kv, what, slices.Sorted(maps.Keys(readers)))
	}
}

// unknown complains of a key, with the nearest that there is, or with all of them.
func (r *reader) unknown(kv *ast.MappingValueNode, what string, names []string) {
	key := yamlfile.Key(kv)
	do := "keys: " + strings.Join(names, ", ")
	if near := nearest.Name(key, names); near != "" {
		do = "did you mean `" + near + "`?"
	}
	r.file.Fail(kv, "notify-unknown-key", do, "unknown key `%s` in %s", key, what)
}

// twice complains of a key that was there before. Which of the two was meant nobody knows, so neither is silently taken.
func (r *reader) twice(kv *ast.MappingValueNode, seen map[string]int) bool {
	key := yamlfile.Key(kv)
	at, _ := yamlfile.Extent(kv)
	if first := seen[key]; first > 0 {
		r.file.Fail(kv, "notify-duplicate-key", fmt.Sprintf("line %d has it already: remove one", first), "the key `%s` is there twice", key)
		return true
	}
	seen[key] = at.Line
	return false
}
