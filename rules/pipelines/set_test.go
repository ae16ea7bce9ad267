package pipelines

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// folder makes a source of files.
func folder(name string, files map[string]string) Source {
	fsys := fstest.MapFS{}
	for file, text := range files {
		fsys[file] = &fstest.MapFile{Data: []byte(text)}
	}
	return Source{Name: name, FS: fsys}
}

// load loads pipelines that must be without fault.
func load(t testing.TB, files map[string]string) *Set {
	t.Helper()
	s, faults := Load(folder("mine", files))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return s
}

// closed is a file that cannot be read.
type closed struct{ fs.FS }

// Open refuses the one file.
func (c closed) Open(name string) (fs.File, error) {
	if name == "secret.yaml" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not permitted")}
	}
	return c.FS.Open(name)
}

func TestLoad_BrokenFilesLeaveTheOthers(t *testing.T) {
	good := "name: good\nlogsources: [{product: p}]\nfields: {A: process.name}\n"
	files := fstest.MapFS{
		"bad.yaml":        {Data: []byte("name: bad\nlogsources: [{product: p}]\nfields: {A: process.executable, B: 'x y'}\n")},
		"good.yml":        {Data: []byte(good)},
		"secret.yaml":     {Data: []byte(good)},
		".hidden.yaml":    {Data: []byte("broken: [")},
		".git/x.yaml":     {Data: []byte("broken: [")},
		"README.md":       {Data: []byte("broken: [")},
		"below/more.yaml": {Data: []byte("name: more\nlogsources: [{product: q}]\nfields: {A: user.name}\n")},
	}
	s, faults := Load(Source{Name: "mine", FS: closed{files}})
	var got []string
	for _, f := range faults {
		got = append(got, f.Code+" "+f.Where)
	}
	if want := "pipeline-value mine/bad.yaml:3:36, pipeline-unreadable mine/secret.yaml"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	for product, want := range map[string]string{"p": "process.name", "q": "user.name"} {
		if got := s.Paths(LogSource{Product: product}, "A")[0]; got != want {
			t.Errorf("%s: A is %s, want %s", product, got, want)
		}
	}
	if got := s.Paths(LogSource{Product: "windows"}, "Image")[0]; got != "process.executable" {
		t.Errorf("the shipped ones are gone: %s", got)
	}
}

// missing is a folder that is not there.
type missing struct{}

// Open finds nothing.
func (missing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestLoad_NoFolder(t *testing.T) {
	if _, faults := Load(Source{Name: "none", FS: missing{}}); len(faults) != 0 {
		t.Errorf("%v", faults)
	}
}

// A pipeline of the user's with the name of a shipped one takes its place altogether.
func TestLoad_ReplacesByName(t *testing.T) {
	s := load(t, map[string]string{"w.yaml": "name: windows\nlogsources: [{product: windows}]\nevents: [{winlog.channel: Mine, product: windows, service: mine}]\nfields: {Image: labels.image}\n"})
	ls := LogSource{Product: "windows"}
	if got := s.Paths(ls, "Image")[0]; got != "labels.image" {
		t.Errorf("Image is %s", got)
	}
	if got := s.Paths(ls, "CommandLine")[0]; got != "CommandLine" {
		t.Errorf("CommandLine is %s: the shipped pipeline is still there", got)
	}
	if got := s.Describe(s.Classify(given(t, "winlog.channel", "mine"))); got != "windows//mine" {
		t.Errorf("the channel is of %s", got)
	}
	if got := s.Describe(s.Classify(given(t, "winlog.channel", "Security"))); got != "//" {
		t.Errorf("Security is still of %s", got)
	}
}
