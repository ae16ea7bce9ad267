// Package review is what a review of access finds out about one period, as plain data: what is drafted, shown, signed and
// printed is this and nothing else.
//
// # How it comes to be
//
// Package draft makes Facts of an archive; package store keeps them with comments, decisions and signatures while people work
// on them; package seal makes the bytes that are signed and checks them again years later; package report turns them into
// pages. None of them adds a number of its own, so that what was signed is what was seen.
//
// # Names in JSON are a contract
//
// Signed reviews outlive the program that wrote them. Fields are only ever added, and numbers are integers: a fraction would
// be written in more than one way, and then the same facts would have two hashes.
package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/retention/korean"
)

// States of a review. Open and commented differ only in that somebody has begun; overdue is said of both.
const (
	Open      = "open"
	Commented = "commented"
	Signed    = "signed"
	Overdue   = "overdue"
	// Preview is a draft that nobody opened: it is shown and not kept.
	Preview = "preview"
)

// Facts is everything that a review of one period says.
type Facts struct {
	V        int    `json:"v"` // of this form: 1
	ID       string `json:"id"`
	Revision int    `json:"revision"`           // 1, or one more than that of the review which this one corrects
	Corrects string `json:"corrects,omitempty"` // id of that review
	Why      string `json:"why,omitempty"`      // what was wrong with it

	Period  Period `json:"period"`
	Before  Period `json:"before"` // the period that it is compared with
	Drafted Stamp  `json:"drafted"`
	// Searches is the SHA-256 of the searches that it was drafted with, shipped ones and one's own together.
	Searches string `json:"searches"`
	Policy   Policy `json:"policy"`
	// Law is what stood in force at the end of the period, and when somebody read its text.
	Law     []Law    `json:"law"`
	Systems []System `json:"systems"`
	Record  Record   `json:"record"`
	// Comments are those on the whole; those on a system stand with it.
	Comments []Comment `json:"comments,omitempty"`

	// State, Due and Signatures are no part of what is signed.
	State      string      `json:"state"`
	Signatures []Signature `json:"signatures,omitempty"`
}

// System returns a system by its id, nil if it is not in this review.
func (f *Facts) System(id string) *System {
	for i := range f.Systems {
		if f.Systems[i].ID == id {
			return &f.Systems[i]
		}
	}
	return nil
}

// Unsigned returns the systems that nobody has signed, in their order.
func (f *Facts) Unsigned() []string {
	var out []string
	for i := range f.Systems {
		if id := f.Systems[i].ID; !f.covered(id) {
			out = append(out, id)
		}
	}
	return out
}

// covered tells whether a signature is about a system.
func (f *Facts) covered(id string) bool {
	return slices.ContainsFunc(f.Signatures, func(s Signature) bool {
		return slices.ContainsFunc(s.Parts, func(p Part) bool { return p.System == id })
	})
}

// Stamp says when something was done, and by whom.
type Stamp struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// Period is the time that is reviewed.
type Period struct {
	Name string    `json:"name"` // 2026-10, 2026-Q4, 2026-H2, 2026
	From time.Time `json:"from"` // included
	To   time.Time `json:"to"`   // not included
	Zone string    `json:"zone"` // whose midnights bound it
}

// Location returns the zone of a period. A zone that this machine does not know is UTC: the bounds are right all the same.
func (p Period) Location() *time.Location {
	if l, err := time.LoadLocation(p.Zone); err == nil {
		return l
	}
	return time.UTC
}

// Policy is the plan by which the review is made.
type Policy struct {
	Version string    `json:"version,omitempty"` // SHA-256 of the policy's text
	Cycle   string    `json:"cycle"`             // monthly, quarterly, half-yearly or yearly
	Grace   int       `json:"grace_days"`        // after the end of the period
	Due     time.Time `json:"due"`               // it is overdue from here on
}

