package compliance

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/review"
	"weir/internal/term"
)

// Bounds of what the page lists of a system; the report has all.
const (
	maxList  = 200
	maxGroup = 10
)

// Review is the page of one review. It shows one system at a time.
type Review struct {
	View     *reviewing.View
	F        *review.Facts
	System   *review.System
	Title    string // of the system
	Tabs     []SystemTab
	Findings []Finding
	Quiet    int // findings that found nothing
	Accounts []Account
	More     map[string]int // how many more of each list there are
	Hours    *Heat
	Downs    []Download
	Open     int // downloads whose reason is not known
	Keys     []string
	Command  string
	Signed   bool
	Refused  fault.List
	Form     url.Values
	Zone     *time.Location
}

// SystemTab is a system of the review.
type SystemTab struct {
	ID, Title, Href string
	On, Signed      bool
	Hits            int
}

// Finding is what one search found, with what was written about it.
type Finding struct {
	*review.Finding
	Title    string
	Href     string
	Comments []review.Comment
	Groups   []review.Group
}

// Account is somebody with access, with a search for what they did.
type Account struct {
	*review.Account
	Href string
}

// Download is a download of personal data with where it stands.
type Download struct {
	*review.Handling
	Status string
	Href   string
}

// Heat is logons by weekday and hour.
type Heat struct {
	Rows []HeatRow
	Most int64
}

// HeatRow is one weekday.
type HeatRow struct {
	Day   string
	Cells []HeatCell
}

// HeatCell is one hour; Step is how dark it is, from 0 to 4.
type HeatCell struct {
	Hour  int
	Count int64
	Step  int
}

// reviewPage shows a review.
func reviewPage(v *site.View) {
	q := v.R.URL.Query()
	got, err := site.Answer[reviewing.View](v, reviewing.AskShow, reviewing.ShowRequest{ID: q.Get("id")}, nil)
	if err != nil {
		v.Fail(err)
		return
	}
	showReview(v, http.StatusOK, &got, q.Get("system"), nil, url.Values{})
}

// showReview writes the page.
func showReview(v *site.View, status int, got *reviewing.View, system string, refused fault.List, form url.Values) {
	f := got.Facts
	if f == nil {
		v.Fail(&fault.Error{Code: "review-unknown", What: "the review holds nothing", Do: "weir review status", Exit: fault.ExitUsage})
		return
	}
	r := &Review{View: got, F: f, Command: v.Command("review sign " + term.ShellWord(f.ID)), Signed: f.State == review.Signed, Refused: refused, Form: form, More: map[string]int{}, Zone: f.Period.Location()}
	unsigned := f.Unsigned()
	for i := range f.Systems {
		s := &f.Systems[i]
		on := s.ID == system || system == "" && i == 0
		if on {
			r.System = s
		}
		hits := 0
		for _, x := range s.Findings {
			if x.Hit {
				hits++
			}
		}
		r.Tabs = append(r.Tabs, SystemTab{ID: s.ID, Title: title(v.Lang, s.Title, s.TitleKo, s.ID), Href: reviewURL(f.ID, s.ID), On: on, Signed: !slices.Contains(unsigned, s.ID), Hits: hits})
	}
	if r.System != nil {
		r.system(v)
	}
	if keys := part[reviewing.Keys](v, reviewing.AskKeys, struct{}{}); keys.Is != nil {
		for i := range keys.Is.Keys {
			if keys.Is.Keys[i].Active() {
				r.Keys = append(r.Keys, keys.Is.Keys[i].Name)
			}
		}
	}
	v.Show(status, "review", v.T("Review %s", f.ID), r)
}

// title is the name of something in the language of the reader.
func title(l text.Lang, en, ko, id string) string {
	switch {
	case l == text.Ko && ko != "":
		return ko
	case en != "":
		return en
	}
	return id
}

// system prepares the system that is shown.
func (r *Review) system(v *site.View) {
	s, p := r.System, r.F.Period
	r.Title = title(v.Lang, s.Title, s.TitleKo, s.ID)
	for i := range s.Findings {
		x := &s.Findings[i]
		from := x.From
		if from.IsZero() {
			from = p.From
		}
		f := Finding{Finding: x, Title: title(v.Lang, x.Title, x.TitleKo, x.ID), Href: searchURL(x.KQL, from, x.To), Groups: x.Groups[:min(len(x.Groups), maxGroup)]}
		for _, c := range s.Comments {
			if c.Finding == x.ID {
				f.Comments = append(f.Comments, c)
			}
		}
		if !x.Hit && len(f.Comments) == 0 {
			r.Quiet++
		}
		r.Findings = append(r.Findings, f)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		switch {
		case a.Hit == b.Hit:
			return 0
		case a.Hit:
			return -1
		}
		return 1
	})
	for i := range s.Accounts {
		if i == maxList {
			r.More["accounts"] = len(s.Accounts) - maxList
			break
		}
		r.Accounts = append(r.Accounts, Account{&s.Accounts[i], searchURL(s.AccountQuery(s.Accounts[i].Name), p.From, p.To)})
	}
	for i := range s.Downloads {
		d := &s.Downloads[i]
		st := d.Status()
		if st == "none" || st == "asked" {
			r.Open++
		}
		if i < maxList {
			r.Downs = append(r.Downs, Download{d, st, eventURL(d.Event, d.At)})
		}
	}
	if len(s.Downloads) > maxList {
		r.More["downloads"] = len(s.Downloads) - maxList
	}
	if len(s.Rights) > maxList {
		r.More["rights"] = len(s.Rights) - maxList
		cut := *s
		cut.Rights = s.Rights[:maxList]
		r.System = &cut
	}
	r.Hours = heat(v.Lang, &s.Logons.Hours)
}

