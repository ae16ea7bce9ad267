package testrun

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"time"

	"weir/internal/app/tools"
	"weir/internal/fault"
)

// The form of JUnit has no standard; this is what Jenkins, GitLab and GitHub's viewers read alike: suites of cases with
// a name, a time and a failure. A suite is a rule or a format, a case one of its tests.

// junitSuites is the whole file. Counts stand at the top too, because some readers show nothing else.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

// junitSuite is one rule. Its file is an attribute of the suite and of each case, since readers look at one or the other.
type junitSuite struct {
	Name      string      `xml:"name,attr"`
	File      string      `xml:"file,attr,omitempty"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

// junitCase is one test. Neither Failure nor Error is there for one that passed.
type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
}

// junitMessage is what went wrong: the line that lists show, and the text behind it. Control characters, which XML cannot
// hold, are replaced by the encoder.
type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// encode writes results for build servers. what is rules or formats. Those that were refused are errors of a suite of their own, so that a file
// with a mistake turns the build red also where all other tests pass.
func encode(what string, run tools.TestRun, start time.Time, took time.Duration) ([]byte, error) {
	out := junitSuites{Name: "weir " + what + " test", Time: seconds(took)}
	// Without a zone, as the form has it; UTC, so that reports of several machines can be laid side by side.
	stamp := start.UTC().Format("2006-01-02T15:04:05")
	for _, r := range run.Rules {
		s := junitSuite{Name: r.Rule, File: r.File, Tests: len(r.Cases), Time: seconds(r.Took), Timestamp: stamp}
		for _, x := range r.Cases {
			jc := junitCase{Name: x.Name, Class: r.Rule, File: r.File, Line: x.Line, Time: seconds(x.Took)}
			if !x.OK {
				s.Failures++
				jc.Failure = &junitMessage{Message: firstOf(x.Diff), Text: fmt.Sprintf("%s:%d\n%s", r.File, x.Line, strings.Join(x.Diff, "\n"))}
			}
			s.Cases = append(s.Cases, jc)
		}
		out.Tests, out.Failures = out.Tests+s.Tests, out.Failures+s.Failures
		out.Suites = append(out.Suites, s)
	}
	if n := len(run.Refused); n > 0 {
		s := junitSuite{Name: "refused " + what, Tests: n, Errors: n, Time: seconds(0), Timestamp: stamp}
		for _, f := range run.Refused {
			s.Cases = append(s.Cases, junitCase{Name: f.Where, Class: "refused " + what, Time: seconds(0), Error: &junitMessage{Message: f.What, Text: strings.TrimSpace(f.Why + "\n" + f.Do)}})
		}
		out.Tests, out.Errors = out.Tests+n, n
		out.Suites = append(out.Suites, s)
	}
	b, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the results: %w", err)
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}

// writeJUnit writes the file of --junit. what is rules or formats. A build server that finds none takes the run for one that broke off.
func writeJUnit(name, what string, run tools.TestRun, start time.Time, took time.Duration) error {
	b, err := encode(what, run, start, took)
	if err == nil {
		err = os.WriteFile(name, b, 0o644) //nolint:gosec // for the build server, which is another user
	}
	if err != nil {
		return &fault.Error{Code: "folder-unusable", What: "the results cannot be written", Where: name, Why: fault.Innermost(err), Do: "name a file in a folder that exists", Exit: fault.ExitUsage, Cause: err}
	}
	return nil
}

// firstOf is the first line of a diff, by which lists of failures are read.
func firstOf(diff []string) string {
	if len(diff) == 0 {
		return "the test failed"
	}
	return strings.TrimSpace(diff[0])
}

// seconds is how JUnit writes times.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