// Law is one duty as its class states it, with the Korean words beside the English ones.
type Law struct {
	Class     string `json:"class"`
	Law       string `json:"law"`
	LawKo     string `json:"law_ko,omitempty"`
	Article   string `json:"article,omitempty"`
	Notice    string `json:"notice,omitempty"`
	Applies   string `json:"applies,omitempty"` // to whom
	AppliesKo string `json:"applies_ko,omitempty"`
	Note      string `json:"note,omitempty"`
	NoteKo    string `json:"note_ko,omitempty"`
	Review    string `json:"review,omitempty"` // the cycle that it asks for
	Keep      string `json:"keep,omitempty"`   // at least so long
	Status    string `json:"status"`           // read, secondary, memory, or what its class says
	Checked   string `json:"checked"`          // day on which somebody read the text; never
}

// ArticleIn is the article in a language: en or ko.
func (l Law) ArticleIn(lang string) string {
	if lang == "ko" {
		return korean.Article(l.Article)
	}
	return l.Article
}

// NoticeIn is the notice in a language.
func (l Law) NoticeIn(lang string) string {
	if lang == "ko" {
		return korean.Notice(l.Notice)
	}
	return l.Notice
}

// Record says how whole the record itself is.
type Record struct {
	Events int64 `json:"events"` // of the systems, in the period
	Gaps   []Gap `json:"gaps,omitempty"`
	// Unreadable are parts of the archive that could not be read: the facts are without them.
	Unreadable []string `json:"unreadable,omitempty"`
	// First is the oldest event of the systems that the archive has: what is not compared is not there.
	First time.Time `json:"first,omitzero"`
}

// Gap is a stretch of time of which something is missing in the record.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Source string    `json:"source,omitempty"`
	// Kind is silent (a system said nothing), unread (a segment of the archive), expired (records went by the policy), dead
	// (records that could not be used), refused (records that weir turned away), lost (records that weir never read), ledger (the
	// counts do not balance), unclean (weir did not stop in order), unasked (the ledger was not there), rules (no detection rule looked at the events), or another
	// one; N counts days (silent) or records, where it is known.
	Kind string `json:"kind,omitempty"`
	N    int64  `json:"n,omitempty"`
	What string `json:"what"` // in words
}

// In says what is missing in a language: en or ko.
func (g Gap) In(lang string) string {
	if lang == "ko" {
		return g.Korean()
	}
	return g.What
}

// SourceIn is the source in a language; most are names and alike in both.
func (g Gap) SourceIn(lang string) string {
	if lang != "ko" {
		return g.Source
	}
	if name, ok := strings.CutPrefix(g.Source, "system "); ok && g.Kind == "silent" {
		return "시스템 " + name
	}
	if g.Source == "other" && (g.Kind == "refused" || g.Kind == "ledger") {
		return "기타 소스"
	}
	if name, ok := strings.CutPrefix(g.Source, "class "); ok && g.Kind == "expired" {
		return "보존 분류 " + name
	}
	return g.Source
}

