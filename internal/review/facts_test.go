package review

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/query"
)

func TestHandling_Status(t *testing.T) {
	for _, x := range []struct {
		name, reason string
		kinds        []string
		want         string
	}{
		{"nothing", "", nil, "none"}, {"blanks", "  ", nil, "none"}, {"in the record", "audit", nil, "entered"}, {"entered", "", []string{"reason"}, "entered"},
		{"approved", "audit", []string{"approve"}, "approved"}, {"asked", "audit", []string{"ask"}, "asked"}, {"answered", "", []string{"ask", "answer"}, "answered"},
		{"asked again", "audit", []string{"approve", "ask"}, "asked"}, {"a kind of a newer weir", "audit", []string{"other"}, "entered"},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := Handling{Reason: x.reason}
			for _, k := range x.kinds {
				h.Decisions = append(h.Decisions, Decision{Kind: k})
			}
			if got := h.Status(); got != x.want {
				t.Errorf("%s, want %s", got, x.want)
			}
		})
	}
}

// TestGap_In: every kind has words of its own in Korean; what is of another kind stays as it was written.
func TestGap_In(t *testing.T) {
	for _, kind := range []string{"silent", "unread", "expired", "dead", "refused", "lost", "ledger", "unclean", "unasked", "rules"} {
		g := Gap{Kind: kind, N: 7, What: "7 records (reason)", Source: "system crm"}
		if g.In("en") != g.What || g.In("ko") == g.What || strings.ContainsAny(g.In("ko"), "%!") {
			t.Errorf("%s: %s", kind, g.In("ko"))
		}
		if g.SourceIn("en") != "system crm" || (g.SourceIn("ko") == "시스템 crm") != (kind == "silent") {
			t.Errorf("%s of %s", kind, g.SourceIn("ko"))
		}
	}
	if g := (Gap{Kind: "dead", N: 2, What: "2 records could not be used (cef-header)"}); !strings.HasSuffix(g.In("ko"), "(cef-header)") {
		t.Error(g.In("ko"))
	}
	if g := (Gap{Kind: "new", What: "receiver stopped", Source: "class x"}); g.In("ko") != g.What || g.SourceIn("ko") != "class x" {
		t.Error(g.In("ko"))
	}
	if g := (Gap{Kind: "refused", Source: "other"}); g.SourceIn("ko") != "기타 소스" || g.SourceIn("en") != "other" {
		t.Error(g.SourceIn("ko"))
	}
	if g := (Gap{Kind: "expired", Source: "class standard"}); g.SourceIn("ko") != "보존 분류 standard" {
		t.Error(g.SourceIn("ko"))
	}
	if l := (Law{Article: "8(1) proviso", Notice: "Notice 2023-6, in force 2023-09-22"}); l.ArticleIn("ko") != "제8조제1항 단서" || l.NoticeIn("ko") != "고시 제2023-6호, 2023-09-22 시행" || l.ArticleIn("en") != l.Article || l.NoticeIn("en") != l.Notice {
		t.Error(l.ArticleIn("ko"), l.NoticeIn("ko"))
	}
}

func TestUnsigned(t *testing.T) {
	f := &Facts{Systems: []System{{ID: "a"}, {ID: "b"}}, Signatures: []Signature{{Key: "k", Parts: []Part{{}, {System: "b"}}}}}
	if got := f.Unsigned(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v", got)
	}
	if f.System("b") != &f.Systems[1] || f.System("c") != nil {
		t.Error("a system is not found")
	}
}

// TestQuote: whatever is quoted is read back as the same value, and as nothing else.
func TestQuote(t *testing.T) {
	for _, s := range []string{"kim", `a"b`, `a\b`, `" or *: *`, "two\nlines\tand\rmore", "가 * (x)", ""} {
		q, err := query.Parse("user.name: " + Quote(s))
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if term, ok := q.Root().(*query.Term); !ok || term.Value.Text != s || term.Value.Wild() {
			t.Errorf("%q is read as %v", s, q.Root())
		}
	}
}

func TestQuery(t *testing.T) {
	s := System{Scope: `host.name: "a" or host.name: "b"`}
	for _, kql := range []string{s.Query("user.name: kim or user.name: lee"), s.AccountQuery(`x" or *`)} {
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := q.Root().(*query.And); !ok {
			t.Errorf("%s is not held together", kql)
		}
	}
}

func TestPeriod_Location(t *testing.T) {
	if l := (Period{Zone: "Asia/Seoul"}).Location(); l.String() != "Asia/Seoul" {
		t.Error(l)
	}
	if l := (Period{Zone: "Nowhere/Land"}).Location(); l != time.UTC {
		t.Error(l)
	}
}

// TestFacts_Form: there are no fractions in a review, since they have no one form, and times that are not known are left out.
func TestFacts_Form(t *testing.T) {
	b, err := json.Marshal(Facts{Systems: []System{{Accounts: []Account{{}}, Findings: []Finding{{}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "last_logon") || strings.Contains(string(b), "granted") {
		t.Errorf("%s", b)
	}
	var f Facts
	if err := json.Unmarshal([]byte(`{"v":9,"later":"x","systems":[{"id":"a","later":1}]}`), &f); err != nil || f.Systems[0].ID != "a" {
		t.Errorf("a newer review: %+v, %v", f, err)
	}
}

// TestGap_Korean: the kinds that a draft makes have Korean words, and what is unknown stays readable.
func TestGap_Korean(t *testing.T) {
	for want, g := range map[string]Gap{
		"7일간 이 시스템의 기록 없음":     {Kind: "silent", N: 7, What: "no event of this system for 7 days"},
		"보존기간 만료로 기록 12건 파기":   {Kind: "expired", N: 12, What: "12 records were removed when their time was over"},
		"보관 파일을 읽을 수 없음: size": {Kind: "unread", What: "a segment is not read: size"},
		"receiver stopped":     {What: "receiver stopped"},
		"개별 집계하지 않는 소스들의 기록 3건을 수신 거부함(최초 수신 이후 누계, 이 시스템의 기록이 포함되었을 수 있음)":              {Kind: "refused", Source: "other", N: 3},
		"개별 집계하지 않는 소스들의 기록 -2건이 수신·저장 대사에서 일치하지 않음(최초 수신 이후 누계, 이 시스템의 기록이 포함되었을 수 있음)": {Kind: "ledger", Source: "other", N: -2},
	} {
		if got := g.Korean(); got != want {
			t.Errorf("%+v: %q, want %q", g, got, want)
		}
	}
}