// days of the week, Monday first.
var days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// heat makes the table of hours; nil where nobody logged on.
func heat(l text.Lang, hours *[7][24]int64) *Heat {
	h := &Heat{}
	for _, row := range hours {
		for _, n := range row {
			h.Most = max(h.Most, n)
		}
	}
	if h.Most == 0 {
		return nil
	}
	for d, row := range hours {
		r := HeatRow{Day: l.T(days[d])}
		for hour, n := range row {
			c := HeatCell{Hour: hour, Count: n}
			if n > 0 {
				c.Step = 1 + int(3*(n-1)/max(1, h.Most-1))
			}
			r.Cells = append(r.Cells, c)
		}
		h.Rows = append(h.Rows, r)
	}
	return h
}

// The addresses that the page leads to.

func reviewURL(id, system string) string {
	v := url.Values{"id": {id}}
	if system != "" {
		v.Set("system", system)
	}
	return "/compliance/review?" + v.Encode()
}

func searchURL(kql string, from, to time.Time) string {
	v := url.Values{"q": {kql}, "from": {stamp(from)}}
	if from.IsZero() {
		v.Set("from", "all")
	}
	if !to.IsZero() {
		v.Set("to", stamp(to))
	}
	return "/search?" + v.Encode()
}

func eventURL(id string, at time.Time) string {
	return "/search?" + url.Values{"q": {"event.id: " + review.Quote(id)}, "from": {stamp(at.Add(-time.Minute))}, "to": {stamp(at.Add(time.Minute))}, "id": {id}}.Encode()
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// openReview drafts a review of a month. It reads the archive, and so takes its time; who goes away ends it.
func openReview(v *site.View) {
	f := v.R.PostForm
	got, err := site.Answer[reviewing.View](v, reviewing.AskOpen, reviewing.OpenRequest{Month: strings.TrimSpace(f.Get("month")), System: f.Get("system"), Redraft: f.Get("redraft") == "1"}, func([]byte) error { return nil })
	if err != nil {
		refuse(v, err, f)
		return
	}
	id := ""
	if got.Facts != nil {
		id = got.Facts.ID
	}
	v.Back(reviewURL(id, ""), v.T("The review %s is drafted.", id))
}

// change sends what somebody did with a review and shows the page anew. One that was refused, since somebody else was
// faster, is shown with the review as it is now and what was written.
func change(v *site.View, ask string, q any, notice string) {
	f := v.R.PostForm
	_, err := site.Answer[struct{}](v, ask, q, nil)
	if err == nil {
		to := reviewURL(f.Get("id"), f.Get("system"))
		if a := f.Get("at"); a != "" {
			to += "#" + url.PathEscape(a)
		}
		v.Back(to, notice)
		return
	}
	got, again := site.Answer[reviewing.View](v, reviewing.AskShow, reviewing.ShowRequest{ID: f.Get("id")}, nil)
	if again != nil {
		v.Fail(err)
		return
	}
	f.Del("passphrase")
	showReview(v, site.StatusOf(err), &got, f.Get("system"), term.Faults(err), f)
}

// version is that of the review which the page showed.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return 0
	}
	return n
}

// comment writes on a finding, a system or the whole.
func comment(v *site.View) {
	f := v.R.PostForm
	system := f.Get("system")
	if f.Get("whole") == "1" {
		system = ""
	}
	change(v, reviewing.AskComment, reviewing.CommentRequest{ID: f.Get("id"), Version: version(f), System: system, Finding: f.Get("finding"), Text: strings.TrimSpace(f.Get("text"))}, v.T("The comment is kept."))
}

// explain decides about the reason of a download.
func explain(v *site.View) {
	f := v.R.PostForm
	change(v, reviewing.AskExplain, reviewing.ExplainRequest{ID: f.Get("id"), Version: version(f), Download: f.Get("download"), Kind: f.Get("kind"), Text: strings.TrimSpace(f.Get("text")), Whom: strings.TrimSpace(f.Get("whom"))},
		v.T("The decision is kept."))
}

// sign signs with a key that this machine keeps. The passphrase goes to whoever has the key and nowhere else.
func sign(v *site.View) {
	f := v.R.PostForm
	var systems []string
	if s := f.Get("system"); s != "" && f.Get("all") != "1" {
		systems = []string{s}
	}
	change(v, reviewing.AskHere, reviewing.HereRequest{ID: f.Get("id"), Version: version(f), Key: f.Get("key"), Passphrase: f.Get("passphrase"), Systems: systems}, v.T("It is signed."))
}