// Korean says what is missing in Korean, for the kinds that are known; else as it was written.
func (g Gap) Korean() string {
	switch {
	case g.Kind == "silent" && g.N > 0:
		return fmt.Sprintf("%d일간 이 시스템의 기록 없음", g.N)
	case g.Kind == "expired" && g.N > 0:
		return fmt.Sprintf("보존기간 만료로 기록 %d건 파기", g.N)
	case g.Kind == "unread":
		return "보관 파일을 읽을 수 없음: " + strings.TrimPrefix(g.What, "a segment is not read: ")
	case g.Kind == "dead" && g.N > 0:
		return fmt.Sprintf("이 시스템의 로그 소스에서 온 기록 %d건을 해석하지 못함%s", g.N, bracketed(g.What))
	case g.Source == "other" && g.Kind == "refused" && g.N > 0:
		return fmt.Sprintf("개별 집계하지 않는 소스들의 기록 %d건을 수신 거부함(최초 수신 이후 누계, 이 시스템의 기록이 포함되었을 수 있음)", g.N)
	case g.Source == "other" && g.Kind == "ledger" && g.N != 0:
		return fmt.Sprintf("개별 집계하지 않는 소스들의 기록 %d건이 수신·저장 대사에서 일치하지 않음(최초 수신 이후 누계, 이 시스템의 기록이 포함되었을 수 있음)", g.N)
	case g.Kind == "refused" && g.N > 0:
		return fmt.Sprintf("이 소스의 기록 %d건을 수신 거부함(최초 수신 이후 누계)", g.N)
	case g.Kind == "ledger" && g.N != 0:
		return fmt.Sprintf("이 소스의 기록 %d건이 수신·저장 대사에서 일치하지 않음(최초 수신 이후 누계)", g.N)
	case g.Kind == "lost":
		return "weir가 읽기 전에 기록이 유실됨: " + g.What
	case g.Kind == "refused":
		return "기록을 수신 거부함: " + g.What
	case g.Kind == "ledger":
		return "수신·저장 대사 불일치: " + g.What
	case g.Kind == "unclean" && g.N > 0:
		return fmt.Sprintf("weir 비정상 종료: 읽은 기록 중 최대 %d건이 저장되지 않았을 수 있음", g.N)
	case g.Kind == "unasked":
		return "수신·저장 대사(원장)를 확인하지 못함"
	case g.Kind == "rules" && g.N > 0:
		return fmt.Sprintf("이벤트 %d건에 탐지 룰이 적용되지 않음", g.N)
	}
	return g.What
}

// bracketed is what stands in brackets at the end of a text, brackets included.
func bracketed(s string) string {
	if i := strings.LastIndexByte(s, '('); i >= 0 {
		return s[i:]
	}
	return ""
}

// System is what was found out about one system that holds personal data.
type System struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	TitleKo   string   `json:"title_ko,omitempty"`
	Owner     string   `json:"owner,omitempty"`
	Reviewers []string `json:"reviewers,omitempty"` // who may sign it; empty: any reviewer whose access it is not
	Class     string   `json:"class,omitempty"`     // retention class of its access records
	Subjects  int64    `json:"subjects,omitempty"`  // people whose data it holds
	Sensitive bool     `json:"sensitive,omitempty"`
	// Scope is the KQL of its events. Match, where it is not empty, is a condition that some of them were chosen by and that KQL
	// cannot say: then the queries of the system find more than was counted.
	Scope  string    `json:"scope"`
	Match  string    `json:"match,omitempty"`
	Events int64     `json:"events"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`

	Completeness Completeness   `json:"completeness"`
	Accounts     []Account      `json:"accounts"`
	Rights       []RightsChange `json:"rights"`
	Logons       Logons         `json:"logons"`
	Downloads    []Handling     `json:"downloads"`
	Bulk         []Handling     `json:"bulk"`
	Alerts       []Alert        `json:"alerts"`
	Changes      Changes        `json:"changes"`
	Findings     []Finding      `json:"findings"`
	Comments     []Comment      `json:"comments,omitempty"`
	// Left says how many entries of a list were more than a review holds: accounts, rights, downloads, bulk, alerts, addresses.
	Left []Group `json:"left,omitempty"`
}

// Query is the KQL of some of the system's events in the period, as a search takes it.
func (s *System) Query(and string) string { return "(" + s.Scope + ") and (" + and + ")" }

// AccountQuery is the KQL of what an account did in the system, and of what was done to it.
func (s *System) AccountQuery(account string) string {
	q := Quote(account)
	return s.Query(fmt.Sprintf("user.name: %s or user.id: %s or user.target.name: %s", q, q, q))
}

// Completeness says how many access records lack one of the five items.
type Completeness struct {
	Records    int64   `json:"records"`
	Incomplete int64   `json:"incomplete"`
	Missing    []Group `json:"missing,omitempty"` // by item: identifier, time, place, subject, action
	KQL        string  `json:"kql"`               // of the incomplete ones
}

