package rules

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/keys"
	"weir/rules/pipelines"
	"weir/rules/sigma"
	"weir/rules/yamlfile"
)

// Options are what rules are loaded with. The zero value has no lists, no values of placeholders, and the pipelines that
// come with weir.
type Options struct {
	// Lists are what in_list looks into.
	Lists match.Lists
	// Pipelines say what the log sources and field names of Sigma rules are here.
	Pipelines *pipelines.Set
	// Placeholders returns the values of a %placeholder% of Sigma rules, nil if it has none; see [ListValues].
	Placeholders func(name string) []string
	// ListDir is where messages say that a list belongs.
	ListDir string
}

// source is one rule file while it is read.
type source struct {
	keys.Reader
	opts Options
	docs []yamlfile.Document
	// Documents read so far, and the one that waits to be read, see documents.
	next    int
	waiting *yamlfile.Body
	// Conditions so far.
	conds int
	// Of the rule that is read: names that may be fields.
	names []nameAt

	sigma   *sigma.File
	items   []*item
	filters []*sigma.Filter
	// Ids and names of Sigma rules that were refused.
	lost []string
}

// item is one rule of a file, in the order of documents.
type item struct {
	rule *Rule
	// Of a Sigma rule: what it was read from, and the filters that are for it.
	sigma   *sigma.Rule
	filters []*sigma.Filter
	// Of a Sigma correlation: what it was read from.
	correlation *sigma.Correlation
	// It has an error that was found after it was read.
	refused bool
}

// Parse reads the rules of one file. Rules with an error are left out and the fault says why. It never panics, whatever
// the bytes are.
func Parse(name string, doc []byte, opts Options) ([]*Rule, fault.List) {
	f := open(name, doc, opts)
	finish([]*source{f}, opts)
	return f.rules(), f.Faults()
}

// open begins to read a file, and reads the Sigma rules in it up to the first native one. It touches nothing that other
// files use, so that files may be opened side by side.
func open(name string, doc []byte, opts Options) *source {
	file, docs := yamlfile.Open(name, doc)
	f := &source{Reader: keys.Reader{File: file}, opts: opts, docs: docs}
	f.sigma = sigma.New(file, sigma.Options{Placeholders: opts.Placeholders, ListDir: opts.ListDir})
	f.documents(false)
	return f
}

// documents reads the documents of a file in order. Native rules make fields known to the whole process, and are told
// about those that are not yet: without native it stops at the first of them, so that files are read side by side and
// native rules always one after another.
func (f *source) documents(native bool) {
	for {
		body := f.waiting
		f.waiting = nil
		if body == nil {
			if f.next == len(f.docs) || f.Full() {
				break
			}
			d := f.docs[f.next]
			if f.next++; f.next > maxDocuments {
				f.Add(d.Place(), 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the file has more than %d rules", maxDocuments), Do: "split it"})
				break
			}
			// Each document stands for itself: a mistake in one refuses no rule of another.
			if body = f.Body(d); body == nil {
				continue
			}
		}
		switch {
		case sigma.Is(body):
			f.sigmaRule(body)
		case !native:
			f.waiting = body
			return
		default:
			f.nativeRule(body)
		}
	}
	f.sigma.End()
	// Of thousands of files nobody keeps more than the rules and the lines for messages.
	f.docs, f.next, f.sigma = nil, 0, nil
}

// nativeRule reads a native rule.
func (f *source) nativeRule(body *yamlfile.Body) {
	f.NoAnchors(body)
	if f.Refused() {
		return
	}
	if r := f.rule(body.Pairs); !f.Refused() {
		f.items = append(f.items, &item{rule: r})
	}
}

// rules are those of the file that can run.
func (f *source) rules() []*Rule {
	var out []*Rule
	for _, it := range f.items {
		if !it.refused {
			out = append(out, it.rule)
		}
	}
	return out
}

// finish makes rules of what was read in all files: native rules first, then what Sigma rules mean here.
func finish(files []*source, opts Options) {
	for _, f := range files {
		if f.waiting != nil {
			f.documents(true)
		}
	}
	applyFilters(files)
	names := newFieldNames(opts.Pipelines)
	mapped := make([][]string, len(files))
	parallel(len(files), func(i int) { mapped[i] = files[i].mapFields(names) })
	register(mapped)
	parallel(len(files), func(i int) { files[i].compile() })
	correlateSigma(files, names)
}

// maxParallel bounds how much of a machine a load takes: it happens beside a stream that goes on.
const maxParallel = 4

// parallel calls fn with 0 to n-1 on a few goroutines and waits for them. What fn does for one number must not depend on
// what it does for another, so that every load of the same files ends the same.
func parallel(n int, fn func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), maxParallel, n)
	if workers <= 1 {
		for i := range n {
			fn(i)
		}
		return
	}
	// Whoever is done takes the next: files differ by a factor of a thousand in size.
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				fn(i)
			}
		})
	}
	wg.Wait()
}
