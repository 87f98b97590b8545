package storage

import (
	"os"

	"golang.org/x/sys/unix"
)

// SessionDir is where the folder of a session in memory belongs: in memory too,
// where there is room for a large district, else among temporary files, sealed
// like any other.
func SessionDir() string {
	const memory, room = "/dev/shm", 1 << 30
	var fs unix.Statfs_t
	err := unix.Statfs(memory, &fs)
	if err != nil || fs.Type != unix.TMPFS_MAGIC || fs.Bavail*uint64(fs.Bsize) < room || unix.Access(memory, unix.W_OK) != nil {
		return os.TempDir()
	}
	return memory
}
