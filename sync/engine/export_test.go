package engine

// SetBatch makes batches of n records until undo is called.
func SetBatch(n int) (undo func()) {
	old := batchMost
	batchMost = n
	return func() { batchMost = old }
}