// Account is somebody who had access, or used it.
type Account struct {
	Name       string `json:"name"`
	Person     string `json:"person,omitempty"` // name in the list of users
	Department string `json:"department,omitempty"`
	Owner      string `json:"owner,omitempty"`
	Privileged bool   `json:"privileged,omitempty"`
	Unlisted   bool   `json:"unlisted,omitempty"` // not in the list of users, although there is one

	Rights  []string  `json:"rights,omitempty"` // held at the end of the period
	Granted time.Time `json:"granted,omitzero"` // the last grant
	Removed time.Time `json:"removed,omitzero"` // the right was taken away in the period

	First     time.Time `json:"first,omitzero"` // seen in the period
	Last      time.Time `json:"last,omitzero"`
	LastLogon time.Time `json:"last_logon,omitzero"` // ever, as far as was looked back
	Logons    int64     `json:"logons"`
	Failed    int64     `json:"failed"`
	Records   int64     `json:"records"`  // access records
	Subjects  int64     `json:"subjects"` // data subjects in them, added up
	Downloads int64     `json:"downloads"`
	OffHours  int64     `json:"off_hours"`
	Foreign   int64     `json:"foreign"`
	Addresses int       `json:"addresses"` // different ones, at most 64 counted
	Countries []string  `json:"countries,omitempty"`
	// AtOnce is the most addresses within the hour of the search `shared-accounts`.
	AtOnce int `json:"at_once"`

	Dormant bool `json:"dormant,omitempty"` // holds a right and did not log on for long
	Shared  bool `json:"shared,omitempty"`  // listed as shared, or used from several addresses at a time
	New     bool `json:"new,omitempty"`     // not seen in the period before
}

