package event

import "testing"

// What the arena gave must stay where it is and whole, whatever is taken after it.
func TestArena_KeepsWhatItGave(t *testing.T) {
	var a arena
	for range 3 {
		var lists [][]Value
		for i := range 300 {
			list := a.take(i % 40)
			for j := range i % 90 {
				list = a.push(list, Num(int64(i*1000+j)))
			}
			lists = append(lists, list)
		}
		for i, list := range lists {
			if len(list) != i%90 {
				t.Fatalf("list %d has %d items", i, len(list))
			}
			for j, v := range list {
				if v.Int() != int64(i*1000+j) {
					t.Fatalf("list %d, item %d is %d", i, j, v.Int())
				}
			}
		}
		a.release()
	}
	if len(a.blocks) > arenaKeep {
		t.Errorf("%d blocks are kept", len(a.blocks))
	}
}

func TestArena_ReleaseClears(t *testing.T) {
	var a arena
	for range 200 {
		a.copy([]Value{Str("secret"), Str("secret")})
	}
	a.release()
	for _, b := range a.blocks {
		for i := range b {
			if b[i].Kind() != Absent {
				t.Fatal("a value is still there")
			}
		}
	}
}

func TestArena_PushSharedList(t *testing.T) {
	var a arena
	shared := []Value{Num(1), Num(2)}
	one := a.push(shared[:2:2], Num(3))
	two := a.push(shared[:2:2], Num(4))
	if one[2].Int() != 3 || two[2].Int() != 4 {
		t.Errorf("%v, %v", one, two)
	}
	if a.copy(nil) != nil {
		t.Error("a copy of nothing is nothing")
	}
}

// A list that is longer than half a block has memory of its own, so one huge list neither wastes a block nor stays.
func TestArena_LongLists(t *testing.T) {
	var a arena
	long := a.take(arenaBlock)
	if cap(long) < arenaBlock || len(a.blocks) != 0 {
		t.Errorf("room for %d, %d blocks", cap(long), len(a.blocks))
	}
	for range 3 * arenaKeep {
		a.take(arenaBlock / 2)
		a.take(arenaBlock / 2)
	}
	if a.release(); len(a.blocks) != arenaKeep {
		t.Errorf("%d blocks are kept, want %d", len(a.blocks), arenaKeep)
	}
	if got := a.copy(nil); got != nil {
		t.Error("a copy of nothing has memory")
	}
}
