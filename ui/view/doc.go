// Package view makes what Panel shows: rows to search, filter and sort, the
// fields of a detail pane, words for states and failures, and the records of
// exports. The window and the command line use the same. It knows no widget,
// starts no goroutine, and reads no clock: whoever calls it says what time it
// is.
package view
