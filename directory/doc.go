// Package directory holds what the clouds say: accounts, the people they
// merge into, organizational units, Chromebooks, and how two versions of a
// record differ. It knows no cloud's wire format, no file and no window;
// everything in it is a value or a pure function, safe for concurrent use.
//
// Unknown is the zero value everywhere: an empty string, a zero time, a nil
// slice. Times are UTC. Addresses keep the spelling of their cloud; they are
// compared with [FoldAddress].
package directory
