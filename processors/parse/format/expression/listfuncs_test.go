package expression

import (
	"testing"
)

func TestListFunctions(t *testing.T) {
	evals(t, `{"_l":["a","b","a",null,""],"_n":[1,1.5],"_o":{"x":1,"y":[2],"z":null},"_params":[{"name":"ip","value":"10.0.0.1"},{"name":"n","intValue":5},{"name":"ip","value":"x"},{"value":"no name"},{"name":"none"},7],"_empty":[],"_t":"a"}`, [][2]string{
		{`split("a, b,,c", ",")`, `["a","b","c"]`},
		{`split("abc", "")`, `absent`},
		{`split(",", ",")`, `absent`},
		{`split("a", ",")`, `["a"]`},
		{`split(_o, ",")`, `absent`},
		{`join(_l, "-")`, `"a-b-a"`},
		{`join(_t, "-")`, `"a"`},
		{`join(_empty, "-")`, `absent`},
		{`join(["a","b"], "")`, `"ab"`},
		{`join(_n, " ")`, `"1 1.5"`},
		{`len(_l)`, `5`},
		{`len("häß")`, `3`},
		{`len(_o)`, `3`},
		{`len(nil)`, `0`},
		{`len(125)`, `3`},
		{`has(_t)`, `true`},
		{`has(_empty)`, `false`},
		{`has(_l, "b")`, `true`},
		{`has(_l, "z")`, `false`},
		{`has(_o, "y")`, `true`},
		{`has(_t, "a")`, `true`},
		{`has(_o.z)`, `false`},
		{`first(_l)`, `"a"`},
		{`last(_n)`, `float 1.5`},
		{`first(_t)`, `"a"`},
		{`first(_empty)`, `absent`},
		{`unique(_l)`, `["a","b"]`},
		{`unique(["1", 1, 1])`, `["1",1]`},
		{`unique(_empty)`, `absent`},
		{`unique(_t)`, `["a"]`},
		{`concat(_n, _t, _gone, ["x"])`, `[1,1.5,"a","x"]`},
		{`concat(_empty)`, `absent`},
		{`keys(_o)`, `["x","y","z"]`},
		{`values(_o)`, `[1,[2]]`},
		{`keys(_t)`, `absent`},
		{`values(_l)`, `absent`},
		{`object(_params, "name", "value", "intValue")`, `{"ip":"10.0.0.1","n":5}`},
		{`object(_params, "name", ["value"]).ip`, `"10.0.0.1"`},
		{`object(_t, "name", "value")`, `absent`},
		{`object(_empty, "name", "value")`, `absent`},
	})
}
