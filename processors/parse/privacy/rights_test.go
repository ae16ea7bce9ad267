package privacy

import (
	"testing"
	"time"

	"weir/event"
)

func TestRights_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      []string
	}{
		{"JSON", `{"time":"2026-11-20T09:15:02Z","actor":"admin7","action":"grant","target":{"user":{"id":"kim01"}},"system":"crm","roles":["a","b"],"approvedBy":"lee","until":"2027-01-01","ticket":"T-1"}`,
			[]string{"user.id", "admin7", "user.target.id", "kim01", "user.target.name", "kim01", "weir.rights.system", "crm", "weir.rights.right", "a|b", "weir.rights.approved_by", "lee", "access_rights.until", "2027-01-01", "weir.data.ticket", "T-1", "weir.rights.action", "grant"}},
		{"names in Korean", `변경일시="2026-11-20 09:15" 처리자=admin7 대상자=kim01 성명=김철수 부서=영업1팀 변경전권한=조회 변경후권한=조회;출력 승인자=lee 승인일자=2026-11-19 사유=업무 변경`,
			[]string{"access_rights.time", "2026-11-20 09:15", "user.target.id", "kim01", "user.target.full_name", "김철수", "user.target.group.name", "영업1팀", "weir.rights.old", "조회", "weir.rights.new", "조회|출력", "access_rights.approved", "2026-11-19", "weir.rights.reason", "업무 변경"}},
		{"a row", `2026-11-20,admin7,remove,kim01,crm,export,,,lee,left`, []string{"weir.rights.action", "remove", "weir.rights.right", "export", "weir.rights.reason", "left"}},
		{"a user is whose right it is", `{"actor":"admin7","user":"lee","right":"x"}`, []string{"user.id", "admin7", "user.target.id", "lee"}},
		{"a user beside a target gave it", `{"user":{"id":"admin7","target":{"id":"lee"}},"right":"x"}`, []string{"user.id", "admin7", "user.target.id", "lee"}},
		{"a user beside both", `{"actor":"admin7","user":"x1","target":"lee","right":"x"}`, []string{"user.id", "admin7", "user.target.id", "lee", "weir.data.user", "x1"}},
		{"the names alone", "처리일시,처리자,대상자,권한", []string{"access_rights.header", "true"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Rights(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			is(t, &e, tt.want...)
		})
	}
}

func TestCompleteRights(t *testing.T) {
	tests := []struct {
		name, msg string
		want      []string
		err       string
	}{
		{"a grant", `{"actor":"a","action":"권한부여","target":"k","system":"crm","right":"x"}`,
			[]string{"weir.rights.action", "grant", "event.action", "access-right-granted", "user.target.roles", "x", "event.type", "user|change", "event.outcome", "success", "weir.data.change", "권한부여"}, ""},
		{"found from what is after", `{"actor":"a","target":"k","system":"crm","new":"x"}`, []string{"weir.rights.action", "grant", "user.target.roles", "x"}, ""},
		{"found from what was before", `{"actor":"a","target":"k","system":"crm","old":"x"}`, []string{"weir.rights.action", "remove", "user.target.roles", ""}, ""},
		{"found from both", `{"actor":"a","target":"k","system":"crm","old":"x","new":"y;z"}`, []string{"weir.rights.action", "change", "user.target.roles", "y|z", "event.action", "access-right-changed"}, ""},
		{"a list of who holds what", `{"action":"held","target":"k","system":"crm","right":"x"}`, []string{"event.action", "access-right-held", "event.type", "user|info"}, ""},
		{"an unknown word", `{"actor":"a","action":"Reviewed","target":"k","system":"crm","right":"x"}`, []string{"weir.rights.action", "Reviewed", "event.action", "reviewed"}, ""},
		{"a refused one", `{"actor":"a","action":"grant","target":"k","system":"crm","right":"x","result":"반려"}`, []string{"event.outcome", "failure"}, ""},
		{"nothing", `{}`, []string{"weir.rights.missing", "actor|target|system|right|action", "tags", incomplete}, "the record lacks: actor, target, system, right, action"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			e.Set(event.Timestamp, event.At(time.Unix(1, 0)))
			if err := Rights(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			err := CompleteRights(&e, "")
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("the error is %v, want %q", err, tt.err)
			}
			is(t, &e, tt.want...)
		})
	}
}

func TestImport(t *testing.T) {
	var e event.Event
	err := Import(&e, `{"import":{"by":"kim","file":"r.csv","sha256":"ab","line":7,"time":"2026-11-20T00:00:00Z","snapshot":true},"row":{"사용자":"lee","권한":"a;b","by":"mallory"}}`)
	if err != nil {
		t.Fatal(err)
	}
	is(t, &e, "weir.import.by", "kim", "weir.import.file", "r.csv", "weir.import.sha256", "ab", "weir.import.line", "7", "weir.rights.action", "held", "user.target.id", "lee", "weir.rights.right", "a|b", "access_rights.time", "2026-11-20T00:00:00Z", "user.id", "mallory")
	if Import(&e, "{") == nil {
		t.Error("half an object is no row")
	}
}
