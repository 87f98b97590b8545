package storage_test

import (
	"panel/storage"
	"panel/sync/engine"
)

// What the engine asks for is what is here.
var (
	_ engine.Store = (*storage.Inventory)(nil)
	_ engine.Notes = (*storage.Ledger)(nil)
)
