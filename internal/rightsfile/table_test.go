package rightsfile

import (
	"fmt"
	"testing"
)

func TestReadTable(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // text@line:column+width of all cells
	}{
		{"plain", "a,b\n1,2\n", "[a@1:1+1 b@1:3+1][1@2:1+1 2@2:3+1]"},
		{"no line end", "a,b\n1,2", "[a@1:1+1 b@1:3+1][1@2:1+1 2@2:3+1]"},
		{"Windows line ends", "a,b\r\n1,2\r\n", "[a@1:1+1 b@1:3+1][1@2:1+1 2@2:3+1]"},
		{"quotes", "a\n\"x, \"\"y\"\"\"\n", "[a@1:1+1][x, \"y\"@2:1+10]"},
		{"a line end in quotes", "a,b\n\"x\ny\",2\n3,4\n", "[a@1:1+1 b@1:3+1][x\ny@2:1+2 2@2:7+1][3@4:1+1 4@4:3+1]"},
		{"empty cells", "a,b\n,\n", "[a@1:1+1 b@1:3+1][@2:1+0 @2:2+0]"},
		{"a cell after the last separator", "a,b\n1,", "[a@1:1+1 b@1:3+1][1@2:1+1 @2:3+0]"},
		{"tabs and semicolons", "a;b\tc\td\n1;1\t2\t3\n", "[a;b@1:1+3 c@1:5+1 d@1:7+1][1;1@2:1+3 2@2:5+1 3@2:7+1]"},
		{"empty lines", "\n\na\n\n1\n", "[a@3:1+1][1@5:1+1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, faults := readTable("x", tt.text)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			got := ""
			for _, row := range append([][]cell{table.head}, table.rows...) {
				got += "["
				for i, c := range row {
					if i > 0 {
						got += " "
					}
					got += fmt.Sprintf("%s@%d:%d+%d", c.text, c.line, c.column, c.width)
				}
				got += "]"
			}
			if got != tt.want {
				t.Errorf("the cells are %q\nwant %q", got, tt.want)
			}
		})
	}
}
