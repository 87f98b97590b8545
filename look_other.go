//go:build !linux

package main

// look is needed under X11 alone, as far as Panel is used there.
var look func()
