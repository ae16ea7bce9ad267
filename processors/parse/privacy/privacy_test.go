package privacy

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/event"
)

// is compares fields of an event: paths and texts in turn, "" for a field that must not be there.
func is(t *testing.T, e *event.Event, want ...string) {
	t.Helper()
	for i := 0; i < len(want); i += 2 {
		v := e.GetPath(want[i])
		got := ""
		switch v.Kind() {
		case event.Absent:
		case event.List:
			var all []string
			for j := range v.Len() {
				all = append(all, v.Item(j).Text())
			}
			got = strings.Join(all, "|")
		default:
			got = v.Text()
		}
		if got != want[i+1] {
			t.Errorf("%s is %q, want %q", want[i], got, want[i+1])
		}
	}
}

func TestAccess_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      []string
	}{
		{"JSON", `{"record":"privacy_access","time":"2026-11-20T09:15:02Z","user_id":"kim01","user_name":"Kim","ip":"10.1.2.3","subject":["C-1","C-2"],"action":"view","reason":"claim","screen":{"id":"M7"}}`,
			[]string{"privacy_access.time", "2026-11-20T09:15:02Z", "user.id", "kim01", "user.name", "Kim", "weir.data.screen.id", "M7", "source.ip", "10.1.2.3", "weir.privacy.subject.id", "C-1|C-2", "weir.privacy.action", "view", "weir.privacy.reason", "claim"}},
		{"objects within objects", `{"user":{"id":"kim01","fullName":"김철수"},"source":{"ip":"2001:db8::1"},"privacy":{"subject":{"count":12},"action":"search"}}`,
			[]string{"user.id", "kim01", "user.full_name", "김철수", "source.ip", "2001:db8::1", "weir.privacy.subject.count", "12", "weir.privacy.action", "search"}},
		{"names in Korean", `{"접속 일시":"2026-11-20 09:15:02","접속자 ID":"kim01","접속지":"10.1.2.3","정보주체":"C-1;C-2","수행업무":"조회"}`,
			[]string{"privacy_access.time", "2026-11-20 09:15:02", "user.id", "kim01", "source.ip", "10.1.2.3", "weir.privacy.subject.id", "C-1|C-2", "weir.privacy.action", "조회"}},
		{"key=value with words", `time=2026-11-20 09:15:02 user=kim01 ip=10.1.2.3 subject=C-1,C-2 action=download reason=민원 처리 확인 count=2`,
			[]string{"privacy_access.time", "2026-11-20 09:15:02", "weir.privacy.subject.id", "C-1|C-2", "weir.privacy.reason", "민원 처리 확인", "weir.privacy.subject.count", "2"}},
		{"key=value with bars and quotes", `user="kim 01"|ip=10.1.2.3|action=print|terminal=PC-7`,
			[]string{"user.id", "kim 01", "source.ip", "10.1.2.3", "source.domain", "PC-7", "weir.privacy.action", "print"}},
		{"a row", `2026-11-20 09:15:02,kim01,10.1.2.3,"C-1;C-2",view,2,crm,"claim, new",ok`,
			[]string{"privacy_access.time", "2026-11-20 09:15:02", "user.id", "kim01", "weir.privacy.subject.id", "C-1|C-2", "weir.privacy.action", "view", "weir.privacy.subject.count", "2", "weir.privacy.system", "crm", "weir.privacy.reason", "claim, new", "event.outcome", "success"}},
		{"a row between tabs", "2026-11-20 09:15:02\tkim01\t10.1.2.3\tC-1\tview", []string{"user.id", "kim01", "weir.privacy.action", "view"}},
		{"a row with its names", "접속자,접속지,수행업무,비고\nkim01,10.1.2.3,인쇄,x", []string{"user.id", "kim01", "weir.privacy.action", "인쇄", "weir.data.비고", "x"}},
		{"a row that is longer than the order", "t,kim01,10.1.2.3,C-1,view,1,crm,why,ok,more", []string{"weir.data.column10", "more"}},
		{"the names alone", "접속일시,접속자,접속지,수행업무", []string{"privacy_access.header", "true", "user.id", ""}},
		{"the dataset's name before it", "privacy_access: user=kim01 action=view", []string{"user.id", "kim01"}},
		{"a host in the place of an address", `{"user":"kim01","ip":"pc-7.example"}`, []string{"source.domain", "pc-7.example", "source.ip", ""}},
		{"nothing said", `{"user":"-","ip":"","reason":null,"action":"N/A"}`, []string{"user.id", "", "weir.privacy.reason", "", "weir.privacy.action", ""}},
		{"the first of two counts", `{"user":"kim01","account":"lee"}`, []string{"user.id", "kim01", "weir.data.account", "lee"}},
		{"a count that is none", `{"user":"kim01","count":"many"}`, []string{"weir.privacy.subject.count", "", "weir.data.count", "many"}},
		{"a failed try", `{"user":"kim01","result":"거부"}`, []string{"event.outcome", "failure"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Access(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			is(t, &e, tt.want...)
		})
	}
}

