package layout

import "testing"

// Each letter reads into its field.
func TestLetters(t *testing.T) {
	for _, c := range []struct {
		layout, text string
		want         fields
	}{
		{"yyyy", "2024", fields{year: 2024, hasYear: true}},
		{"uuuu", "2024", fields{year: 2024, hasYear: true}},
		{"yy", "24", fields{year: 2024, hasYear: true}},
		{"M", "5", fields{month: 5}},
		{"MM", "05", fields{month: 5}},
		{"MMM", "May", fields{month: 5}},
		{"MMMM", "September", fields{month: 9}},
		{"LLL", "Oct", fields{month: 10}},
		{"d", "7", fields{day: 7}},
		{"d", " 7", fields{day: 7}},
		{"dd", "07", fields{day: 7}},
		{"D", "122", fields{yearDay: 122}},
		{"H", "9", fields{hour: 9}},
		{"HH", "09", fields{hour: 9}},
		{"kk", "24", fields{hour: 0}},
		{"hh a", "09 PM", fields{hour: 9, half: 'p'}},
		{"h a", "12 am", fields{hour: 12, half: 'a'}},
		{"m", "3", fields{minute: 3}},
		{"ss", "59", fields{second: 59}},
		{"S", "5", fields{nano: 500_000_000}},
		{"SSS", "050", fields{nano: 50_000_000}},
		{"SSSSSSSSS", "000000001", fields{nano: 1}},
		{"EEE", "Wed", fields{}},
		{"EEEE", "Mittwoch", fields{}},
		{"EEE", "Sat.", fields{}},
		{"Z", "+0900", fields{offset: 32400, hasZone: true}},
		{"X", "Z", fields{hasZone: true}},
		{"XXX", "-03:30", fields{offset: -12600, hasZone: true}},
		{"z", "KST", fields{offset: 32400, hasZone: true}},
		{"O", "GMT+2", fields{offset: 7200, hasZone: true}},
	} {
		ops, err := compile(c.layout)
		if err != nil {
			t.Errorf("%s: %v", c.layout, err)
			continue
		}
		var f fields
		if !ops.read(c.text, &f) {
			t.Errorf("%s does not read %q", c.layout, c.text)
			continue
		}
		if f != c.want {
			t.Errorf("%s of %q: %+v, want %+v", c.layout, c.text, f, c.want)
		}
	}
}

// What stands between letters must be there, blanks in any number.
func TestLiteral(t *testing.T) {
	for _, c := range []struct {
		text, literal string
		n             int
	}{
		{"T10", "T", 1},
		{"t10", "T", -1},
		{" x", " ", 1},
		{"   x", " ", 3},
		{"\tx", " ", 1},
		{"x", " ", -1},
		{" at  noon", " at ", 5},
		{" at", "  at", 3},
		{",5", ".", 1},
		{".5", ",", 1},
		{",5", ";", -1},
		{"", "x", -1},
	} {
		if n := literal(c.text, c.literal); n != c.n {
			t.Errorf("%q at the start of %q: %d, want %d", c.literal, c.text, n, c.n)
		}
	}
}

func TestMonth(t *testing.T) {
	for _, c := range []struct {
		text   string
		number int
		n      int
	}{
		{"Jan", 1, 3},
		{"FEBRUARY 1", 2, 8},
		{"mar-", 3, 3},
		{"Sept 1", 9, 4},
		{"September", 9, 9},
		{"Junk", 6, 3},
		{"Dec", 12, 3},
		{"Mai", -1, -1},
		{"Ja", -1, -1},
		{"", -1, -1},
	} {
		number, n := month(c.text)
		if number != c.number || n != c.n {
			t.Errorf("%q: month %d of %d letters, want %d of %d", c.text, number, n, c.number, c.n)
		}
	}
}

// Numbers side by side are cut where the letters say, others where the digits end.
func TestNumbersSideBySide(t *testing.T) {
	for _, c := range []struct {
		layout, text string
		ok           bool
	}{
		{"HHmm", "0930", true},
		{"HHmm", "930", false},
		{"H:m", "9:3", true},
		{"H:m", "09:03", true},
		{"yyyyMMdd", "20240501", true},
		{"yyyyMMdd", "2024051", false},
		{"ss.SSS", "01.123456", true},
		{"ssSSS", "01123", true},
		{"yyyy", "20245", false},
		{"dd", "32", true}, // which day that is, is not asked here
		{"dd", "x", false},
	} {
		ops, err := compile(c.layout)
		if err != nil {
			t.Fatal(err)
		}
		var f fields
		if ok := ops.read(c.text, &f); ok != c.ok {
			t.Errorf("%s reads %q: %v, want %v", c.layout, c.text, ok, c.ok)
		}
	}
}
