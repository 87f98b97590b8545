package main

import (
	"os"
	"syscall"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// look takes in events for the window while a scanner types. GLFW ends its polling
// for events under X11 with a flush that reads more of them, and handles those in
// its next polling, before which it does not read: in a stream of keys each is told
// one of Fyne's looks, 17 ms, late, and the Enter of a code too (XFlush, XPending,
// and _glfwPlatformPollEvents in x11_window.c of GLFW 3.3).
var look = func() {
	// Once Fyne has ended, and GLFW with it, Fyne calls on any thread what is meant
	// for its own, which is the first.
	if syscall.Gettid() == os.Getpid() {
		glfw.PollEvents()
	}
}