func TestAccess_Failure(t *testing.T) {
	tests := []struct{ name, msg, want string }{
		{"empty", "  ", errEmpty.Error()},
		{"no JSON", `{"user":`, "reading JSON: "},
		{"prose", "hello", errFew.Error()},
		{"rows below rows", "접속자,접속지,수행업무\na,b,c\nd,e,f", errRows.Error()},
		{"rows without names", "a,b,c\nd,e,f", errRows.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Access(&e, tt.msg); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %s", err, tt.want)
			}
		})
	}
}

func TestCompleteAccess(t *testing.T) {
	whole := func(e *event.Event) {
		e.SetStr(event.UserID, "kim01")
		e.Set(event.Timestamp, event.At(time.Unix(1, 0)))
		e.SetStr(event.SourceIP, "10.1.2.3")
		e.Set(event.WeirPrivacySubjectID, event.Strs("a", "b"))
		e.SetStr(event.WeirPrivacyAction, "view")
	}
	tests := []struct {
		name string
		with func(*event.Event)
		want []string
		err  string
	}{
		{"whole", func(*event.Event) {}, []string{"weir.privacy.subject.count", "2", "event.category", "database", "event.type", "access", "event.action", "personal-data-view", "event.outcome", "unknown", "tags", ""}, ""},
		{"a phrase", func(e *event.Event) { e.SetStr(event.WeirPrivacyAction, "고객 엑셀 다운로드") }, []string{"weir.privacy.action", "download", "weir.data.task", "고객 엑셀 다운로드"}, ""},
		{"a change", func(e *event.Event) { e.SetStr(event.WeirPrivacyAction, "UPDATE") }, []string{"weir.privacy.action", "change", "event.type", "change"}, ""},
		{"an unknown task", func(e *event.Event) { e.SetStr(event.WeirPrivacyAction, "Reconcile") }, []string{"weir.privacy.action", "Reconcile", "event.action", "reconcile"}, ""},
		{"a count is a subject", func(e *event.Event) {
			e.Delete(event.WeirPrivacySubjectID)
			e.SetInt(event.WeirPrivacySubjectCount, 9)
		}, []string{"weir.privacy.missing", ""}, ""},
		{"without a person", func(e *event.Event) { e.Delete(event.UserID) }, []string{"weir.privacy.missing", "identifier", "tags", incomplete}, "the record lacks: identifier"},
		{"without anything", func(e *event.Event) { e.Reset() }, []string{"weir.privacy.missing", "identifier|time|place|subject|action"}, "the record lacks: identifier, time, place, subject, action"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			whole(&e)
			tt.with(&e)
			err := CompleteAccess(&e, "")
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("the error is %v, want %q", err, tt.err)
			}
			is(t, &e, tt.want...)
		})
	}
}

func TestCount(t *testing.T) {
	for v, want := range map[string]int64{"3": 3, "1,200": 1200, "1200건": 1200, "3 명": 3, "0": 0, "-1": -1, "x": -1, "": -1} {
		n, ok := count(v)
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("count(%q) is %d %v, want %d", v, n, ok, want)
		}
	}
}

// FuzzAccess holds that a record gives text of UTF-8 and a document that can be read back, that the names of columns alone
// set nothing else, and that what is called missing is not there.
func FuzzAccess(f *testing.F) {
	f.Add(`{"user":{"id":"kim01"},"subject":["a"]}`)
	f.Add(`time=2026-11-20 09:15:02 user=kim01 reason="x`)
	f.Add("접속자,접속지,수행업무\nkim01,10.1.2.3,인쇄")
	f.Add("privacy_access,a,b,c")
	f.Fuzz(func(t *testing.T, msg string) {
		if !utf8.ValidString(msg) {
			return
		}
		for _, read := range []func(*event.Event, string) error{Access, Rights, Import} {
			var e, back event.Event
			if read(&e, msg) == nil && e.GetPath("privacy_access.header").Bool() && e.Has(event.UserID) {
				t.Fatal("names of columns and a user")
			}
			missing := CompleteAccess(&e, "") != nil
			if missing != e.Has(event.WeirPrivacyMissing) {
				t.Fatal("the error and the field differ")
			}
			_ = CompleteRights(&e, "")
			doc := e.AppendJSON(nil)
			if !utf8.Valid(doc) || back.Decode(doc) != nil {
				t.Fatalf("no document: %q", doc)
			}
		}
	})
}

func BenchmarkAccess(b *testing.B) {
	for _, bm := range []struct{ name, msg string }{
		{"json", `{"record":"privacy_access","time":"2026-11-20T09:15:02Z","user_id":"kim01","ip":"10.1.2.3","subject":["C-1","C-2"],"action":"view","reason":"claim"}`},
		{"pairs", `time="2026-11-20 09:15:02" user=kim01 ip=10.1.2.3 subject=C-1 action=조회 reason="민원 처리"`},
		{"row", `2026-11-20 09:15:02,kim01,10.1.2.3,C-1,조회,1,crm,민원,성공`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			var e event.Event
			for b.Loop() {
				e.Reset()
				if err := Access(&e, bm.msg); err != nil {
					b.Fatal(err)
				}
				_ = CompleteAccess(&e, "")
			}
		})
	}
}
