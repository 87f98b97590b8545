// Package ui is the window. It shows a [State] and turns what the technician
// wants into calls of the [Backend]; it decides nothing else.
//
// Everything in it runs on Fyne's goroutine except what async.go starts: the
// follower that makes each State, and the acts of the Backend that may take
// long. A State is immutable and showing one twice changes nothing, so a slow
// window skips states and nobody waits for it.
package ui