// RightsChange is a right that was given, changed or taken away.
type RightsChange struct {
	Event    string    `json:"event"` // event.id
	At       time.Time `json:"at"`
	Action   string    `json:"action"` // grant, change, remove; of a native record its event.action
	By       string    `json:"by,omitempty"`
	Account  string    `json:"account,omitempty"` // whose right it is
	Right    string    `json:"right,omitempty"`
	Old      string    `json:"old,omitempty"`
	New      string    `json:"new,omitempty"`
	Approved string    `json:"approved_by,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	// Native tells that the system itself wrote it (useradd, Windows 4720), and no record of rights.
	Native  bool   `json:"native,omitempty"`
	Dataset string `json:"dataset,omitempty"`
	Host    string `json:"host,omitempty"`
}

// Logons counts logons by when and where.
type Logons struct {
	Success int64 `json:"success"`
	Failed  int64 `json:"failed"`
	// Hours are by weekday, Monday first, and hour of the period's zone.
	Hours       [7][24]int64 `json:"hours"`
	FailedHours [7][24]int64 `json:"failed_hours"`
	Countries   []Place      `json:"countries"`
	Networks    []Place      `json:"networks"`
	Addresses   []Place      `json:"addresses"`
	KQL         string       `json:"kql"`
	FailedKQL   string       `json:"failed_kql"`
}

// Place is where logons came from: a country ("" of an address of no known country), a network zone, an address.
type Place struct {
	Name     string `json:"name"`
	Country  string `json:"country,omitempty"` // of an address
	Success  int64  `json:"success"`
	Failed   int64  `json:"failed"`
	Accounts int    `json:"accounts"` // different ones, at most 64 counted
}

// Handling is one record of somebody who handled personal data.
type Handling struct {
	Event    string    `json:"event"`
	At       time.Time `json:"at"`
	Account  string    `json:"account,omitempty"`
	Address  string    `json:"address,omitempty"`
	Action   string    `json:"action,omitempty"`
	Subjects int64     `json:"subjects"`
	Reason   string    `json:"reason,omitempty"` // as the record itself says
	// Decisions are what reviewers did about it, in order; only downloads have some.
	Decisions []Decision `json:"decisions,omitempty"`
}

// Status says where a download stands: none (no reason is known), asked (its explanation is waited for), answered, entered
// (a reason is known), approved.
func (h *Handling) Status() string {
	status := "none"
	if strings.TrimSpace(h.Reason) != "" {
		status = "entered"
	}
	for _, d := range h.Decisions {
		switch d.Kind {
		case "reason":
			status = "entered"
		case "approve":
			status = "approved"
		case "ask":
			status = "asked"
		case "answer":
			status = "answered"
		}
	}
	return status
}

// Decision is what somebody did about a download.
type Decision struct {
	Stamp
	Kind string `json:"kind"`           // reason, approve, ask, answer
	Text string `json:"text,omitempty"` // the reason, the question or the answer
	Whom string `json:"whom,omitempty"` // who was asked, or answered
}

// Alert is an alert about the system.
type Alert struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Rule  string    `json:"rule"`
	Title string    `json:"title"`
	Level string    `json:"level"`
	Text  string    `json:"text,omitempty"`
	Count int64     `json:"count"`
	State string    `json:"state"` // at the end of what is recorded
	// Verdict is that of a closed one.
	Verdict string `json:"verdict,omitempty"`
}

// Changes compares the period with the one before.
type Changes struct {
	// Known is false where the record does not reach back: then nothing is new and nothing is gone.
	Known  bool     `json:"known"`
	New    []string `json:"new,omitempty"` // accounts
	Gone   []string `json:"gone,omitempty"`
	Counts []Delta  `json:"counts,omitempty"`
}

// Delta is a number of this period and of the one before.
type Delta struct {
	What   string `json:"what"` // events, records, logons, failed, rights, downloads, bulk, alerts, accounts
	Now    int64  `json:"now"`
	Before int64  `json:"before"`
}

// Finding is what one search found.
type Finding struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	TitleKo  string `json:"title_ko,omitempty"`
	Severity string `json:"severity"` // info, low, medium, high
	// KQL with From and To finds the events of it, all of them and no others.
	KQL  string    `json:"kql"`
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to"`
	// Hit tells that the threshold was reached; a finding without it says that nothing was found.
	Hit       bool   `json:"hit"`
	How       string `json:"how"`   // events, list, by, distinct; accounts: counted from the list of accounts
	Count     int64  `json:"count"` // events; groups or accounts that reached the threshold
	Events    int64  `json:"events"`
	Threshold int64  `json:"threshold"`
	Before    int64  `json:"before"` // events in the period before
	// By names the fields of Groups.
	By     []string `json:"by,omitempty"`
	Groups []Group  `json:"groups,omitempty"`
	List   []Ref    `json:"list,omitempty"`
	// Left is how many groups or events more there were than are listed.
	Left int64 `json:"left,omitempty"`
	// Rough tells that there were more groups than were counted: rare ones may be missing.
	Rough bool `json:"rough,omitempty"`
}

// Group is a number with what it was counted by.
type Group struct {
	Values []string  `json:"values"`
	Count  int64     `json:"count"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
}

// Ref is one event, as far as a page needs it.
type Ref struct {
	Event   string    `json:"event"`
	At      time.Time `json:"at"`
	Account string    `json:"account,omitempty"`
	Address string    `json:"address,omitempty"`
	Host    string    `json:"host,omitempty"`
	Text    string    `json:"text,omitempty"`
}

// Comment is what somebody wrote on a finding, on a system, or on the whole.
type Comment struct {
	Stamp
	Nr      int    `json:"nr"` // in the review, from 1
	Finding string `json:"finding,omitempty"`
	Text    string `json:"text"`
}

// Signature is a reviewer's word for some systems.
type Signature struct {
	Key    string    `json:"key"`    // name of the key
	Public string    `json:"public"` // Ed25519, base64
	By     string    `json:"by"`     // the user that signed
	At     time.Time `json:"at"`
	// Parts are what was signed: the head (without a system), then each system.
	Parts []Part `json:"parts"`
	// Signature is of the text that package seal makes of all of this, base64.
	Signature string `json:"signature"`
}

// Part is a part of a review with its hash.
type Part struct {
	System string `json:"system"` // "" is the head: period, law, policy, record, comments on the whole
	SHA256 string `json:"sha256"`
}

// Quote writes a value as KQL reads it back, whatever is in it.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}
