package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// reviewSystems is a system that holds personal data, and who may review it.
const reviewSystems = `
review: {cycle: monthly, grace_days: 14}
systems:
  - name: crm
    title: {en: Customers, ko: 고객관리시스템}
    owner: lee
    reviewers: [park]
    subjects: 60000
    hours: Mon-Fri 09:00-18:00
    zone: Asia/Seoul
`

// reviewRights are changes of access rights as a spreadsheet has them.
const reviewRights = `일시,처리자,대상자,시스템,권한,구분,사유
2026-10-02T10:00:00+09:00,admin7,kim01,crm,customer.read,부여,새 팀원
2026-10-20T10:00:00+09:00,admin7,choi02,crm,customer.read,회수,퇴사
`

// reviewed is what `weir review show --json` says, as far as it is held to something here.
type reviewed struct {
	Facts struct {
		Systems []struct {
			ID        string
			Downloads []struct{ Event string }
		}
	}
}

// shown is the review of October.
func (w *weir) shown() (r reviewed, text string) {
	w.t.Helper()
	text = w.run("review", "show", "2026-10", "--json")
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		w.t.Fatalf("%v in %s", err, text)
	}
	return r, text
}

// TestReview_EndToEnd: records of a month come in, rights are imported, the review is drafted, written on, explained and
// signed; its report is Korean, and the archive proves what was signed.
func TestReview_EndToEnd(t *testing.T) {
	w := newKeep(t, "WEIR_RETENTION_ZONE=Asia/Seoul")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(w.dir, "privacy"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.dir, "privacy", "systems.yaml"), reviewSystems)
	w.args = []string{"--history"}
	w.start()
	var lines strings.Builder
	for day := 1; day <= 9; day++ {
		fmt.Fprintf(&lines, `<38>1 2026-10-%02dT03:15:02Z crm-1 crm-audit - - - {"record":"privacy_access","time":"2026-10-%02dT12:15:02+09:00","user_id":"kim01","ip":"10.1.2.3","subject":["C-1001","C-1002"],"action":"view","system":"crm"}`+"\n", day, day)
	}
	lines.WriteString(`<38>1 2026-10-07T14:15:02Z crm-1 crm-audit - - - {"record":"privacy_access","time":"2026-10-07T23:15:02+09:00","user_id":"kim01","ip":"10.1.2.3","subject":["C-1001"],"action":"download","system":"crm"}` + "\n")
	sendTo(t, "tcp", w.syslog(), []byte(lines.String()))
	write(t, filepath.Join(dir, "rights.csv"), reviewRights)
	w.run("import", "rights", filepath.Join(dir, "rights.csv"))
	w.waitFor("event.dataset: privacy_access.log and weir.class: kr-pipa-access-2y", 10) // 60,000 subjects
	w.waitFor("event.dataset: access_rights.log and weir.class: kr-pipa-rights-3y", 2)

	pass := filepath.Join(dir, "passphrase")
	write(t, pass, "correct horse battery\n")
	w.run("keys", "add", "park", "--accounts", "park03", "--passphrase", "file:"+pass)
	w.run("review", "open", "--month", "2026-10")
	r, text := w.shown()
	if len(r.Facts.Systems) != 1 || r.Facts.Systems[0].ID != "crm" || len(r.Facts.Systems[0].Downloads) != 1 {
		t.Fatalf("%+v\n%s", r, text)
	}
	says(t, text, `"off-hours"`, "kim01", "choi02")
	event := r.Facts.Systems[0].Downloads[0].Event
	w.run("review", "comment", "2026-10", "--system", "crm", "심야 접속은 월말 정산 업무로 확인함")
	w.run("review", "explain", "2026-10", "--download", event, "--ask", "kim01")
	w.run("review", "explain", "2026-10", "--download", event, "--answer", "세무조사 자료 제출")
	w.run("review", "explain", "2026-10", "--download", event, "--approve")
	write(t, pass+"-wrong", "no\n")
	w.fails(2, "review", "sign", "2026-10", "--key", "park", "--passphrase", "file:"+pass+"-wrong")
	w.run("review", "sign", "2026-10", "--key", "park", "--passphrase", "file:"+pass)
	says(t, w.run("review", "status", "--json"), `"signed"`)
	w.fails(2, "review", "comment", "2026-10", "--system", "crm", "too late")
	for _, action := range []string{"review-open", "review-comment", "review-ask", "review-answer", "review-approve", "review-sign"} {
		w.waitFor("event.dataset: weir.audit and event.action: "+action, 1)
	}

	pdf := filepath.Join(dir, "review.pdf")
	w.run("report", "access-review", "--month", "2026-10", "--lang", "ko", "--format", "pdf", "--out", pdf)
	b, err := os.ReadFile(pdf)
	if err != nil || !bytes.HasPrefix(b, []byte("%PDF-")) {
		t.Fatalf("no PDF: %v", err)
	}
	if reader, err := exec.LookPath("pdftotext"); err == nil { // where there is one the letters are held to something too
		out, err := exec.CommandContext(t.Context(), reader, pdf, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		says(t, string(out), "고객관리시스템", "심야 접속은", "세무조사", "park")
	}
	w.stop()
	entries, err := filepath.Glob(filepath.Join(w.archiveDir(), "log", "tile", "entries", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := false
	for _, name := range entries {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sealed = sealed || bytes.Contains(b, []byte(`"kind":"review"`)) && bytes.Contains(b, []byte("reviews/2026-10.json"))
	}
	if !sealed {
		t.Errorf("no entry of the log has the review: %q", entries)
	}
	w.bothVerify(w.archiveDir())
	w.run("review", "show", "2026-10") // exits with 1 where a signature does not hold
	edit(t, filepath.Join(w.archiveDir(), "reviews", "2026-10.json"), "kim01", "kim02")
	w.bothFind(t, w.archiveDir(), "file-changed", "reviews/2026-10.json")
	w.fails(1, "review", "show", "2026-10")
}
