package privacy

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

func TestNamesTable(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(namesTable)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		if !slices.Contains(kindWords[:], row[0]) || !slices.Contains(itemWords[:], row[1]) {
			t.Errorf("%s,%s: no such record or item", row[0], row[1])
		}
		for name := range strings.FieldsSeq(row[2]) {
			if plain(name) != name {
				t.Errorf("%s is not plain: it would never be found", name)
			}
			if seen[row[0]+name] {
				t.Errorf("%s means two things in %s", name, row[0])
			}
			seen[row[0]+name] = true
		}
	}
}

func TestPlain(t *testing.T) {
	for name, want := range map[string]string{"User ID": "userid", "user_id": "userid", "접속 일시": "접속일시", "@timestamp": "timestamp", "user.id": "userid", "IP주소(단말)": "ip주소단말", "": ""} {
		if got := plain(name); got != want {
			t.Errorf("plain(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestAction(t *testing.T) {
	tests := []struct {
		kind       Kind
		text, want string
	}{
		{AccessRecord, "조회", "view"}, {AccessRecord, "상세 조회", "view"}, {AccessRecord, "목록조회", "search"}, {AccessRecord, "Excel Download", "download"},
		{AccessRecord, "search and download", "download"}, {AccessRecord, "고객정보 수정", "change"}, {AccessRecord, "파기", "delete"}, {AccessRecord, "출력", "print"},
		{AccessRecord, "READ", "view"}, {AccessRecord, "signet", ""}, {AccessRecord, "", ""}, {AccessRecord, "…", ""},
		{RightsRecord, "부여", "grant"}, {RightsRecord, "권한 회수", "remove"}, {RightsRecord, "Revoked", "remove"}, {RightsRecord, "역할 변경", "change"}, {RightsRecord, "보유", "held"}, {RightsRecord, "padded", ""},
	}
	for _, tt := range tests {
		if got := tt.kind.action(tt.text); got != tt.want {
			t.Errorf("%q means %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestItem(t *testing.T) {
	for name, want := range map[string]string{"사용자 ID": "targetid", "권한": "right", "Approved By": "approver", "비고": "", "": ""} {
		if got, ok := RightsRecord.Item(name); got != want || ok != (want != "") {
			t.Errorf("%q means %q, want %q", name, got, want)
		}
	}
}
