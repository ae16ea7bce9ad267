// Package compliance is the page of the console that shows what is kept by which law, whether it is as it was written, and
// the reviews of access.
package compliance

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"weir/internal/console/site"
	"weir/internal/control/archiving"
	"weir/internal/control/reporting"
	"weir/internal/control/retaining"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/retention"
	"weir/internal/term"
)

// Routes adds the page and what can be done on it.
func Routes(mux *http.ServeMux, s *site.Site) {
	mux.Handle("GET /compliance", s.Page(page))
	mux.Handle("GET /compliance/verify", s.Page(verifyPart))
	mux.Handle("POST /compliance/verify", s.Page(verify))
	mux.Handle("POST /compliance/hold", s.Page(hold))
	mux.Handle("POST /compliance/release", s.Page(release))
	mux.Handle("GET /compliance/report", s.Page(report))
	mux.Handle("GET /compliance/review", s.Page(reviewPage))
	mux.Handle("POST /compliance/review/open", s.Page(openReview))
	mux.Handle("POST /compliance/review/comment", s.Page(comment))
	mux.Handle("POST /compliance/review/explain", s.Page(explain))
	mux.Handle("POST /compliance/review/sign", s.Page(sign))
}

// Part is something that the page asks for: the answer, or why there is none. One that is missing keeps no other away.
type Part[A any] struct {
	Is      *A
	Missing bool // nobody here answers
	Faults  fault.List
}

// part asks for one.
func part[A any](v *site.View, name string, q any) Part[A] {
	a, err := site.Answer[A](v, name, q, nil)
	switch {
	case err == nil:
		return Part[A]{Is: &a}
	case site.Missing(err):
		return Part[A]{Missing: true}
	}
	return Part[A]{Faults: term.Faults(err)}
}

// Body is what the page shows.
type Body struct {
	Facts    Part[retention.Facts]
	Warnings []string
	Verify   Verify
	Holds    Part[retaining.HoldsAnswer]
	Reviews  Part[reviewing.Status]
	Schedule Part[reporting.Schedule]
	Kinds    []string
	Formats  []string
	Month    string // the one before this
	Form     url.Values
	Refused  fault.List // of a form that was sent
}

// Verify is the verification as it stands.
type Verify struct {
	Part[archiving.Status]
	Log      *archiving.Log
	Percent  int
	LogFault fault.List
}

// maxFindings is how many findings the page names; the command has all.
const maxFindings = 20

// page is the overview.
func page(v *site.View) { show(v, http.StatusOK, nil, url.Values{}) }

// show writes the page, with what a form was refused for and what somebody had written into it.
func show(v *site.View, status int, refused fault.List, form url.Values) {
	b := &Body{
		Facts: part[retention.Facts](v, retaining.AskReport, retaining.ReportRequest{}), Verify: verifying(v), Holds: part[retaining.HoldsAnswer](v, retaining.AskHolds, retaining.HoldsRequest{}),
		Reviews: part[reviewing.Status](v, reviewing.AskStatus, reviewing.StatusRequest{Periods: 12}), Schedule: part[reporting.Schedule](v, reporting.List, struct{}{}),
		Kinds: reporting.Kinds(), Formats: reporting.Formats(), Month: lastMonth(v.Now.In(v.Zone)), Form: form, Refused: refused,
	}
	if b.Facts.Is != nil {
		for i := range b.Facts.Is.Warnings {
			b.Warnings = append(b.Warnings, warning(v, &b.Facts.Is.Warnings[i]))
		}
	}
	v.Show(status, "compliance", v.T("Compliance"), b)
}

// lastMonth is the month before the one of a moment.
func lastMonth(now time.Time) string {
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location()).AddDate(0, 0, -1).Format("2006-01")
}

// warning is a sentence of what somebody should look at.
func warning(v *site.View, w *retention.Warning) string {
	class, hold := term.Escape(w.Class), term.Escape(w.Hold)
	day := w.Day
	if !w.Time.IsZero() {
		day = w.Time.In(v.Zone).Format("2006-01-02 15:04")
	}
	n := term.Count(int64(w.Segments))
	switch w.Kind {
	case retention.WarnNeverChecked:
		return v.T("Nobody has checked the text of the law behind the class %s.", class)
	case retention.WarnCheckedOld:
		return v.T("The text of the law behind the class %s was checked more than a year ago, on %s.", class, day)
	case retention.WarnHoldEnds:
		return v.T("The hold %s ends on %s.", hold, day)
	case retention.WarnHoldEnded:
		return v.T("The hold %s ended on %s.", hold, day)
	case retention.WarnBeyond:
		if hold != "" {
			return v.T("%s segments of the class %s are kept beyond the day by which they must be deleted, by the hold %s.", n, class, hold)
		}
		return v.T("%s segments of the class %s are kept beyond the day by which they must be deleted.", n, class)
	case retention.WarnUnknown:
		return v.T("%s segments have the class %s, which the policy does not know: they are kept.", n, class)
	case retention.WarnClock:
		return v.T("Nothing is deleted: the clock of this machine is far from where it was (%s).", term.Escape(w.Detail))
	case retention.WarnShorter:
		return v.T("The class %s is kept for a shorter time than the class of that name that weir brings.", class)
	}
	return strings.TrimSpace(w.Kind + " " + class + " " + hold + " " + term.Escape(w.Detail))
}

