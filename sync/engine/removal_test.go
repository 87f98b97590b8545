package engine

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestExceeded(t *testing.T) {
	own := Settings{HoldFloor: 2, HoldShare: 0.5, HoldMost: 10}
	for _, test := range []struct {
		s         Settings
		n, stored int
		want      bool
	}{
		{Settings{}, 20, 20, false}, {Settings{}, 21, 21, true}, {Settings{}, 21, 400, true},
		{Settings{}, 21, 420, false}, {Settings{}, 50, 1000, false}, {Settings{}, 51, 1000, true},
		{Settings{}, 500, 500_000, false}, {Settings{}, 501, 500_000, true},
		{own, 2, 2, false}, {own, 3, 5, true}, {own, 3, 6, false}, {own, 10, 100, false}, {own, 11, 100, true},
	} {
		if got := test.s.exceeded(test.n, test.stored); got != test.want {
			t.Errorf("%+v: %d of %d: %v", test.s, test.n, test.stored, got)
		}
	}
}

func TestSets(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) []string {
		return sorted(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}), 0, 6).Draw(t, "ids"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		for _, op := range []struct {
			name string
			got  []string
			want func(inA, inB bool) bool
		}{
			{"both", both(a, b), func(x, y bool) bool { return x && y }},
			{"minus", minus(a, b), func(x, y bool) bool { return x && !y }},
			{"union", union(a, b), func(x, y bool) bool { return x || y }},
		} {
			var want []string
			for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
				if op.want(slices.Contains(a, id), slices.Contains(b, id)) {
					want = append(want, id)
				}
			}
			if !slices.Equal(op.got, want) {
				t.Errorf("%s of %v and %v: %v", op.name, a, b, op.got)
			}
		}
	})
}
