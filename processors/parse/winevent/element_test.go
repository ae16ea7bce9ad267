package winevent

import (
	"slices"
	"testing"

	"weir/event"
)

// Data elements as the tools write them that turn EVTX files into JSON.
func TestRead_DataElements(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"a text":                       {`"Data":"a"`, []string{"Data=a"}},
		"texts":                        {`"Data":["a","b",3]`, []string{"Data=3", "Data=a", "Data=b"}},
		"one with a name":              {`"Data":{"@Name":"Image","#text":"a"}`, []string{"Image=a"}},
		"a name as an attribute":       {`"Data":{"#attributes":{"Name":"User"},"#text":"a"}`, []string{"User=a"}},
		"the name behind the text":     {`"Data":{"#text":"a","#attributes":{"Name":"User"}}`, []string{"User=a"}},
		"a name with blanks":           {`"Data":[{"@Name":"Threat Name","#text":"a"}]`, []string{"ThreatName=a"}},
		"a number":                     {`"Data":[{"@Name":"Pid","#text":7}]`, []string{"Pid=7"}},
		"several texts":                {`"Data":[{"@Name":"X","#text":["a","b"]}]`, []string{"X=a", "X=b"}},
		"a name that comes twice":      {`"Data":[{"@Name":"X","#text":"a"},{"@Name":"X","#text":"b"}]`, []string{"X=a", "X=b"}},
		"no text":                      {`"Data":[{"@Name":"X"},{"@Name":"Y","#text":""},{"@Name":"Z","#text":null}]`, []string{"X=", "Y=", "Z=null"}},
		"more attributes":              {`"Data":{"#attributes":{"Name":"X","Type":"t"},"#text":"a"}`, []string{"X.Type=t", "X=a"}},
		"a member beside the text":     {`"Data":{"@Name":"X","#text":"a","More":{"Deep":"d"}}`, []string{"X.More.Deep=d", "X=a"}},
		"Name and Value":               {`"Data":[{"Name":"X","Value":"a"}]`, []string{"X=a"}},
		"no name":                      {`"Data":{"#text":["a"],"Type":"t"}`, []string{"Data.Type=t", "Data=a"}},
		"named and nameless":           {`"Data":[{"@Name":"X","#text":"a"},"b",{"#text":"c"}]`, []string{"Data=b", "Data=c", "X=a"}},
		"a name that is no text":       {`"Data":{"Name":{"First":"f"},"#text":"a"}`, []string{"Data.Name.First=f", "Data=a"}},
		"a list in a list":             {`"Data":[["a",["b"]],{"@Name":"X","#text":"c"}]`, []string{"Data=a", "Data=b", "X=c"}},
		"objects where Windows has no": {`"Other":{"@Name":"n","#text":"a"}`, []string{"Other.Name=n", "Other=a"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(func(name string) string { return name })
			for range 2 {
				var e event.Event
				if err := r.Read([]byte(`{"Event":{"EventData":{`+c.data+`}}}`), &e); err != nil {
					t.Fatal(err)
				}
				if got := flatten(&e); !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
	for name, data := range map[string]string{
		"cut off":          `"Data":{"@Name":"X","#text":`,
		"no value":         `"Data":{"@Name":"X","#text":}`,
		"cut in the list":  `"Data":[{"@Name":"X"},`,
		"a comma too many": `"Data":[{"@Name":"X",}]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			if err := New(paths).Read([]byte(`{"Event":{"EventData":{`+data), &e); err == nil {
				t.Errorf("read as %q", flatten(&e))
			}
		})
	}
}
