package asset

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

// TestLoad_Same: both forms give the same devices.
func TestLoad_Same(t *testing.T) {
	a, b := load(t, "inventory.csv", goodCSV), load(t, "inventory.yaml", goodYAML)
	if len(a.Devices()) != 5 || len(b.Devices()) != 5 {
		t.Fatalf("%d and %d devices", len(a.Devices()), len(b.Devices()))
	}
	for i := range a.Devices() {
		if x, y := show(a.Devices()[i]), show(b.Devices()[i]); x != y {
			t.Errorf("CSV  %s\nYAML %s", x, y)
		}
	}
	if got, want := show(a.Devices()[0]), "fw1[192.0.2.1/32 2001:db8::1/128]|seoul|firewalls||Kim, Min-su|critical|Asia/Seoul|true false|network"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestLoad_Mistakes has every mistake with its place.
func TestLoad_Mistakes(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"unknown column", "i.csv", "name,adress\nfw1,x\n", `i.csv:1:6: unknown column "adress"`},
		{"column twice", "i.csv", "name,site,site\n", "i.csv:1:11: the column site is there twice"},
		{"no name column", "i.csv", "site\nseoul\n", "i.csv:1:1: there is no column name;i.csv:2:1: a device has no name"},
		{"no name", "i.csv", "name,site\n,seoul\n", "i.csv:2:1: a device has no name"},
		{"bad address", "i.csv", "name,addresses\nfw1,192.0.2.1 192.0.2.300\n", `i.csv:2:5: "192.0.2.300" is not an address or a network`},
		{"hardware address", "i.csv", "name,mac\na,00:00:5e\n", `i.csv:2:3: "00:00:5e" is not a hardware address`},
		{"hardware address twice", "i.csv", "name,mac\na,00:00:5e:00:53:23\nb,0000.5e00.5323\n", "i.csv:3:3: b has a hardware address that a has already"},
		{"dataset", "i.csv", "name,dataset\na,asa\n", `i.csv:2:3: "asa" is no dataset`},
		{"class", "i.csv", "name,class\na,../up\n", `i.csv:2:3: "../up" is no name of a class`},
		{"date", "i.csv", "name,valid_from\na,May\n", `i.csv:2:3: "May" is no date`},
		{"ends before it begins", "i.csv", "name,valid_from,valid_to\na,2024-05-01,2024-04-01\n", "i.csv:2:14: it ends before it begins"},
		{"address twice at a time", "i.csv", "name,addresses,valid_to\na,192.0.2.1,2024-05-01\nb,192.0.2.1,\n", "i.csv:3:3: b has the address 192.0.2.1, which a has already"},
		{"address twice", "i.csv", "name,addresses\na,192.0.2.1\nb,192.0.2.1\n", "i.csv:3:3: b has the address 192.0.2.1, which a has already"},
		{"network twice", "i.csv", "name,addresses\na,192.0.2.0/24\nb,192.0.2.9/24\n", "i.csv:3:3: b has the address 192.0.2.0/24, which a has already"},
		{"name twice", "i.csv", "name\na\nA\n", "i.csv:3:1: two devices are called A"},
		{"zone", "i.csv", "name,time_zone\na,Seoul\n", `i.csv:2:3: unknown time zone "Seoul"`},
		{"criticality", "i.csv", "name,criticality\na,very\n", `i.csv:2:3: unknown criticality "very"`},
		{"presence", "i.csv", "name,presence\na,always\n", `i.csv:2:3: unknown presence "always"`},
		{"too many values", "i.csv", "name,site\na,b,c\n", "i.csv:2:5: the line has 3 values for 2 columns"},
		{"quote", "i.csv", "name,site\na,\"b\n", `i.csv:2:6: the line is not CSV: extraneous or missing " in quoted-field`},
		{"all at once", "i.csv", "name,time_zone,presence\na,X,Y\nb,Z,\n", `i.csv:2:3: unknown time zone "X";i.csv:2:5: unknown presence "y";i.csv:3:3: unknown time zone "Z"`},
		{"unknown key", "i.yaml", "- name: a\n  adress: x\n", `i.yaml:2:3: unknown column "adress"`},
		{"no list", "i.yaml", "name: a\n", "i.yaml:1:1: the inventory is not a list of devices"},
		{"no object", "i.yaml", "- a\n", "i.yaml:1:3: a device is not an object"},
		{"no name in YAML", "i.yaml", "- site: a\n", "i.yaml:1:3: a device has no name"},
		{"bad address in YAML", "i.yaml", "- name: a\n  addresses: [1.1.1.1, nope]\n", `i.yaml:2:14: "nope" is not an address or a network`},
		{"object for a value", "i.yaml", "- name: a\n  site: {b: c}\n", "i.yaml:2:10: the value is not a text or a list of texts"},
		{"not YAML", "i.yaml", "- name: [a\n", "i.yaml: the file is not YAML: "},
		{"other file", "i.txt", "x", "i.txt: the inventory is a .txt file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, c.file, c.text)
			_, err := Load(path)
			var list fault.List
			if !errors.As(err, &list) {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, f := range list {
				got = append(got, strings.TrimPrefix(f.Error(), filepath.Dir(path)+string(filepath.Separator)))
				if f.Do == "" || f.Code == "" || f.Exit != fault.ExitUsage {
					t.Errorf("%s: incomplete fault %+v", f.What, f)
				}
			}
			if all := strings.Join(got, ";"); all != c.want && (c.name != "not YAML" || !strings.HasPrefix(all, c.want)) {
				t.Errorf("got  %s\nwant %s", all, c.want)
			}
		})
	}
}

// TestFault_Mark: the caret stands under the value, counted in characters.
func TestFault_Mark(t *testing.T) {
	_, err := Load(write(t, "i.csv", "name,time_zone\n서버,Seoul\n"))
	var list fault.List
	if !errors.As(err, &list) || list[0].Text != "서버,Seoul" || list[0].Mark != 4 || list[0].Width != 5 {
		t.Errorf("got %+v", list)
	}
}

// FuzzLoad: any file gives an inventory whose devices are found by their addresses and names, or faults with places.
func FuzzLoad(f *testing.F) {
	f.Add(goodCSV, false)
	f.Add(goodYAML, true)
	f.Add("name\n\"a\n", false)
	f.Add("- {name: a, addresses: [::1/0, 1.1.1.1]}", true)
	f.Add("- name: &a x\n- name: *a", true)
	f.Fuzz(func(t *testing.T, text string, yaml bool) {
		path := "i.csv"
		if yaml {
			path = "i.yaml"
		}
		inv, err := read(path, []byte(text))
		if err != nil {
			var list fault.List
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, d := range inv.Devices() {
			if inv.ByName(d.Name, d.from) != d {
				t.Fatalf("%q: %s is not found", text, d.Name)
			}
			for _, p := range d.Addresses {
				if p.IsSingleIP() && inv.Lookup(p.Addr(), d.from) != d || inv.Lookup(p.Addr(), d.from) == nil {
					t.Fatalf("%q: %s is not found", text, p)
				}
			}
		}
	})
}
