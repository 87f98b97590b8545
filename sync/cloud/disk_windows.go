package cloud

import "syscall"

// What Windows calls a disk without room, and one that is not to be written
// to. Its package syscall has ENOSPC and EROFS too, but no call returns them.
var (
	diskFull     = []error{syscall.Errno(112), syscall.Errno(39), syscall.Errno(1295)} // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
	diskReadOnly = []error{syscall.Errno(19)}                                          // ERROR_WRITE_PROTECT
)
