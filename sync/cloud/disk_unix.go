//go:build !windows

package cloud

import "syscall"

// What the system calls a disk without room, and one that is not to be written
// to.
var (
	diskFull     = []error{syscall.ENOSPC, syscall.EDQUOT}
	diskReadOnly = []error{syscall.EROFS}
)
