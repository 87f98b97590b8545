package ledger

import (
	"fmt"
	"testing"
)

func BenchmarkBookPut100k(b *testing.B) {
	all := make([]Standing, 100_000)
	for i := range all {
		all[i] = Standing{Asset: Asset{Kind: Chromebook, ID: fmt.Sprintf("%08x-aaaa-4a33-9f2e-%012x", i*2654435761, i)}, Status: Out,
			Holder: Holder{GoogleID: fmt.Sprintf("1%020d", i), MicrosoftID: fmt.Sprintf("6ea91a8d-e32e-41a1-b7bd-%012d", i)}}
	}
	b.ReportAllocs()
	for b.Loop() {
		var book Book
		book.Grow(len(all))
		for i := range all {
			book.Put(&all[i])
		}
	}
}
