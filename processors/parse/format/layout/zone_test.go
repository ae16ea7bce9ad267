package layout

import "testing"

func TestReadOffset(t *testing.T) {
	for _, c := range []struct {
		text      string
		offset, n int
	}{
		{"+0900", 32400, 5}, {"-03:30", -12600, 6}, {"+9", 32400, 2}, {"+530", 19800, 4}, {"+09 x", 32400, 3},
		{"+", 0, -1}, {"0900", 0, -1}, {"+99", 0, -1}, {"+0960", 0, -1}, {"+12345", 0, -1}, {"+09:x", 0, -1},
	} {
		if offset, n := readOffset(c.text); n != c.n || n > 0 && offset != c.offset {
			t.Errorf("%s: %d, %d; want %d, %d", c.text, offset, n, c.offset, c.n)
		}
	}
}

func TestLocationIsAskedOnce(t *testing.T) {
	first := location("Asia/Seoul")
	if again := location("Asia/Seoul"); first == nil || again != first {
		t.Error("Asia/Seoul is loaded anew each time")
	}
	if location("No/Such") != nil || location("Local") != nil || location("") != nil {
		t.Error("a zone that does not exist")
	}
	locations.RLock()
	defer locations.RUnlock()
	if loc, known := locations.byName["No/Such"]; !known || loc != nil {
		t.Error("a name without a zone is looked for again")
	}
}

func TestReadZone(t *testing.T) {
	for _, c := range []struct {
		name, text string
		offset     int
		place      string // of the database
		n          int
	}{
		{"letter", "Z", 0, "", 1},
		{"small letter", "z", 0, "", 1},
		{"offset", "+0530 x", 19800, "", 5},
		{"minus", "-08", -28800, "", 3},
		{"name", "UTC", 0, "", 3},
		{"name of summer", "CEST)", 7200, "", 4},
		{"small name", "pst", -28800, "", 3},
		{"name and offset", "GMT+3", 10800, "", 5},
		{"name with a minus behind it", "UTC-x", 0, "", 3},
		{"place", "Europe/Berlin", 0, "Europe/Berlin", 13},
		{"place of three names", "America/Indiana/Knox x", 0, "America/Indiana/Knox", 20},
		{"place with digits", "Etc/GMT+9", 0, "Etc/GMT+9", 9},
		{"no zone", "Foo/Bar", 0, "", -1},
		{"no name", "12", 0, "", -1},
		{"nothing", "", 0, "", -1},
		{"a path", "../../etc", 0, "", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f fields
			n := readZone(c.text, &f)
			if n != c.n {
				t.Fatalf("%q: length %d, want %d", c.text, n, c.n)
			}
			if f.hasZone != (n > 0) {
				t.Errorf("%q has a zone: %v", c.text, f.hasZone)
			}
			place := ""
			if f.loc != nil {
				place = f.loc.String()
			}
			if f.offset != c.offset || place != c.place {
				t.Errorf("%q: %d %s, want %d %s", c.text, f.offset, place, c.offset, c.place)
			}
		})
	}
}