// verifying asks how the verification stands, and how far the log is published.
func verifying(v *site.View) Verify {
	x := Verify{Part: part[archiving.Status](v, archiving.AskStatus, struct{}{})}
	if x.Is != nil && x.Is.Progress.BytesTotal > 0 {
		x.Percent = int(min(100, x.Is.Progress.Bytes*100/x.Is.Progress.BytesTotal))
	}
	if x.Is != nil && x.Is.Last != nil && len(x.Is.Last.Findings) > maxFindings {
		x.Is.Last.Findings = x.Is.Last.Findings[:maxFindings]
	}
	if l := part[archiving.List](v, archiving.AskList, archiving.ListRequest{}); l.Is != nil {
		x.Log, x.LogFault = &l.Is.Log, l.Is.Faults
	}
	return x
}

// verifyPart is the verification alone, for the script that follows it.
func verifyPart(v *site.View) { v.Part("verification", verifying(v)) }

// verify begins a verification, or ends the one that runs.
func verify(v *site.View) {
	stop := v.R.PostForm.Get("stop") == "1"
	if _, err := site.Answer[archiving.Status](v, archiving.AskVerify, archiving.VerifyRequest{Copy: 1, Stop: stop}, nil); err != nil {
		v.Fail(err)
		return
	}
	notice := v.T("The verification has begun.")
	if stop {
		notice = v.T("The verification is ended.")
	}
	v.Back("/compliance#evidence", notice)
}

// hold places a hold. What is wrong with it is said on the page, with what was written.
func hold(v *site.View) {
	f := v.R.PostForm
	get := func(key string) string { return strings.TrimSpace(f.Get(key)) }
	r := retaining.HoldRequest{Query: get("query"), Owner: get("owner"), Reason: get("reason")}
	err := needs(map[string]string{"owner": r.Owner, "reason": r.Reason})
	if err == nil {
		_, err = query.ParseAt(r.Query, v.Now.In(v.Zone))
	}
	for _, t := range []struct {
		key string
		to  *time.Time
	}{{"from", &r.From}, {"to", &r.To}, {"until", &r.Until}} {
		if text := get(t.key); text != "" && err == nil {
			*t.to, err = term.ParseTime(text, v.Now, v.Zone)
		}
	}
	var a retaining.HoldAnswer
	if err == nil {
		a, err = site.Answer[retaining.HoldAnswer](v, retaining.AskHold, r, nil)
	}
	if err != nil {
		refuse(v, err, f)
		return
	}
	v.Back("/compliance#holds", v.T("The hold %s is placed.", a.Hold.ID))
}

// release ends a hold before its time.
func release(v *site.View) {
	f := v.R.PostForm
	r := retaining.ReleaseRequest{ID: f.Get("id"), Reason: strings.TrimSpace(f.Get("reason"))}
	err := needs(map[string]string{"reason": r.Reason})
	var a retaining.ReleaseAnswer
	if err == nil {
		a, err = site.Answer[retaining.ReleaseAnswer](v, retaining.AskRelease, r, nil)
	}
	if err != nil {
		refuse(v, err, f)
		return
	}
	v.Back("/compliance#holds", v.T("The hold %s is released; %s segments may go with the next run.", a.Hold.ID, term.Count(int64(a.Due))))
}

// needs refuses a form that lacks something.
func needs(values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] == "" {
			return &fault.Error{Code: "bad-request", What: fmt.Sprintf("the form lacks the %s", name), Do: "fill it in", Exit: fault.ExitUsage}
		}
	}
	return nil
}

// refuse shows the page again with what is wrong with a form, and with what was written into it.
func refuse(v *site.View, err error, form url.Values) {
	if v.R.Context().Err() != nil {
		return
	}
	show(v, site.StatusOf(err), term.Faults(err), form)
}
